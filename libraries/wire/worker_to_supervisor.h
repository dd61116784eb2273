/// \file
/// Worker → supervisor. Written by a process that runs foreign code: hostile, a closed list, rate-limited. The socket it
/// arrives on says which worker it is; no message can.
#pragma once

#include "wire/message_codec.h"

namespace osmia::wire {

/// Modules are loaded, threads run, requests may come.
struct WorkerReady {
    std::uint32_t version = ProtocolVersion;
    void fields(auto& archive) { archive(version); }
};

struct Pong {
    std::uint64_t sequence = 0;
    std::uint64_t requests = 0;  ///< finished so far
    std::uint32_t active = 0;
    void fields(auto& archive) { archive(sequence); archive(requests); archive(active); }
};

enum class RecycleReason : std::uint8_t { Time, Requests, Schedule, Memory, PrivateMemory, Unhealthy, Idle, OnDemand, Last = OnDemand };

/// The worker asks to be replaced (or, when Idle, ended).
struct RecycleMe {
    RecycleReason reason = RecycleReason::OnDemand;
    std::string text;
    void fields(auto& archive) { archive(reason); archive(text); }
};

/// An ISAPI extension was loaded, or its counters changed (same file and hash: replaces the earlier message).
struct ExtensionLoaded {
    std::string file;
    std::string version;
    std::string description;
    std::string hash;
    bool cached = true;
    std::uint64_t loaded_at = 0;  ///< seconds since the epoch
    std::uint64_t requests = 0;
    void fields(auto& archive) {
        archive(file); archive(version); archive(description); archive(hash); archive(cached); archive(loaded_at); archive(requests);
    }
};

/// What is deployed at a loaded extension's path, or beside it, is not what runs. A hint: the supervisor looks itself.
struct ExtensionChanged {
    std::string file;
    void fields(auto& archive) { archive(file); }
};

/// A native module that the worker has mapped.
struct ModuleLoaded {
    std::string name;
    std::string image;
    void fields(auto& archive) { archive(name); archive(image); }
};

/// Start failed; `text` says why in an operator's words. The worker exits afterwards.
struct WorkerFailed {
    std::string text;
    void fields(auto& archive) { archive(text); }
};

using WorkerToSupervisor = std::variant<WorkerReady, Pong, RecycleMe, ExtensionLoaded, ModuleLoaded, WorkerFailed, ExtensionChanged>;

}  // namespace osmia::wire
