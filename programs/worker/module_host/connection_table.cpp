#include "worker/module_host/connection_table.h"

#include <utility>

namespace osmia::worker {

ConnectionState::~ConnectionState() {
    disconnect();
    for (const auto& [module, context] : connection_contexts_) context->CleanupStoredContext();
}

IHttpConnectionStoredContext* ConnectionState::find(HTTP_MODULE_ID module) {
    const std::lock_guard lock(mutex_);
    const auto found = connection_contexts_.find(module);
    return found == connection_contexts_.end() ? nullptr : found->second;
}

HRESULT ConnectionState::store(IHttpConnectionStoredContext* context, HTTP_MODULE_ID module) {
    constexpr DWORD AlreadyAssigned = 85;  // ERROR_ALREADY_ASSIGNED
    if (context == nullptr) return E_INVALIDARG;
    bool too_late = false;
    {
        const std::lock_guard lock(mutex_);
        if (!connection_contexts_.emplace(module, context).second) return HRESULT_FROM_WIN32(AlreadyAssigned);
        too_late = disconnected_;
    }
    if (too_late) context->NotifyDisconnect();
    return S_OK;
}

void* ConnectionState::allocate(std::size_t size) {
    const std::lock_guard lock(mutex_);
    return memory_.allocate(size == 0 ? 1 : size);
}

void ConnectionState::disconnect() {
    std::map<HTTP_MODULE_ID, IHttpConnectionStoredContext*> told;
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(disconnected_, true)) return;
        told = connection_contexts_;
    }
    for (const auto& [module, context] : told) context->NotifyDisconnect();
}

std::shared_ptr<ConnectionState> ConnectionTable::find(ConnectionKey key) const {
    const std::lock_guard lock(mutex_);
    const auto found = connections_.find(key);
    return found == connections_.end() ? nullptr : found->second;
}

std::shared_ptr<ConnectionState> ConnectionTable::open(ConnectionKey key, bool& is_new) {
    const std::lock_guard lock(mutex_);
    auto& place = connections_[key];
    is_new = place == nullptr;
    if (is_new) place = std::make_shared<ConnectionState>();
    return place;
}

void ConnectionTable::closed(ConnectionKey key) {
    std::shared_ptr<ConnectionState> state;
    {
        const std::lock_guard lock(mutex_);
        const auto found = connections_.find(key);
        if (found == connections_.end()) return;
        state = std::move(found->second);
        connections_.erase(found);
    }
    state->disconnect();
}

void ConnectionTable::listener_gone(std::uint64_t listener) {
    std::map<ConnectionKey, std::shared_ptr<ConnectionState>> gone;
    {
        const std::lock_guard lock(mutex_);
        const auto first = connections_.lower_bound({listener, 0});
        const auto last = connections_.lower_bound({listener + 1, 0});
        for (auto at = first; at != last;) gone.insert(connections_.extract(at++));
    }
    for (const auto& [key, state] : gone) state->disconnect();
}

void ConnectionTable::clear() {
    std::map<ConnectionKey, std::shared_ptr<ConnectionState>> gone;
    const std::unique_lock lock(mutex_);
    gone.swap(connections_);
}

}  // namespace osmia::worker
