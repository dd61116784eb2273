/// \file
/// A folder's content, as clients may see it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace directory_listing {

/// More entries are not shown; the page says so.
inline constexpr std::size_t MaxEntries = 10'000;

struct Entry {
    std::string name;
    bool folder = false;
    std::uint64_t size = 0;
    std::int64_t modified = 0;  ///< seconds since 1970
};

struct Listing {
    std::vector<Entry> entries;  ///< folders first, then by name
    bool truncated = false;
};

/// Reads the folder behind an open descriptor, which stays the caller's. Left out: names with a dot in front, what \a is_hidden
/// says, what is neither file nor folder, symbolic links that lead nowhere or outside (openat2, RESOLVE_BENEATH). False: it
/// cannot be read.
bool read_listing(int folder, const std::function<bool(const std::string& name)>& is_hidden, Listing& listing);

enum class SortBy { Name, Size, Modified };
void sort_listing(Listing& listing, SortBy by, bool descending);

}  // namespace directory_listing
