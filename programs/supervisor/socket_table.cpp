#include "supervisor/socket_table.h"

#include <algorithm>

#include "supervisor/listen_socket.h"

namespace osmia::supervisor {

namespace {

constexpr std::string_view NamePrefix = "socket/";

SocketTable::Socket describe(const std::string& key, std::uint32_t id, UniqueFd fd) {
    const std::uint16_t port = port_of(fd);
    // The system's choice in place of port 0.
    std::string address = key.ends_with(":0") && port != 0 ? key.substr(0, key.size() - 1) + std::to_string(port) : key;
    return {id, std::move(fd), port, std::move(address)};
}

}  // namespace

void SocketTable::keep(const std::string& key, Socket socket) {
    guardian_.store_fd(fmt::format("{}{}", NamePrefix, socket.id), socket.fd);
    guardian_.store_state(fmt::format("{}{}", NamePrefix, socket.id), key);
    sockets_.insert_or_assign(key, std::move(socket));
}

void SocketTable::adopt(Restored& restored) {
    for (const auto& [name, key] : restored.state) {
        if (!name.starts_with(NamePrefix)) continue;
        const auto id = static_cast<std::uint32_t>(std::atol(name.c_str() + NamePrefix.size()));
        last_id_ = std::max(last_id_, id);
        UniqueFd fd = restored.take_fd(name);
        if (fd) sockets_.insert_or_assign(key, describe(key, id, std::move(fd)));
    }
}

Result<SocketTable::Change> SocketTable::apply(const ListenPlan& plan) {
    std::vector<std::pair<std::string, UniqueFd>> opened;
    for (const auto& planned : plan.sockets) {
        if (sockets_.contains(planned.key)) continue;
        auto fd = open_listen_socket(planned);
        if (!fd.ok() && planned.optional && is_missing_family(fd.error())) continue;
        if (!fd.ok()) return fd.error();
        opened.emplace_back(planned.key, std::move(fd).value());
    }
    Change change;
    for (auto& [key, fd] : opened) {
        keep(key, describe(key, ++last_id_, std::move(fd)));
        change.opened.push_back(key);
    }
    for (auto it = sockets_.begin(); it != sockets_.end();) {
        const auto next = std::next(it);
        const auto wanted = [&](const PlannedSocket& one) { return one.key == it->first; };
        if (std::none_of(plan.sockets.begin(), plan.sockets.end(), wanted)) {
            change.closed.push_back(it->second.id);
            close(it);
        }
        it = next;
    }
    return change;
}

void SocketTable::close(std::map<std::string, Socket>::iterator found) {
    const std::string name = fmt::format("{}{}", NamePrefix, found->second.id);
    guardian_.drop_fd(name);
    guardian_.store_state(name, {});
    if (found->first.starts_with("unix:")) ::unlink(found->first.c_str() + 5);
    sockets_.erase(found);
}

void SocketTable::close_all() {
    while (!sockets_.empty()) close(sockets_.begin());
}

const SocketTable::Socket* SocketTable::find(const std::string& key) const {
    const auto found = sockets_.find(key);
    return found == sockets_.end() ? nullptr : &found->second;
}

}  // namespace osmia::supervisor
