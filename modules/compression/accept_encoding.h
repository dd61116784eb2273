/// \file
/// Accept-Encoding (RFC 9110 section 12.5.3): pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace compression {

/// How much a client wants a coding, in thousandths: 0 not at all. "*" speaks for what is not named.
unsigned weight_of(std::string_view accept_encoding, std::string_view coding);

/// The offered coding that the client wants most; of equal ones the first. Empty: none, or the client prefers none.
std::string_view choose(std::string_view accept_encoding, const std::vector<std::string>& offered);

}  // namespace compression
