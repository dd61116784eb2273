/// \file
/// Whether a request may pass: pure, so that the order of the checks can be read in one place.
#pragma once

#include <functional>
#include <string_view>

#include "request_filtering/filter_settings.h"

namespace request_filtering {

/// What the filter looks at. Views of the caller's.
struct Request {
    std::string_view method;
    std::string_view path;      ///< decoded once and normalised
    std::string_view raw_path;  ///< as sent, without the query; empty in a child request
    std::string_view query;     ///< as sent
    std::function<std::string_view(const std::string& name)> header;
    std::function<std::string()> raw_headers;  ///< every "name: value" line
};

/// The substatus of the 404 that refuses the request; 0 lets it pass.
unsigned refusal(const FilterSettings& settings, const Request& request);

/// %XX becomes a byte; anything else stays as it is.
std::string unescape(std::string_view text);

}  // namespace request_filtering
