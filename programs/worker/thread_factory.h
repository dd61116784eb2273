/// \file
/// Where the worker's threads come from. One interface, so that another host (Windows DLLs under Wine, a
/// managed runtime) can run the core on threads of its own.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"

namespace osmia::worker {

/// Makes threads. Thread-safe.
class ThreadFactory {
public:
    virtual ~ThreadFactory() = default;
    /// Starts a thread that runs \a body. Fails with System when the process may have no more threads.
    virtual Result<void> start(const std::string& name, std::function<void()> body) = 0;
};

/// POSIX threads, detached, each with an alternate signal stack so that an exhausted stack can be reported.
class NativeThreads : public ThreadFactory {
public:
    Result<void> start(const std::string& name, std::function<void()> body) override;
};

}  // namespace osmia::worker
