#include "config/nearest_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "config/url_mapping.h"

namespace osmia::config {
namespace {

constexpr std::size_t max_listed_names = 12;
constexpr std::size_t max_compared_length = 64;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

/// Typing errors between two texts, ignoring case: a letter too many, missing, wrong, or two exchanged.
std::size_t distance(std::string_view from, std::string_view to) {
    std::vector<std::size_t> before(to.size() + 1);
    std::vector<std::size_t> above(to.size() + 1);
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(above.begin(), above.end(), std::size_t{0});
    for (std::size_t i = 0; i < from.size(); ++i) {
        row[0] = i + 1;
        for (std::size_t j = 0; j < to.size(); ++j) {
            const bool equal = lower(from[i]) == lower(to[j]);
            row[j + 1] = std::min({above[j] + (equal ? 0 : 1), row[j] + 1, above[j + 1] + 1});
            const bool exchanged = i > 0 && j > 0 && lower(from[i]) == lower(to[j - 1]) && lower(from[i - 1]) == lower(to[j]);
            if (exchanged) row[j + 1] = std::min(row[j + 1], before[j - 1] + 1);
        }
        std::swap(before, above);
        std::swap(above, row);
    }
    return above.back();
}

}  // namespace

std::string_view nearest_name(std::string_view name, std::span<const std::string> candidates) {
    if (name.size() > max_compared_length) return {};
    std::string_view best;
    std::size_t best_distance = std::max<std::size_t>(1, name.size() / 3) + 1;
    for (const std::string& candidate : candidates) {
        if (equals_ignoring_case(name, candidate)) return candidate;
        const std::size_t apart = distance(name, candidate);
        if (apart < best_distance) {
            best_distance = apart;
            best = candidate;
        }
    }
    return best;
}

std::string suggestion(std::string_view name, std::span<const std::string> candidates) {
    const std::string_view nearest = nearest_name(name, candidates);
    if (!nearest.empty()) return fmt::format("; did you mean '{}'?", nearest);
    if (candidates.empty() || candidates.size() > max_listed_names) return {};
    return fmt::format("; known here: {}", fmt::join(candidates, ", "));
}

}  // namespace osmia::config
