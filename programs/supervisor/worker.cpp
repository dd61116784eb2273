#include "supervisor/worker.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>

#include "base/files.h"
#include "base/random_id.h"
#include "supervisor/snapshot.h"
#include "supervisor/spawn.h"
#include "supervisor/state_text.h"
#include "wire/crash_note.h"

namespace osmia::supervisor {

namespace {

// As much as an ordinary user may have: a crash's last words must fit while nobody reads.
constexpr int OutputPipeSize = 1 << 20;

std::uint64_t now_milliseconds() {
    using namespace std::chrono;
    return static_cast<std::uint64_t>(duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
}

Result<std::pair<UniqueFd, UniqueFd>> make_output_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return errno_error("pipe");
    // Only the reading side: the writer's flags are another open file's.
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    ::fcntl(ends[0], F_SETPIPE_SZ, OutputPipeSize);
    return std::pair(UniqueFd(ends[0]), UniqueFd(ends[1]));
}

}  // namespace

std::string_view public_state(WorkerPhase phase) {
    constexpr std::string_view Names[] = {"starting", "running", "running", "draining", "draining", "draining", "dead"};
    return Names[static_cast<std::size_t>(phase)];
}

Worker::Worker(Machinery& machinery, WorkerOwner& owner, std::shared_ptr<const WorkerSettings> settings, WorkerRecord record)
    : machinery_(machinery),
      owner_(owner),
      settings_(std::move(settings)),
      record_(record),
      lines_([this](std::string_view line) {
          machinery_.output.problem(fmt::format("{} {}[{}]: {}", time_of_day(), settings_->pool, record_.pid, line));
      }),
      last_activity_(EventLoop::Clock::now()) {}

Worker::~Worker() {
    for (const auto timer : {deadline_, ping_timer_, lifetime_timer_}) machinery_.loop.cancel(timer);
    if (output_) machinery_.loop.remove(output_);
}

Result<std::unique_ptr<Worker>> Worker::start(Machinery& machinery, WorkerOwner& owner, std::shared_ptr<const WorkerSettings> settings,
                                              std::uint64_t worker_id, std::uint32_t pool_id, std::uint32_t generation) {
    WorkerRecord record;
    record.worker_id = worker_id;
    record.pool_id = pool_id;
    record.generation = generation;
    record.started_at = now_milliseconds();
    record.crash_report = random_id().substr(0, 12);
    std::unique_ptr<Worker> worker(new Worker(machinery, owner, std::move(settings), record));
    OSMIA_TRY_VOID(worker->launch());
    return worker;
}

Result<void> Worker::launch() {
    auto [ours, theirs] = OSMIA_TRY(make_message_pair());
    auto [output_reader, output_writer] = OSMIA_TRY(make_output_pipe());
    OSMIA_TRY_VOID(make_crash_note());
    const std::string temporary = temporary_folder();
    OSMIA_TRY_VOID(make_directories(temporary, 0700));
    if (settings_->identity && ::chown(temporary.c_str(), settings_->identity->uid, settings_->identity->gid) != 0) return errno_error(temporary);

    SpawnRequest request;
    request.program = machinery_.programs.worker;
    request.arguments = {settings_->pool};
    request.environment = settings_->environment;
    request.environment.push_back("TMPDIR=" + temporary);
    request.control = theirs.get();
    request.output = output_writer.get();
    request.identity = settings_->identity;
    auto spawned = OSMIA_TRY(spawn(request));
    record_.pid = static_cast<std::uint32_t>(spawned.pid);
    machinery_.records.add(spawned.pid);
    take_over(std::move(ours), std::move(output_reader), std::move(spawned.pidfd));
    machinery_.guardian.store_fd(key("control"), channel_->socket());
    machinery_.guardian.store_fd(key("output"), output_);
    machinery_.guardian.store_fd(key("pidfd"), watch_->pidfd());
    machinery_.guardian.store_fd(key("note"), crash_note_);
    set_phase(WorkerPhase::Starting);

    wire::StartWorker start;
    start.worker_id = record_.worker_id;
    start.pool = settings_->pool;
    start.generation = record_.generation;
    start.configuration_file = settings_->configuration_file;
    start.modules_folder = machinery_.programs.modules_folder;
    start.temporary_folder = temporary;
    start.data_folder = machinery_.folders.data();
    start.extension_store = settings_->extension_store;
    start.idle_timeout_ms = to_milliseconds(settings_->idle_timeout);
    const int note = crash_note_.get();
    send(start, std::span(&note, 1));
    for (const ListenerId id : machinery_.listener.ids()) attach_listener(id);
    set_deadline(settings_->startup_limit, [this] {
        fail(fmt::format("not ready within {} s", std::chrono::duration<double>(settings_->startup_limit).count()));
    });
    return {};
}

std::unique_ptr<Worker> Worker::adopt(Machinery& machinery, WorkerOwner& owner, std::shared_ptr<const WorkerSettings> settings,
                                      const WorkerRecord& record, Restored& restored) {
    std::unique_ptr<Worker> worker(new Worker(machinery, owner, std::move(settings), record));
    UniqueFd control = restored.take_fd(worker->key("control"));
    UniqueFd output = restored.take_fd(worker->key("output"));
    UniqueFd pidfd = restored.take_fd(worker->key("pidfd"));
    if (!control || !output || !pidfd) return nullptr;
    worker->crash_note_ = restored.take_fd(worker->key("note"));
    worker->take_over(std::move(control), std::move(output), std::move(pidfd));
    machinery.records.add(static_cast<pid_t>(record.pid));
    worker->restore_report(restored);
    if (record.phase == WorkerPhase::Running) worker->schedule_ping();
    if (record.phase == WorkerPhase::Draining) worker->drain(worker->settings_->shutdown_limit);
    if (record.phase == WorkerPhase::Retiring) worker->retire_within_limit();
    if (record.phase == WorkerPhase::Ending) worker->watch_->send_signal(SIGKILL);
    return worker;
}

void Worker::take_over(UniqueFd control, UniqueFd output, UniqueFd pidfd) {
    channel_ = std::make_unique<MessageChannel>(
        machinery_.loop, std::move(control), [this](ReceivedMessage raw) { on_message(std::move(raw)); },
        [this](const Error& reason) { on_channel_closed(reason); }, MaxWorkerBacklog);
    output_ = std::move(output);
    machinery_.loop.add(output_, EPOLLIN, [this](std::uint32_t) { read_output(); });
    watch_ = std::make_unique<ProcessWatch>(machinery_.loop, static_cast<pid_t>(record_.pid), std::move(pidfd),
                                            [this](std::optional<int> status) { on_ended(status); });
}

std::string Worker::key(std::string_view part) const { return fmt::format("worker/{}/{}", record_.worker_id, part); }

std::string Worker::temporary_folder() const { return fmt::format("{}/{}", machinery_.folders.temporary(), record_.worker_id); }

// Its size is fixed: the worker cannot make it grow, nor take it away under the reader.
Result<void> Worker::make_crash_note() {
    crash_note_.reset(::memfd_create("osmia-crash-note", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!crash_note_ || ::ftruncate(crash_note_.get(), sizeof(wire::CrashNote)) != 0) return errno_error("memfd_create");
    if (::fcntl(crash_note_.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) return errno_error("sealing");
    return {};
}

void Worker::set_phase(WorkerPhase phase) {
    record_.phase = phase;
    machinery_.guardian.store_state(fmt::format("worker/{}", record_.worker_id), to_state_text(record_));
}

void Worker::forget() {
    for (const char* part : {"control", "output", "pidfd", "note"}) machinery_.guardian.drop_fd(key(part));
    machinery_.guardian.store_state(fmt::format("worker/{}", record_.worker_id), {});
    machinery_.guardian.store_state(fmt::format("report/{}", record_.worker_id), {});
    machinery_.records.remove(static_cast<pid_t>(record_.pid));
    std::error_code ignored;
    std::filesystem::remove_all(temporary_folder(), ignored);
}

void Worker::send(const wire::SupervisorToWorker& message, std::span<const int> fds) { channel_->send(wire::encode(message), fds); }

void Worker::attach_listener(ListenerId id) {
    if (leaving()) return;
    auto pair = make_message_pair();
    if (!pair.ok()) return fail(pair.error().message);
    const int theirs = pair.value().second.get();
    send(wire::AttachListener{}, std::span(&theirs, 1));
    listener_channels_.insert_or_assign(id, std::move(pair.value().first));
    if (record_.phase == WorkerPhase::Running) send_channels_to_listeners();
}

void Worker::send_channels_to_listeners() {
    for (const auto& [id, channel] : std::exchange(listener_channels_, {})) {
        const int fds[] = {channel.get(), watch_->pidfd().get()};
        machinery_.listener.send_to(id, wire::AddWorker{record_.worker_id, record_.pool_id, record_.generation, record_.pid, record_.crash_report}, fds);
    }
}

void Worker::announce() {
    if (record_.phase != WorkerPhase::Ready) return;
    send_channels_to_listeners();
    set_phase(WorkerPhase::Running);
    schedule_ping();
    if (settings_->lifetime.count() > 0) {
        lifetime_timer_ = machinery_.loop.after(settings_->lifetime, [this] { ask(wire::RecycleReason::Time, "its time is over"); });
    }
}

void Worker::retire() {
    if (record_.phase == WorkerPhase::Starting || record_.phase == WorkerPhase::Ready) {
        clear_deadline();
        return drain(settings_->shutdown_limit);
    }
    if (record_.phase != WorkerPhase::Running) return;
    set_phase(WorkerPhase::Retiring);
    retire_within_limit();
}

void Worker::retire_within_limit() {
    set_deadline(settings_->shutdown_limit, [this] {
        end_reason_ = fmt::format("not finished within {} s", std::chrono::duration<double>(settings_->shutdown_limit).count());
        machinery_.output.problem(fmt::format("worker {} of pool {}: {}; killed", record_.pid, settings_->pool, end_reason_));
        kill();
    });
    wait_for_listeners();
}

void Worker::wait_for_listeners() {
    const auto ids = machinery_.listener.ids();
    awaited_listeners_.insert(ids.begin(), ids.end());
    if (awaited_listeners_.empty()) return drain(settings_->shutdown_limit);
    machinery_.listener.send(wire::RetireWorker{record_.worker_id});
}

void Worker::listener_done(ListenerId id) {
    listener_channels_.erase(id);
    if (awaited_listeners_.erase(id) == 0 || !awaited_listeners_.empty()) return;
    if (record_.phase == WorkerPhase::Retiring) drain(settings_->shutdown_limit);
}

void Worker::drain(std::chrono::milliseconds limit) {
    set_phase(WorkerPhase::Draining);
    send(wire::DrainWorker{to_milliseconds(limit)});
    // A deadline of retire() goes on.
    if (deadline_ == 0) set_deadline(limit, [this] { kill(); });
}

void Worker::fail(const std::string& reason) {
    if (record_.phase >= WorkerPhase::Ending) return;
    blamed_ = !leaving();
    end_reason_ = printable(reason, MaxReportedText);
    if (record_.phase == WorkerPhase::Running) machinery_.listener.send(wire::WorkerUnhealthy{record_.worker_id, reason});
    kill();
}

void Worker::end() { kill(); }

void Worker::kill() {
    if (record_.phase >= WorkerPhase::Ending) return;
    set_phase(WorkerPhase::Ending);
    watch_->send_signal(SIGKILL);
}

void Worker::set_deadline(std::chrono::milliseconds limit, std::function<void()> expired) {
    clear_deadline();
    deadline_ = machinery_.loop.after(limit, [this, expired = std::move(expired)] {
        deadline_ = 0;
        expired();
    });
}

void Worker::clear_deadline() { machinery_.loop.cancel(std::exchange(deadline_, 0)); }

}  // namespace osmia::supervisor
