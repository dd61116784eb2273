/// \file
/// Supervisor → worker. Trusted.
#pragma once

#include "wire/message_codec.h"

namespace osmia::wire {

/// First message on the control socket: everything a worker starts from. One descriptor: memory for its crash note
/// (crash_note.h).
struct StartWorker {
    std::uint32_t version = ProtocolVersion;
    std::uint64_t worker_id = 0;
    std::string pool;
    std::uint32_t generation = 0;
    std::string configuration_file;  ///< this pool's part of the configuration, readable by the pool's identity alone
    std::string modules_folder;      ///< where relative <globalModules> images are found
    std::string temporary_folder;    ///< this worker's own, removed by the supervisor after its death
    std::string data_folder;         ///< STATE/data; an application's own folder is DATA/SITE/APP
    std::string extension_store;     ///< the last good copies of the pool's extensions (wire/extension_manifest.h)
    std::uint32_t idle_timeout_ms = 0;
    void fields(auto& archive) {
        archive(version); archive(worker_id); archive(pool); archive(generation); archive(configuration_file); archive(modules_folder);
        archive(temporary_folder); archive(data_folder); archive(extension_store); archive(idle_timeout_ms);
    }
};

/// A channel to a listener (one descriptor: the channel socket). May come again when a listener is replaced; the newest
/// one gives new requests, older ones are finished.
struct AttachListener {
    std::string protocol = "http";
    void fields(auto& archive) { archive(protocol); }
};

/// To be answered by a request thread, so that a worker whose threads are all stuck is found.
struct Ping {
    std::uint64_t sequence = 0;
    void fields(auto& archive) { archive(sequence); }
};

/// Take nothing more, finish, end the extensions, exit with status 0.
struct DrainWorker {
    std::uint32_t limit_ms = 0;
    void fields(auto& archive) { archive(limit_ms); }
};

using SupervisorToWorker = std::variant<StartWorker, AttachListener, Ping, DrainWorker>;

}  // namespace osmia::wire
