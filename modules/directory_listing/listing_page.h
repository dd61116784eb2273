/// \file
/// A listing as a page for people and as JSON for programs: pure.
#pragma once

#include <string>
#include <string_view>

#include "directory_listing/listing.h"

namespace directory_listing {

/// What <directoryBrowse showFlags> shows.
struct Shown {
    bool date, time, size, extension, long_date;
};

/// \a path is the folder's decoded URL path with its last slash.
std::string html_page(const Listing& listing, std::string_view path, const Shown& shown, SortBy by, bool descending);

/// {"path": ..., "entries": [{"name", "type": "file"|"folder", "size", "modified": "2026-01-31T12:00:00Z"}], "truncated": ...}
std::string json_text(const Listing& listing, std::string_view path, const Shown& shown);

}  // namespace directory_listing
