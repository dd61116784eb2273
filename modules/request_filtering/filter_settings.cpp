#include "request_filtering/filter_settings.h"

#include <algorithm>
#include <limits>

namespace request_filtering {

namespace {

std::vector<std::string> texts(const IOsmiaElement& list, PCSTR attribute) {
    std::vector<std::string> found;
    for (DWORD i = 0; i < list.GetItemCount(); ++i)
        found.push_back(lower_case(list.GetItem(i).GetText(attribute)));
    return found;
}

std::unordered_set<std::string> set_of(const IOsmiaElement& list, PCSTR attribute) {
    const auto found = texts(list, attribute);
    return {found.begin(), found.end()};
}

FilteringRule read_rule(const IOsmiaElement& item) {
    FilteringRule rule{};
    rule.scan_url = item.GetFlag("scanUrl") != FALSE;
    rule.scan_query = item.GetFlag("scanQueryString") != FALSE;
    rule.scan_raw_headers = item.GetFlag("scanAllRaw") != FALSE;
    rule.deny_unescaped_percent = item.GetFlag("denyUnescapedPercent") != FALSE;
    rule.scan_headers = texts(item.GetChild("scanHeaders"), "requestHeader");
    rule.applies_to = texts(item.GetChild("appliesTo"), "fileExtension");
    rule.deny_strings = texts(item.GetChild("denyStrings"), "string");
    return rule;
}

}  // namespace

std::string lower_case(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return lower;
}

FilterSettings::FilterSettings(const IOsmiaElement& section)
    : allow_double_escaping(section.GetFlag("allowDoubleEscaping") != FALSE),
      allow_high_bits(section.GetFlag("allowHighBitCharacters") != FALSE),
      unescape_query(section.GetFlag("unescapeQueryString") != FALSE),
      unlisted_extensions(section.GetChild("fileExtensions").GetFlag("allowUnlisted") != FALSE),
      unlisted_verbs(section.GetChild("verbs").GetFlag("allowUnlisted") != FALSE),
      hidden_segments(set_of(section.GetChild("hiddenSegments"), "segment")),
      allowed_urls(set_of(section.GetChild("alwaysAllowedUrls"), "url")),
      allowed_queries(set_of(section.GetChild("alwaysAllowedQueryStrings"), "queryString")),
      url_sequences(texts(section.GetChild("denyUrlSequences"), "sequence")),
      query_sequences(texts(section.GetChild("denyQueryStringSequences"), "sequence")) {
    const IOsmiaElement& limits = section.GetChild("requestLimits");
    max_content_length = static_cast<std::uint64_t>(limits.GetNumber("maxAllowedContentLength"));
    // The attribute can say no larger number, and bodies can be larger.
    if (max_content_length == std::numeric_limits<std::uint32_t>::max()) max_content_length = OSMIA_UNKNOWN_LENGTH;
    max_url = static_cast<std::uint64_t>(limits.GetNumber("maxUrl"));
    max_query = static_cast<std::uint64_t>(limits.GetNumber("maxQueryString"));
    const IOsmiaElement& headers = limits.GetChild("headerLimits");
    for (DWORD i = 0; i < headers.GetItemCount(); ++i)
        header_limits.emplace_back(headers.GetItem(i).GetText("header"),
                                   static_cast<std::uint64_t>(headers.GetItem(i).GetNumber("sizeLimit")));
    const IOsmiaElement& files = section.GetChild("fileExtensions");
    for (DWORD i = 0; i < files.GetItemCount(); ++i)
        extensions[lower_case(files.GetItem(i).GetText("fileExtension"))] =
            files.GetItem(i).GetFlag("allowed") != FALSE;
    const IOsmiaElement& methods = section.GetChild("verbs");
    for (DWORD i = 0; i < methods.GetItemCount(); ++i)
        verbs[methods.GetItem(i).GetText("verb")] = methods.GetItem(i).GetFlag("allowed") != FALSE;
    const IOsmiaElement& list = section.GetChild("filteringRules");
    for (DWORD i = 0; i < list.GetItemCount(); ++i) rules.push_back(read_rule(list.GetItem(i)));
}

}  // namespace request_filtering
