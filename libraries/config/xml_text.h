/// \file
/// Writing XML.
#pragma once

#include <string>
#include <string_view>

namespace osmia::config {

/// \a text as it may stand between double quotes or as character data. Control characters that XML cannot hold are
/// dropped; line ends and tabs become references, so that they survive reading.
std::string xml_escaped(std::string_view text);

}  // namespace osmia::config
