/// \file
/// One channel to a listener: its shared memory, its socket, the files passed over it, and the thread that
/// hears its events.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

#include "base/unique_fd.h"
#include "wire/worker_end.h"
#include "worker/file_table.h"
#include "worker/request_session.h"
#include "worker/thread_pool.h"

namespace osmia::worker {

class Channel;
class WireSession;
class Channel;

/// Requests that one worker takes at once, over one channel.
inline constexpr std::uint32_t DefaultCapacity = 1024;

/// Runs taken requests: what the channel needs of the worker.
class ChannelClient {
public:
    virtual ~ChannelClient() = default;
    virtual void execute(std::unique_ptr<RequestSession> session) = 0;
    virtual void post(std::function<void()> work) = 0;
    /// Requests wait in the channel and no thread takes them.
    virtual void on_starved(Channel& channel) = 0;
    /// On the thread that reads the socket. The connection was bound to this worker.
    virtual void on_connection_closed(Channel& channel, std::uint64_t connection_id) = 0;
    /// On the channel thread, after tick_interval() at the latest, and after each event.
    virtual void on_tick() = 0;
    /// How long the channel thread may sleep when nothing happens; asked just before it does, so that whoever
    /// shortens the time afterwards can wake it.
    virtual std::chrono::nanoseconds tick_interval() = 0;
};

/// Shared by the pool and by its sessions; lives until the last of them is gone. Functions may be called on
/// any thread.
class Channel final : public RequestSource, public std::enable_shared_from_this<Channel> {
public:
    /// Receives the listener's hello on \a socket (waiting at most \a limit_ms for it), maps the regions,
    /// answers.
    static Result<std::shared_ptr<Channel>> attach(UniqueFd socket, int limit_ms, ChannelClient& client,
                                                   ThreadFactory& threads);
    ~Channel() override;

    // RequestSource
    bool run_one() override;
    bool sleep(std::uint32_t index, long long limit_ns,
               const std::function<bool()>& must_stay_awake) override;
    bool wake_one() override { return end_->wake_one(); }
    void set_thread_count(std::uint32_t count) override { end_->set_thread_count(count); }

    /// Reads messages from the socket. False at its end: the listener has gone.
    bool on_socket_readable();
    const UniqueFd& socket() const { return socket_; }
    /// The listener is gone or the worker ends: waiting sessions give up, the channel thread ends.
    void close();
    bool is_closed() const { return closed_.load(std::memory_order_acquire); }
    /// No request is taken from now on.
    void stop_taking() { taking_ = false; }

    /// Tells the channels of this process apart.
    std::uint64_t number() const { return number_; }
    wire::WorkerEnd& end() { return *end_; }
    FileTable& files() { return files_; }
    ChannelClient& client() { return client_; }

    /// A session that waits is told of its slot's events until it unregisters, at the latest in done().
    void register_waiter(std::uint32_t slot, WireSession* session);
    void unregister_waiter(std::uint32_t slot);

private:
    Channel(UniqueFd socket, std::unique_ptr<wire::WorkerEnd> end, ChannelClient& client);
    static void listen(std::shared_ptr<Channel> self);
    Result<void> pass_file(std::uint32_t id, std::uint32_t generation, int fd);
    void look(std::uint32_t slot);

    UniqueFd socket_;
    std::unique_ptr<wire::WorkerEnd> end_;
    ChannelClient& client_;
    FileTable files_;
    const std::uint64_t number_;
    std::atomic<bool> closed_ = false;
    std::atomic<bool> taking_ = true;
    std::mutex waiters_mutex_;
    std::array<WireSession*, wire::ChannelSlots> waiters_{};
};

}  // namespace osmia::worker
