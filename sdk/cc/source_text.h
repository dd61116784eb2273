/// \file
/// Text files as Windows' tools write them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace osmia::cc {

/// The file's bytes; empty when it cannot be read.
std::optional<std::string> read_file(const std::filesystem::path& path);

/// Writes a file; false when that fails.
bool write_file(const std::filesystem::path& path, std::string_view text);

/// Whether the text is UTF-16 with a byte order mark.
bool is_utf16(std::string_view bytes);

/// UTF-16 with a byte order mark becomes UTF-8; anything else stays as it is. Lone surrogates become U+FFFD.
std::string as_utf8(std::string_view bytes);

/// One #include line.
struct Include {
    std::string name;     ///< as written
    bool quoted = false;  ///< "name" rather than <name>
};

/// Every #include with a literal name, also those that a condition or a comment hides. \a text is UTF-8.
std::vector<Include> find_includes(std::string_view text);

}  // namespace osmia::cc
