/// \file
/// "Did you mean": the known name that a mistyped one is closest to.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace osmia::config {

/// The candidate that differs from \a name only in case, or by the fewest typing errors (at most a third of its
/// letters, at least one). Empty when none is close. The view points into \a candidates.
std::string_view nearest_name(std::string_view name, std::span<const std::string> candidates);

/// "; did you mean 'X'?" or, when nothing is close and there are at most twelve, "; known here: A, B, C", or nothing.
std::string suggestion(std::string_view name, std::span<const std::string> candidates);

}  // namespace osmia::config
