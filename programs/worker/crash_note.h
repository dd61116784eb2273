/// \file
/// The worker's side of its crash note (wire/crash_note.h). One note for the process; without one nothing happens.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace osmia::worker {

/// Maps the note that the supervisor has sent. Once, at the start.
Result<void> open_crash_note(const UniqueFd& memory);

/// Writes down where a library that was mapped from a private copy comes from. Any thread; the first MaxCrashModules count.
void note_module(const std::string& path, const void* base, std::size_t size, std::span<const std::uint8_t> build_id);

/// What is known of a death before anybody looks at the stack.
struct DeathFacts {
    int signal = 0;
    int code = 0;
    std::uint64_t address = 0;
    const char* request_id = "";
    const char* cause = "";
};

/// Async-signal-safe: plain stores, gettid(), open() and read(). First the facts, then frame after frame, so that a stack too broken
/// to be walked costs only the rest. Called by the guilty thread.
void write_crash_note(const DeathFacts& facts);

}  // namespace osmia::worker
