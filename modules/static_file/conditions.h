/// \file
/// Conditional requests (RFC 9110 section 13).
#pragma once

#include <cstdint>
#include <string_view>

namespace static_file {

/// The request's conditions; empty views for absent headers.
struct Conditions {
    std::string_view if_match, if_none_match, if_modified_since, if_unmodified_since, if_range;
};

/// The file as it is.
struct Validators {
    std::string_view etag;  ///< quoted, strong
    std::int64_t modified = 0;
};

/// 200 to go on, 304 or 412 to stop; in the order of RFC 9110 section 13.2.2.
unsigned evaluate(const Conditions& conditions, const Validators& file);

/// Whether a Range header counts: without If-Range, or when it names this very file.
bool range_applies(const Conditions& conditions, const Validators& file);

}  // namespace static_file
