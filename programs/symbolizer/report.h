/// \file
/// A crash note as lines of text; main.cpp says which.
#pragma once

#include <string>

#include "wire/crash_note.h"

namespace osmia::symbolizer {

/// Reads ELF files that the note names, and symbols and lines from them where they are. Empty when the note holds nothing.
/// The note may hold anything.
std::string describe(const wire::CrashNote& note);

}  // namespace osmia::symbolizer
