#include "static_file/conditions.h"

#include <time.h>

#include <optional>
#include <string>

namespace static_file {

namespace {

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

std::optional<std::int64_t> parse_date(std::string_view text) {
    if (text.empty()) return std::nullopt;
    struct tm parts {};
    const std::string copy(text);
    const char* end = ::strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    if (end == nullptr || *end != '\0') return std::nullopt;
    return ::timegm(&parts);
}

// Entity tags hold no commas of ours, so splitting at commas finds every tag that can match.
bool lists(std::string_view list, std::string_view etag, bool weak_matches) {
    while (!list.empty()) {
        const auto comma = list.find(',');
        std::string_view tag = trim(list.substr(0, comma));
        list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
        if (tag == "*") return true;
        if (weak_matches && tag.starts_with("W/")) tag.remove_prefix(2);
        if (tag == etag) return true;
    }
    return false;
}

}  // namespace

unsigned evaluate(const Conditions& conditions, const Validators& file) {
    if (!conditions.if_match.empty()) {
        if (!lists(conditions.if_match, file.etag, false)) return 412;
    } else if (const auto limit = parse_date(conditions.if_unmodified_since);
               limit && file.modified > *limit) {
        return 412;
    }
    if (!conditions.if_none_match.empty())
        return lists(conditions.if_none_match, file.etag, true) ? 304 : 200;
    const auto since = parse_date(conditions.if_modified_since);
    return since && file.modified <= *since ? 304 : 200;
}

bool range_applies(const Conditions& conditions, const Validators& file) {
    if (conditions.if_range.empty()) return true;
    if (conditions.if_range.front() == '"') return conditions.if_range == file.etag;
    const auto date = parse_date(conditions.if_range);
    return date && *date == file.modified;
}

}  // namespace static_file
