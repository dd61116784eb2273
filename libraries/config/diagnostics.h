/// \file
/// What the configuration reader has to say about a file: where, how serious, what is wrong, what would be right.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace osmia::config {

enum class Severity { Error, Warning };

/// The numbers IIS shows on its 500.19 page (HRESULTs of Win32 errors), kept because administrators search for them.
enum class ErrorNumber : std::uint32_t {
    None = 0,
    PathNotFound = 0x80070003,   ///< a configured file or folder does not exist
    AccessDenied = 0x80070005,   ///< a web.config exists but cannot be read
    BadData = 0x8007000d,        ///< malformed XML, unknown section, element, attribute or value
    Locked = 0x80070021,         ///< the section, element, attribute or item is locked at a parent level
    NotSupported = 0x80070032,   ///< a section known to IIS that Osmia does not implement and must not ignore
    ModuleMissing = 0x8007007e,  ///< a module is named that no globalModules entry provides
    Duplicate = 0x800700b7,      ///< a collection has this key already
};

/// One finding. Owns its texts. line and column start at 1; 0 means the file as a whole. Columns count characters.
struct Diagnostic {
    std::string file;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    Severity severity = Severity::Error;
    ErrorNumber number = ErrorNumber::None;
    std::string message;
    std::string source_line;  ///< empty when unknown, or when the line holds a secret

    bool operator==(const Diagnostic&) const = default;
};

/// Findings in the order they were made; sort_diagnostics puts them in file order.
using Diagnostics = std::vector<Diagnostic>;

/// At most this many findings are kept of one load; one more says that there are others.
inline constexpr std::size_t max_diagnostics = 200;

bool has_errors(const Diagnostics& diagnostics);

/// Orders by file, line, column and drops findings that are equal.
void sort_diagnostics(Diagnostics& diagnostics);

/// `FILE:LINE:COL: error: …`, then the source line and a caret below the column, each line ended by '\n'.
std::string format_diagnostic(const Diagnostic& diagnostic);

}  // namespace osmia::config
