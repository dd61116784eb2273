/// \file
/// Writing XML.
#pragma once

#include <string>
#include <string_view>

namespace osmia::config {

/// \a text as it may stand between double quotes or as character data. Control characters that XML cannot hold are
/// dropped; line ends and tabs become references, so that they survive reading.
std::string xml_escaped(std::string_view text);

/// Whether XML can hold the text: UTF-8 without control characters (but tabs and line ends), surrogates and U+FFFE, U+FFFF.
bool is_xml_text(std::string_view text);

}  // namespace osmia::config
