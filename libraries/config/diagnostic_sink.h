/// \file
/// Collects findings while a file is read.
#pragma once

#include <string>

#include "config/diagnostics.h"

namespace osmia::config {

/// Keeps the first max_diagnostics findings and counts the rest. Not thread-safe.
class DiagnosticSink {
public:
    void add(Diagnostic diagnostic);

    /// Whether an error was added, also when it was not kept.
    bool has_errors() const { return has_errors_; }

    /// The findings in file order, without repetitions; when some were not kept, a last one says how many.
    Diagnostics take();

private:
    Diagnostics diagnostics_;
    std::size_t dropped_ = 0;
    bool has_errors_ = false;
};

}  // namespace osmia::config
