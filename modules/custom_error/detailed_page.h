/// \file
/// The page that tells somebody at this machine what happened and what to try.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace custom_error {

struct Fault {
    unsigned status = 0, substatus = 0;
    std::string_view phrase;
    std::string description;  ///< HTML; what the module that failed wants to say
    std::string more_link;    ///< empty: none
    std::vector<std::pair<std::string_view, std::string>> facts;  ///< empty ones are left out
};

/// A whole HTML document.
std::string detailed_page(const Fault& fault);

/// What a status and substatus mean, and what can be done; empty texts for those that need no words.
struct Advice {
    std::string_view meaning, remedy;
};
Advice advice(unsigned status, unsigned substatus);

}  // namespace custom_error
