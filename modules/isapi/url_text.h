/// \file
/// URLs as extensions write them, made what the server works with.
#pragma once

#include <windows.h>

#include <optional>
#include <string>
#include <string_view>

namespace isapi {

/// Percent-decoded once, backslashes as slashes, runs of slashes and dots resolved. Nothing for a NUL in it, a way
/// above the root, or more than a path. The query, with its '?', is cut off.
std::optional<std::string> normal_path(std::string_view url);

/// The same with the query as it was behind it.
std::optional<std::string> normal_url(std::string_view url);

/// UTF-8 of a UTF-16 text; "" for null or what is no UTF-16.
std::string to_narrow(const WCHAR* text);

/// A URL or status must stay on its line: what follows a control character would become a header of its own.
bool is_one_line(std::string_view text);

}  // namespace isapi
