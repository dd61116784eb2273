/// \file
/// Supervisor ↔ guardian: descriptors and state that outlive a supervisor. Both ends trusted.
///
/// The guardian outlives upgrades, so either end may be older than the other: a message keeps its place and its fields for
/// ever, new ones are added at the end. The names of what is stored follow the same rule: docs/wire/control.md.
#pragma once

#include "wire/message_codec.h"

namespace osmia::wire {

/// The guardian keeps one descriptor under this name (replacing an earlier one).
struct StoreFd {
    std::string name;
    void fields(auto& archive) { archive(name); }
};

struct DropFd {
    std::string name;
    void fields(auto& archive) { archive(name); }
};

/// A piece of the state to keep under a key; empty text removes it.
struct StoreState {
    std::string key;
    std::string text;
    void fields(auto& archive) { archive(key); archive(text); }
};

/// The supervisor ends on purpose; the guardian exits with this status once it has gone.
struct SupervisorExits {
    std::uint8_t status = 0;
    void fields(auto& archive) { archive(status); }
};

/// For the service manager that started the guardian, if any: a datagram of sd_notify(3).
struct ServiceManagerNews {
    std::string text;
    void fields(auto& archive) { archive(text); }
};

/// The supervisor is about to end in favour of another program. The next one is started from there; until it says
/// SupervisorStays, any end of it brings back the program before.
struct TrySupervisor {
    std::string program;
    void fields(auto& archive) { archive(program); }
};

struct SupervisorStays {
    void fields(auto&) {}
};

using SupervisorToGuardian =
    std::variant<StoreFd, DropFd, StoreState, SupervisorExits, ServiceManagerNews, TrySupervisor, SupervisorStays>;

/// At a supervisor's start: what the one before it stored (one descriptor each), then RestoreDone.
struct StoredFd {
    std::string name;
    void fields(auto& archive) { archive(name); }
};

struct StoredState {
    std::string key;
    std::string text;
    void fields(auto& archive) { archive(key); archive(text); }
};

struct RestoreDone {
    std::uint32_t starts = 0;  ///< 1 for the first supervisor of this guardian
    void fields(auto& archive) { archive(starts); }
};

/// An orphan of an earlier supervisor has ended; `status` is waitpid's.
struct ChildExited {
    std::uint32_t pid = 0;
    std::int32_t status = 0;
    void fields(auto& archive) { archive(pid); archive(status); }
};

enum class GuardianSignal : std::uint8_t { Shutdown, ShutdownNow, Reload, ReopenLogs, Last = ReopenLogs };

struct Signalled {
    GuardianSignal signal = GuardianSignal::Shutdown;
    void fields(auto& archive) { archive(signal); }
};

using GuardianToSupervisor = std::variant<StoredFd, StoredState, RestoreDone, ChildExited, Signalled>;

}  // namespace osmia::wire
