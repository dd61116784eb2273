#include "worker/channel.h"

#include <poll.h>

#include "wire/channel_message.h"
#include "worker/death.h"
#include "worker/wire_session.h"

namespace osmia::worker {

namespace {

Result<wire::Received<wire::ListenerToWorkerMessage>> receive_hello(const UniqueFd& socket, int limit_ms) {
    pollfd wait{socket.get(), POLLIN, 0};
    if (::poll(&wait, 1, limit_ms) != 1)
        return make_error(ErrorKind::TimedOut, "the listener's hello did not come");
    auto received = OSMIA_TRY(wire::receive<wire::ListenerToWorkerMessage>(socket));
    const auto* hello = std::get_if<wire::ChannelHello>(&received.message);
    if (hello == nullptr || received.fds.size() != 3)
        return make_error(ErrorKind::Invalid, "the channel does not begin with a hello");
    if (hello->version != wire::ProtocolVersion) {
        return make_error(ErrorKind::Invalid, "the listener speaks version {}, this worker version {}",
                          hello->version, wire::ProtocolVersion);
    }
    return received;
}

std::uint64_t next_number() {
    static std::atomic<std::uint64_t> last = 0;
    return ++last;
}

}  // namespace

Channel::Channel(UniqueFd socket, std::unique_ptr<wire::WorkerEnd> end, ChannelClient& client)
    : socket_(std::move(socket)),
      end_(std::move(end)),
      client_(client),
      files_([this](std::uint32_t id, std::uint32_t generation,
                    int fd) { return pass_file(id, generation, fd); },
             [this](const wire::WorkerEnd::WriteMark& mark) { return end_->is_consumed(mark); }),
      number_(next_number()) {
    remember_channel(end_.get());
}

Channel::~Channel() {
    forget_channel(end_.get());
}

Result<std::shared_ptr<Channel>> Channel::attach(UniqueFd socket, int limit_ms, ChannelClient& client,
                                                 ThreadFactory& threads) {
    auto hello = OSMIA_TRY(receive_hello(socket, limit_ms));
    auto end = OSMIA_TRY(
        wire::WorkerEnd::attach(std::move(hello.fds[0]), std::move(hello.fds[1]), std::move(hello.fds[2])));
    std::shared_ptr<Channel> channel(new Channel(std::move(socket), std::move(end), client));
    OSMIA_TRY_VOID(threads.start("osmia-channel", [channel] { listen(channel); }));
    wire::ChannelReady ready;
    ready.capacity = DefaultCapacity;
    OSMIA_TRY_VOID(wire::send<wire::WorkerToListenerMessage>(channel->socket_, ready));
    return channel;
}

bool Channel::run_one() {
    if (!taking_ || closed_) return false;
    const auto slot = end_->take();
    if (!slot) return false;
    auto session = WireSession::create(shared_from_this(), *slot);
    if (session) client_.execute(std::move(session));
    return true;
}

bool Channel::sleep(std::uint32_t index, long long limit_ns, const std::function<bool()>& must_stay_awake) {
    // A drained or dead channel's ring may still show requests that nobody here will take.
    const bool takes = taking_ && !closed_;
    return end_->park(index, limit_ns, [&] { return must_stay_awake() || takes != (taking_ && !closed_); });
}

void Channel::listen(std::shared_ptr<Channel> self) {
    while (!self->closed_) {
        const auto events =
            self->end_->wait_events([&] { return static_cast<long long>(self->client_.tick_interval().count()); },
                                    [&](std::uint32_t slot) { self->look(slot); });
        if (events.starved) self->client_.on_starved(*self);
        self->client_.on_tick();
    }
}

void Channel::look(std::uint32_t slot) {
    const std::lock_guard lock(waiters_mutex_);
    if (slot < waiters_.size() && waiters_[slot] != nullptr) waiters_[slot]->on_event();
}

void Channel::register_waiter(std::uint32_t slot, WireSession* session) {
    const std::lock_guard lock(waiters_mutex_);
    waiters_[slot] = session;
}

void Channel::unregister_waiter(std::uint32_t slot) {
    const std::lock_guard lock(waiters_mutex_);
    waiters_[slot] = nullptr;
}

bool Channel::on_socket_readable() {
    for (;;) {
        const auto received = wire::receive<wire::ListenerToWorkerMessage>(socket_);
        if (!received.ok()) return received.error().kind == ErrorKind::Busy;
        if (const auto* closed = std::get_if<wire::ConnectionClosed>(&received.value().message))
            client_.on_connection_closed(*this, closed->connection_id);
    }
}

void Channel::close() {
    if (closed_.exchange(true)) return;
    end_->wake_channel_thread();
    const std::lock_guard lock(waiters_mutex_);
    for (WireSession* session : waiters_) {
        if (session != nullptr) session->on_event();
    }
}

Result<void> Channel::pass_file(std::uint32_t id, std::uint32_t generation, int fd) {
    return wire::send<wire::WorkerToListenerMessage>(socket_, wire::PassFile{id, generation},
                                                     std::span(&fd, 1));
}

}  // namespace osmia::worker
