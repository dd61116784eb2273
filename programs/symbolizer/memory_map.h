/// \file
/// The text of /proc/PID/maps as a table of files. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace osmia::symbolizer {

/// One mapped file: all of its mappings together.
struct MappedFile {
    std::string path;        ///< as the kernel says it, " (deleted)" included
    std::uint64_t base = 0;  ///< where its first byte is mapped
    std::uint64_t end = 0;
};

/// Reads \a maps; a line that makes no sense is left out, at most MaxMappedFiles are read.
std::vector<MappedFile> read_maps(std::string_view maps);
inline constexpr std::size_t MaxMappedFiles = 1024;

}  // namespace osmia::symbolizer
