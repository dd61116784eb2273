/// \file
/// What modules keep for client connections: IHttpConnection's containers and memory, from the first thing that is kept
/// for a connection to its end.
#pragma once

#include <osmia_host.h>

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <memory_resource>
#include <mutex>

#include "worker/module_host/site_adapter.h"

namespace osmia::worker {

/// One connection. Its contexts are cleaned up when it has closed and its last request is gone. Thread-safe.
class ConnectionState {
public:
    ~ConnectionState();

    ContextContainer& contexts() { return contexts_; }
    IHttpConnectionStoredContext* find(HTTP_MODULE_ID module);
    /// ERROR_ALREADY_ASSIGNED when there is one. One that comes after the connection's end is told so at once.
    HRESULT store(IHttpConnectionStoredContext* context, HTTP_MODULE_ID module);
    /// Lives as long as the connection.
    void* allocate(std::size_t size);
    /// Tells the contexts; once.
    void disconnect();

private:
    std::mutex mutex_;
    std::map<HTTP_MODULE_ID, IHttpConnectionStoredContext*> connection_contexts_;
    ContextContainer contexts_;
    std::pmr::monotonic_buffer_resource memory_;
    bool disconnected_ = false;
};

/// A connection's name in this worker: listeners number theirs independently.
struct ConnectionKey {
    std::uint64_t listener = 0;
    std::uint64_t connection = 0;
    auto operator<=>(const ConnectionKey&) const = default;
};

/// The connections that something is kept for. Their number is bounded by the listener's connections. Thread-safe.
class ConnectionTable {
public:
    /// Null when nothing is kept for it.
    std::shared_ptr<ConnectionState> find(ConnectionKey key) const;
    /// Makes it when needed; \a is_new then says that the connection must be bound to this worker.
    std::shared_ptr<ConnectionState> open(ConnectionKey key, bool& is_new);
    void closed(ConnectionKey key);
    void listener_gone(std::uint64_t listener);
    void clear();

private:
    mutable std::mutex mutex_;
    std::map<ConnectionKey, std::shared_ptr<ConnectionState>> connections_;
};

}  // namespace osmia::worker
