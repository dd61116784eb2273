#include "worker/pipeline/handler_mapping.h"

#include <algorithm>
#include <optional>
#include <span>

#include "http/ascii.h"

namespace osmia::worker {

namespace {

using config::Handler;
using config::RequireAccess;
using config::ResourceType;

bool serves_verb(const Handler& handler, std::string_view method) {
    return handler.verbs.empty() ||
           std::find(handler.verbs.begin(), handler.verbs.end(), method) != handler.verbs.end() ||
           std::find(handler.verbs.begin(), handler.verbs.end(), "*") != handler.verbs.end();
}

bool fits_resource(ResourceType type, FileKind kind) {
    switch (type) {
        case ResourceType::File:
            return kind == FileKind::File;
        case ResourceType::Directory:
            return kind == FileKind::Directory;
        case ResourceType::Either:
            return kind != FileKind::Missing;
        case ResourceType::Unspecified:
            return true;
    }
    return false;
}

struct Match {
    std::size_t script_length;
    FileKind kind;
};

std::optional<Match> fits(const Handler& handler, std::size_t length, const FileProbe& probe) {
    if (handler.resource_type == ResourceType::Unspecified) return Match{length, FileKind::Missing};
    const FileKind kind = probe(length);
    if (!fits_resource(handler.resource_type, kind)) return std::nullopt;
    return Match{length, kind};
}

// A pattern without '/' names a file: the first segment that fits is the script, what follows it is path
// info. "*" and patterns with '/' take the whole path.
std::optional<Match> match_path(const Handler& handler, std::string_view url_path, const FileProbe& probe) {
    const std::string_view pattern = handler.path;
    if (pattern == "*") return fits(handler, url_path.size(), probe);
    if (pattern.find('/') != std::string_view::npos) {
        const std::string absolute = pattern.front() == '/' || pattern.front() == '*'
                                         ? std::string(pattern)
                                         : "*/" + std::string(pattern);
        if (!matches_wildcard(absolute, url_path)) return std::nullopt;
        return fits(handler, url_path.size(), probe);
    }
    std::size_t start = 1;
    while (start < url_path.size()) {
        const std::size_t end = std::min(url_path.find('/', start), url_path.size());
        if (matches_wildcard(pattern, url_path.substr(start, end - start))) {
            if (const auto match = fits(handler, end, probe)) return match;
        }
        start = end + 1;
    }
    return std::nullopt;
}

bool grants(std::uint32_t policy, std::uint32_t bits, std::uint32_t no_remote, bool is_local) {
    return (policy & bits) != 0 && (is_local || (policy & no_remote) == 0);
}

// The substatus of 403 that a missing right gives; 0 when it is there.
std::uint16_t missing_access(RequireAccess required, std::uint32_t policy, bool is_local) {
    namespace bits = config::access_policy;
    switch (required) {
        case RequireAccess::None:
            return 0;
        case RequireAccess::Read:
            return grants(policy, bits::Read, bits::NoRemoteRead, is_local) ? 0 : 2;
        case RequireAccess::Write:
            return grants(policy, bits::Write, bits::NoRemoteWrite, is_local) ? 0 : 3;
        case RequireAccess::Script:
            return grants(policy, bits::Script | bits::Execute, bits::NoRemoteScript, is_local) ? 0 : 1;
        case RequireAccess::Execute:
            return grants(policy, bits::Execute, bits::NoRemoteExecute, is_local) ? 0 : 1;
    }
    return 1;
}

HandlerMapping refusal(std::uint16_t status, std::uint16_t substatus) {
    HandlerMapping mapping;
    mapping.status = status;
    mapping.substatus = substatus;
    return mapping;
}

}  // namespace

bool matches_wildcard(std::string_view pattern, std::string_view text) {
    std::size_t p = 0, t = 0;
    std::size_t star = std::string_view::npos, star_text = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            star_text = t;
        } else if (p < pattern.size() && http::to_lower(pattern[p]) == http::to_lower(text[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++star_text;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

HandlerMapping map_handler(const config::HandlersSection& section, std::string_view method,
                           std::string_view url_path, const FileProbe& probe, bool is_local,
                           std::string_view after) {
    bool other_verb = false;
    const auto named = after.empty() ? section.handlers.end()
                                     : std::find_if(section.handlers.begin(), section.handlers.end(),
                                                    [&](const Handler& one) { return one.name == after; });
    const auto first = named == section.handlers.end() ? section.handlers.begin() : std::next(named);
    for (const Handler& handler : std::span(first, section.handlers.end())) {
        const bool verb_fits = serves_verb(handler, method);
        // "*" for one verb (TRACE, OPTIONS) says nothing of the path, so it is no reason for 405.
        if (!verb_fits && (other_verb || handler.path == "*")) continue;
        const auto match = match_path(handler, url_path, probe);
        if (!match) continue;
        if (!verb_fits) {
            other_verb = true;
            continue;
        }
        if (const auto substatus = missing_access(handler.require_access, section.access_policy, is_local))
            return refusal(403, substatus);
        HandlerMapping mapping;
        mapping.handler = &handler;
        mapping.script_length = match->script_length;
        mapping.kind = match->kind;
        return mapping;
    }
    return other_verb ? refusal(405, 0) : refusal(404, 0);
}

}  // namespace osmia::worker
