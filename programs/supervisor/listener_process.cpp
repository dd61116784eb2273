#include "supervisor/listener_process.h"

#include <signal.h>

#include <utility>

#include "supervisor/snapshot.h"
#include "supervisor/spawn.h"
#include "supervisor/state_text.h"

namespace osmia::supervisor {

namespace {

SpawnRequest request_for(const ListenerSurroundings& with, const std::optional<Identity>& identity, BorrowedFd control) {
    SpawnRequest request;
    request.program = with.programs.listener;
    request.arguments = {"http"};
    request.environment = {"OSMIA_CONTROL_FD=3"};
    for (const char* name : {"TZ", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
        if (const char* value = ::getenv(name)) request.environment.push_back(fmt::format("{}={}", name, value));
    }
    request.control = control.get();
    request.identity = identity;
    return request;
}

}  // namespace

ListenerProcess::ListenerProcess(const ListenerSurroundings& with, ListenerRecord record, Events events)
    : with_(with), record_(record), events_(std::move(events)) {}

ListenerProcess::~ListenerProcess() { with_.loop.cancel(deadline_); }

Result<std::unique_ptr<ListenerProcess>> ListenerProcess::start(const ListenerSurroundings& with, const std::optional<Identity>& identity,
                                                                ListenerId id, Events events) {
    auto [ours, theirs] = OSMIA_TRY(make_message_pair());
    auto spawned = OSMIA_TRY(spawn(request_for(with, identity, theirs)));
    with.records.add(spawned.pid);
    std::unique_ptr<ListenerProcess> process(
        new ListenerProcess(with, {id, static_cast<std::uint32_t>(spawned.pid), false}, std::move(events)));
    process->take_over(std::move(ours), std::move(spawned.pidfd));
    with.guardian.store_fd(process->key("control"), process->channel_->socket());
    with.guardian.store_fd(process->key("pidfd"), process->watch_->pidfd());
    process->set_deadline(ListenerStartLimit, "it does not get ready");
    process->send(wire::ListenerHello{});
    return process;
}

std::unique_ptr<ListenerProcess> ListenerProcess::adopt(const ListenerSurroundings& with, const ListenerRecord& record,
                                                        Restored& restored, Events events) {
    std::unique_ptr<ListenerProcess> process(new ListenerProcess(with, record, std::move(events)));
    UniqueFd control = restored.take_fd(process->key("control"));
    UniqueFd pidfd = restored.take_fd(process->key("pidfd"));
    if (!control || !pidfd) return nullptr;
    with.records.add(process->pid());
    process->take_over(std::move(control), std::move(pidfd));
    process->configured_ = true;
    return process;
}

void ListenerProcess::take_over(UniqueFd control, UniqueFd pidfd) {
    channel_ = std::make_unique<MessageChannel>(
        with_.loop, std::move(control), [this](ReceivedMessage raw) { on_message(std::move(raw)); },
        [this](const Error& reason) {
            if (reason.kind != ErrorKind::Closed) fail("its control socket: " + reason.message);
        });
    watch_ = std::make_unique<ProcessWatch>(with_.loop, pid(), std::move(pidfd), [this](std::optional<int> status) { on_ended(status); });
}

std::string ListenerProcess::key(std::string_view part) const {
    return fmt::format("listener/{}{}{}", id(), part.empty() ? "" : "/", part);
}

void ListenerProcess::store() { with_.guardian.store_state(key(), to_state_text(record_)); }

void ListenerProcess::set_deadline(std::chrono::milliseconds limit, const char* what) {
    with_.loop.cancel(deadline_);
    deadline_ = with_.loop.after(limit, [this, what] { fail(what); });
}

void ListenerProcess::on_message(ReceivedMessage raw) {
    const auto decoded = wire::decode<wire::ListenerToSupervisor>(raw.bytes);
    if (!decoded.ok()) return fail("it sent " + decoded.error().message);
    const auto* ready = std::get_if<wire::ListenerReady>(&decoded.value());
    if (ready != nullptr && ready->version != wire::ProtocolVersion) {
        return fail(fmt::format("it speaks protocol version {}, not {}", ready->version, wire::ProtocolVersion));
    }
    if (std::holds_alternative<wire::SnapshotApplied>(decoded.value()) && !std::exchange(configured_, true)) {
        // Only now may another supervisor adopt it: one that died while it told the listener what there is took the rest along.
        store();
        with_.loop.cancel(deadline_);
        events_.configured(*this);
    }
    events_.said(*this, decoded.value());
}

void ListenerProcess::drain(std::chrono::milliseconds limit, bool replaced) {
    record_.draining = true;
    if (configured_) store();
    send(wire::DrainListener{to_milliseconds(limit), replaced});
    // The listener keeps to the limit itself; this is for one that does not.
    constexpr std::chrono::seconds Grace{2};
    set_deadline(limit + Grace, "it does not finish");
}

void ListenerProcess::fail(const std::string& reason) {
    with_.output.problem(fmt::format("the listener ({}) is ended: {}", pid(), reason));
    watch_->send_signal(SIGKILL);
}

void ListenerProcess::on_ended(std::optional<int> status) {
    with_.loop.cancel(deadline_);
    with_.records.remove(pid());
    for (const char* part : {"control", "pidfd"}) with_.guardian.drop_fd(key(part));
    with_.guardian.store_state(key(), {});
    events_.ended(*this, status ? judge_death(*status) : unknown_death());
}

}  // namespace osmia::supervisor
