/// \file
/// Where <httpRedirect> sends a request: pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace http_redirection {

struct Rules {
    std::string destination;
    bool exact = false;
    bool child_only = false;
    std::vector<std::pair<std::string, std::string>> wildcards;  ///< pattern, destination; the first match counts
};

/// What was asked for. \a suffix is the part of the path below the folder that says where to go.
struct Requested {
    std::string_view path, suffix, query;
};

/// The Location, percent-encoded where it comes from the client. Nothing: the request is not redirected.
///
/// In destinations $V is the path, $S the suffix, $Q the query with its '?', $P the query without it, $0 to $9 what the
/// wildcards of the pattern stand for, $$ a dollar. A destination without any of these is followed by suffix and query,
/// unless it is exact.
std::optional<std::string> location(const Rules& rules, const Requested& requested);

}  // namespace http_redirection
