/// \file
/// What the parts of the supervisor share. Everything is borrowed from the server, which outlives them all.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "state/folders.h"
#include "supervisor/guardian_link.h"
#include "supervisor/operator_output.h"
#include "supervisor/running_records.h"
#include "wire/supervisor_to_listener.h"

namespace osmia::supervisor {

/// Names one listener process for as long as the server runs.
using ListenerId = std::uint64_t;

/// Where messages to the listeners go: usually one, several while one replaces another. Without any they are dropped: a
/// new one is told everything anew.
class ListenerLink {
public:
    virtual ~ListenerLink() = default;
    /// To all of them.
    virtual void send(const wire::SupervisorToListener& message, std::span<const int> fds = {}) = 0;
    virtual void send_to(ListenerId id, const wire::SupervisorToListener& message, std::span<const int> fds) = 0;
    /// Oldest first.
    virtual std::vector<ListenerId> ids() const = 0;
};

class CrashReports;

/// The executables and modules to start workers from; staged copies where the originals cannot be reached.
struct Programs {
    std::string listener;
    std::string worker;
    std::string symbolizer;
    std::string modules_folder;
};

struct Machinery {
    EventLoop& loop;
    GuardianLink& guardian;
    ListenerLink& listener;
    OperatorOutput& output;
    const RunningRecords& records;
    const state::Folders& folders;
    const Programs& programs;
    CrashReports& crashes;
    const bool& on_trial;  ///< this supervisor may have to make room again: what fails says nothing about the application
};

}  // namespace osmia::supervisor
