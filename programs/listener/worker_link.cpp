#include "listener/worker_link.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>

namespace osmia::listener {

namespace {

/// File systems from which a descriptor of a worker's choice may be read. FUSE and the network ones are not among them:
/// whoever serves them could hold a reader for ever.
bool is_allowed_file_system(long type) {
    constexpr long Xfs = 0x58465342, Btrfs = 0x9123683E, Ext = 0xEF53, Overlay = 0x794c7630, Tmpfs = 0x01021994, F2fs = 0xF2F52010,
                   Squash = 0x73717368, Zfs = 0x2FC12FC1, Erofs = 0xE0F5E1E2, Ramfs = 0x858458f6, Bcachefs = 0xca451a4e;
    constexpr long Allowed[] = {Xfs, Btrfs, Ext, Overlay, Tmpfs, F2fs, Squash, Zfs, Erofs, Ramfs, Bcachefs};
    return std::find(std::begin(Allowed), std::end(Allowed), type) != std::end(Allowed);
}

std::shared_ptr<OpenFile> checked_file(UniqueFd fd) {
    struct stat status {};
    struct statfs file_system {};
    if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return nullptr;
    const int mode = ::fcntl(fd.get(), F_GETFL);
    if (mode < 0 || (mode & O_ACCMODE) == O_WRONLY || (mode & O_PATH) != 0) return nullptr;
    if (::fstatfs(fd.get(), &file_system) != 0 || !is_allowed_file_system(file_system.f_type)) return nullptr;
    auto file = std::make_shared<OpenFile>();
    file->fd = std::move(fd);
    file->size = static_cast<std::uint64_t>(status.st_size);
    return file;
}

}  // namespace

WorkerLink::WorkerLink(const wire::AddWorker& message, Reactor& reactor, WorkerLinkEvents& events)
    : identity_(message), reactor_(reactor), events_(events), exchanges_(wire::ChannelSlots, nullptr) {}

Result<std::unique_ptr<WorkerLink>> WorkerLink::create(const wire::AddWorker& message, UniqueFd channel, UniqueFd pidfd,
                                                       Reactor& reactor, WorkerLinkEvents& events) {
    std::unique_ptr<WorkerLink> link(new WorkerLink(message, reactor, events));
    link->end_ = OSMIA_TRY(wire::ListenerEnd::create());
    link->socket_ = std::move(channel);
    link->pidfd_ = std::move(pidfd);
    const auto fds = link->end_->descriptors();
    OSMIA_TRY_VOID(wire::send<wire::ListenerToWorkerMessage>(link->socket_, wire::ChannelHello{}, fds));
    reactor.add(link->socket_, &link->socket_watch_, EPOLLIN);
    reactor.add(link->end_->doorbell(), &link->doorbell_watch_, EPOLLIN | EPOLLET);
    reactor.add(link->pidfd_, &link->process_watch_, EPOLLIN);
    link->watching_ = true;
    link->last_progress_us = reactor.now_us();
    return link;
}

WorkerLink::~WorkerLink() {
    if (!watching_) return;
    if (socket_) reactor_.remove(socket_);
    reactor_.remove(end_->doorbell());
    reactor_.remove(pidfd_);
}

bool WorkerLink::place(Exchange& exchange) {
    const auto slot = end_->place_request(exchange.head);
    if (!slot) return false;
    exchange.link = this;
    exchange.slot = *slot;
    exchange.state = ExchangeState::Running;
    exchange.head_seen = false;
    exchanges_[*slot] = &exchange;
    exchange.body_delivered = end_->append_body(*slot, exchange.held_body);
    if (exchange.body_complete) end_->end_body(*slot, wire::BodyState::Complete);
    end_->publish(*slot);
    published = true;
    return true;
}

void WorkerLink::release(Exchange& exchange) {
    exchanges_[exchange.slot] = nullptr;
    end_->release_slot(exchange.slot);
    exchange.link = nullptr;
}

bool WorkerLink::accept_file(const wire::PassFile& message, std::vector<UniqueFd> fds) {
    if (message.file_id >= MaxPassedFiles || fds.size() != 1) return false;
    auto file = checked_file(std::move(fds.front()));
    if (file == nullptr) return false;
    files_[message.file_id] = {std::move(file), message.generation};
    return true;
}

const char* WorkerLink::drain_socket() {
    for (int messages = 0; messages < 1000 && socket_ && !dead; ++messages) {
        auto received = wire::receive<wire::WorkerToListenerMessage>(socket_);
        if (!received.ok()) {
            if (received.error().kind == ErrorKind::Busy) return nullptr;
            // Closed: the process is ending, or closed it by mischief; its pidfd or the no-op will tell.
            reactor_.remove(socket_);
            socket_.reset();
            return received.error().kind == ErrorKind::Invalid ? "a malformed message on the channel socket" : nullptr;
        }
        auto& [message, fds] = received.value();
        if (const auto* hello = std::get_if<wire::ChannelReady>(&message)) {
            if (hello->version != wire::ProtocolVersion) return "a channel of another version";
            ready_ = true;
            capacity_ = std::clamp<std::uint32_t>(hello->capacity, 1, wire::ChannelSlots);
            events_.on_link_ready(*this);
        } else if (!accept_file(std::get<wire::PassFile>(message), std::move(fds))) {
            return "a passed descriptor that is no readable local file";
        }
    }
    return nullptr;
}

std::shared_ptr<OpenFile> WorkerLink::find_file(std::uint32_t file_id, std::uint32_t generation) {
    if (file_id >= MaxPassedFiles) return nullptr;
    if (files_[file_id].generation != generation || files_[file_id].file == nullptr) {
        if (drain_socket() != nullptr) return nullptr;  // the caller reports the channel broken
    }
    return files_[file_id].generation == generation ? files_[file_id].file : nullptr;
}

void WorkerLink::send_connection_closed(std::uint64_t connection_id) {
    bound_connections.erase(connection_id);
    closed_connections_.push_back(connection_id);
    retry_connection_closed();
}

void WorkerLink::retry_connection_closed() {
    std::size_t told = 0;
    while (socket_ && told < closed_connections_.size() &&
           wire::send<wire::ListenerToWorkerMessage>(socket_, wire::ConnectionClosed{closed_connections_[told]}).ok()) {
        ++told;
    }
    closed_connections_.erase(closed_connections_.begin(), closed_connections_.begin() + static_cast<std::ptrdiff_t>(told));
    // A worker that does not read loses the news, not the listener its memory.
    if (closed_connections_.size() > MaxUntoldConnections) closed_connections_.clear();
}

void WorkerLink::on_socket(std::uint32_t) {
    if (const char* reason = drain_socket()) events_.on_link_broken(*this, reason);
}

void WorkerLink::on_doorbell(std::uint32_t) {
    // The eventfd is never read: each write is a new edge, and a worker could make a read block.
    if (!dead && end_->death_cause() != wire::DeathCause::Outside) events_.on_link_dead(*this);
}

void WorkerLink::on_process(std::uint32_t) {
    if (!dead) events_.on_link_dead(*this);
}

}  // namespace osmia::listener
