/// \file
/// The listener's side of one worker process: its channel, its descriptors, the requests it has.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

#include "base/message_socket.h"
#include "listener/exchange.h"
#include "listener/output_queue.h"
#include "listener/reactor.h"
#include "wire/channel_message.h"
#include "wire/listener_end.h"
#include "wire/supervisor_to_listener.h"

namespace osmia::listener {

/// Files one worker may have passed at once.
inline constexpr std::uint32_t MaxPassedFiles = 256;

/// Closed connections that wait for room in the worker's socket.
inline constexpr std::size_t MaxUntoldConnections = 65536;

/// What a link tells its dispatcher. All on the reactor's thread.
class WorkerLinkEvents {
public:
    virtual ~WorkerLinkEvents() = default;
    virtual void on_link_ready(WorkerLink& link) = 0;
    /// The worker has ended, or says that it is about to.
    virtual void on_link_dead(WorkerLink& link) = 0;
    virtual void on_link_broken(WorkerLink& link, const char* reason) = 0;
};

/// One worker. Private bookkeeping here is the truth; shared memory gives hints. Reactor's thread only.
class WorkerLink {
public:
    static Result<std::unique_ptr<WorkerLink>> create(const wire::AddWorker& message, UniqueFd channel, UniqueFd pidfd,
                                                      Reactor& reactor, WorkerLinkEvents& events);
    ~WorkerLink();

    std::uint64_t worker_id() const { return identity_.worker_id; }
    std::uint32_t pool_id() const { return identity_.pool_id; }
    std::uint32_t pid() const { return identity_.pid; }
    const std::string& crash_report() const { return identity_.crash_report; }
    wire::ListenerEnd& end() const { return *end_; }

    bool takes_requests() const { return ready_ && !retired && !dead && end_->used_slots() < capacity_; }
    bool is_ready() const { return ready_; }
    std::uint32_t active() const { return end_->used_slots(); }

    /// The exchange in a slot, or null.
    Exchange* exchange(std::uint32_t slot) const { return exchanges_[slot]; }
    /// Places the exchange's head and first body bytes; false when the channel takes no more.
    bool place(Exchange& exchange);
    /// Forgets the exchange and frees its slot.
    void release(Exchange& exchange);
    template <class Visit>
    void for_each(Visit&& visit) {
        for (std::uint32_t slot = 0; slot < wire::ChannelSlots; ++slot) {
            if (exchanges_[slot] != nullptr) visit(*exchanges_[slot]);
        }
    }

    /// The file a record names; null if the worker never passed it, even after reading what is still in the socket.
    std::shared_ptr<OpenFile> find_file(std::uint32_t file_id, std::uint32_t generation);
    /// Reads what the worker sent over the socket. Null, or why no honest worker sends that.
    const char* drain_socket();
    void send_connection_closed(std::uint64_t connection_id);
    /// Sends what the socket had no room for.
    void retry_connection_closed();

    // The dispatcher's notes.
    bool retired = false;
    bool drained_told = false;
    bool dead = false;
    bool crashed = false;                 ///< dead by its own fault: there will be a report
    bool unhealthy = false;
    bool distrusted = false;              ///< what it wrote into the shared memory says nothing
    bool published = false;               ///< something to flush this turn
    std::uint64_t finished = 0;
    std::int64_t last_progress_us = 0;
    std::int64_t noop_sent_us = 0;        ///< 0: none outstanding
    std::uint32_t stalled_untaken = 0;
    std::unordered_set<std::uint64_t> bound_connections;  ///< a subset of the listener's connections

private:
    template <void (WorkerLink::*Method)(std::uint32_t)>
    struct Watch final : IoHandler {
        explicit Watch(WorkerLink& owner) : link(owner) {}
        void on_io(std::uint32_t events) override { (link.*Method)(events); }
        WorkerLink& link;
    };

    WorkerLink(const wire::AddWorker& message, Reactor& reactor, WorkerLinkEvents& events);
    void on_socket(std::uint32_t events);
    void on_doorbell(std::uint32_t events);
    void on_process(std::uint32_t events);
    bool accept_file(const wire::PassFile& message, std::vector<UniqueFd> fds);

    wire::AddWorker identity_;
    Reactor& reactor_;
    WorkerLinkEvents& events_;
    UniqueFd socket_;
    UniqueFd pidfd_;
    std::unique_ptr<wire::ListenerEnd> end_;
    Watch<&WorkerLink::on_socket> socket_watch_{*this};
    Watch<&WorkerLink::on_doorbell> doorbell_watch_{*this};
    Watch<&WorkerLink::on_process> process_watch_{*this};
    bool ready_ = false;
    bool watching_ = false;
    std::vector<std::uint64_t> closed_connections_;  ///< not yet told; each was bound, so connections bound them
    std::uint32_t capacity_ = 0;
    std::vector<Exchange*> exchanges_;
    struct FileEntry {
        std::shared_ptr<OpenFile> file;
        std::uint32_t generation = 0;
    };
    std::array<FileEntry, MaxPassedFiles> files_;
};

}  // namespace osmia::listener
