#include "config/diagnostics.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace osmia::config {
namespace {

/// The caret's line: tabs stay tabs so that the caret stands below its character whatever the tab width.
std::string caret_line(std::string_view source, std::uint32_t column) {
    std::string line;
    std::uint32_t at = 1;
    for (const char byte : source) {
        const bool continuation = (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
        if (continuation) continue;
        if (at++ >= column) break;
        line += byte == '\t' ? '\t' : ' ';
    }
    return line + '^';
}

auto position(const Diagnostic& diagnostic) {
    return std::tie(diagnostic.file, diagnostic.line, diagnostic.column);
}

}  // namespace

bool has_errors(const Diagnostics& diagnostics) {
    return std::any_of(diagnostics.begin(), diagnostics.end(),
                       [](const Diagnostic& diagnostic) { return diagnostic.severity == Severity::Error; });
}

void sort_diagnostics(Diagnostics& diagnostics) {
    std::stable_sort(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& left, const Diagnostic& right) {
        return position(left) < position(right);
    });
    const auto equal_later = [&](const Diagnostic& diagnostic) {
        for (const Diagnostic* other = diagnostics.data(); other != &diagnostic; ++other) {
            if (*other == diagnostic) return true;
        }
        return false;
    };
    Diagnostics kept;
    for (const Diagnostic& diagnostic : diagnostics) {
        if (!equal_later(diagnostic)) kept.push_back(diagnostic);
    }
    diagnostics = std::move(kept);
}

std::string format_diagnostic(const Diagnostic& diagnostic) {
    const char* word = diagnostic.severity == Severity::Error ? "error" : "warning";
    if (diagnostic.line == 0) return fmt::format("{}: {}: {}\n", diagnostic.file, word, diagnostic.message);
    std::string text = fmt::format("{}:{}:{}: {}: {}\n", diagnostic.file, diagnostic.line, diagnostic.column, word,
                                   diagnostic.message);
    if (diagnostic.source_line.empty()) return text;
    return text + diagnostic.source_line + '\n' + caret_line(diagnostic.source_line, diagnostic.column) + '\n';
}

}  // namespace osmia::config
