/// \file
/// <requestFiltering> as the filter wants it: texts that are compared without case are lower-case already.
#pragma once

#include <osmia_host.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace request_filtering {

/// One <filteringRule>.
struct FilteringRule {
    bool scan_url, scan_query, scan_raw_headers, deny_unescaped_percent;
    std::vector<std::string> scan_headers;
    std::vector<std::string> applies_to;    ///< extensions; empty: every URL
    std::vector<std::string> deny_strings;
};

/// The whole section; immutable, shared by all requests that it is in force for.
struct FilterSettings {
    explicit FilterSettings(const IOsmiaElement& section);

    bool allow_double_escaping, allow_high_bits, unescape_query;
    std::uint64_t max_content_length, max_url, max_query;
    bool unlisted_extensions, unlisted_verbs;
    std::unordered_map<std::string, bool> extensions, verbs;  ///< verbs with case
    std::unordered_set<std::string> hidden_segments, allowed_urls, allowed_queries;
    std::vector<std::string> url_sequences, query_sequences;
    std::vector<std::pair<std::string, std::uint64_t>> header_limits;
    std::vector<FilteringRule> rules;
};

/// ASCII letters only.
std::string lower_case(std::string_view text);

}  // namespace request_filtering
