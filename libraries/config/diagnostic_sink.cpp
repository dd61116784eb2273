#include "config/diagnostic_sink.h"

#include <fmt/format.h>

#include <utility>

namespace osmia::config {

void DiagnosticSink::add(Diagnostic diagnostic) {
    if (diagnostic.severity == Severity::Error) has_errors_ = true;
    if (diagnostics_.size() >= max_diagnostics) {
        ++dropped_;
        return;
    }
    diagnostics_.push_back(std::move(diagnostic));
}

Diagnostics DiagnosticSink::take() {
    Diagnostics result = std::exchange(diagnostics_, {});
    const std::string file = result.empty() ? std::string() : result.back().file;
    sort_diagnostics(result);
    if (dropped_ != 0) {
        const Severity severity = has_errors_ ? Severity::Error : Severity::Warning;
        result.push_back({file, 0, 0, severity, ErrorNumber::None,
                          fmt::format("{} more findings are not shown", dropped_), {}});
    }
    return result;
}

}  // namespace osmia::config
