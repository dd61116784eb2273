#include "supervisor/other_version.h"

#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "supervisor/state_text.h"
#include "supervisor/worker.h"

namespace osmia::supervisor {

namespace {

// "worker/9/control" → "worker/9"; empty for other names.
std::string process_of(const std::string& name) {
    const auto second = name.find('/', name.find('/') + 1);
    const bool is_process = name.starts_with("listener/") || name.starts_with("worker/");
    return is_process && second != std::string::npos ? name.substr(0, second) : std::string();
}

std::uint64_t id_of(const std::string& process) { return std::strtoull(process.c_str() + process.find('/') + 1, nullptr, 10); }

// The kernel's word, which no version can change; 0 when the process has gone.
pid_t pid_of(const UniqueFd& pidfd) {
    const auto text = read_file(fmt::format("/proc/self/fdinfo/{}", pidfd.get()), 4096);
    const auto at = text.ok() ? text.value().find("\nPid:") : std::string::npos;
    return at == std::string::npos ? 0 : static_cast<pid_t>(std::max(0L, std::atol(text.value().c_str() + at + 5)));
}

}  // namespace

void OtherVersion::take(Restored& restored, const std::function<bool(std::uint64_t id)>& speaks_ours) {
    std::set<std::string> others;
    for (const auto& [name, fd] : restored.fds) {
        const std::string process = process_of(name);
        if (!process.empty() && !speaks_ours(id_of(process))) others.insert(process);
    }
    for (const auto& process : others) adopt(process, restored);
}

void OtherVersion::adopt(const std::string& name, Restored& restored) {
    auto process = std::make_unique<Process>();
    process->is_listener = name.starts_with("listener/");
    process->id = id_of(name);
    process->control = restored.take_fd(name + "/control");
    process->output = restored.take_fd(name + "/output");
    UniqueFd pidfd = restored.take_fd(name + "/pidfd");
    const std::string record_text = std::exchange(restored.state[name], {});
    restored.state.erase(name);
    const pid_t pid = pidfd ? pid_of(pidfd) : 0;
    if (pid == 0 || !process->control) return;
    const auto record = process->is_listener ? Result<WorkerRecord>(Error{}) : from_state_text<WorkerRecord>(record_text);
    if (record.ok()) pools_.insert(record.value().pool_id);
    machinery_.records.add(pid);
    watch_output(*process, pid);
    process->watch = std::make_unique<ProcessWatch>(machinery_.loop, pid, std::move(pidfd), [this, name](std::optional<int>) { on_ended(name); });
    processes_[name] = std::move(process);
}

void OtherVersion::watch_output(Process& process, pid_t pid) {
    if (!process.output) return;
    process.lines = std::make_unique<OutputLines>(
        [this, pid](std::string_view line) { machinery_.output.problem(fmt::format("{} [{}]: {}", time_of_day(), pid, line)); });
    machinery_.loop.add(process.output, EPOLLIN, [this, one = &process](std::uint32_t) { read_output(*one); });
}

void OtherVersion::read_output(Process& process) {
    char buffer[16 * 1024];
    const ssize_t size = ::read(process.output.get(), buffer, sizeof buffer);
    if (size > 0) return process.lines->add({buffer, static_cast<std::size_t>(size)}, EventLoop::Clock::now());
    if (size == 0) machinery_.loop.remove(process.output);
}

std::set<pid_t> OtherVersion::pids() const {
    std::set<pid_t> pids;
    for (const auto& [name, process] : processes_) pids.insert(process->watch->pid());
    return pids;
}

void OtherVersion::end() {
    ending_ = true;
    hang_up_those_who_may();
}

void OtherVersion::hang_up_those_who_may() {
    if (!ending_) return;
    const bool listeners = std::any_of(processes_.begin(), processes_.end(), [](const auto& one) { return one.second->is_listener; });
    for (auto& [name, process] : processes_) {
        if (process->control && (process->is_listener || !listeners)) hang_up(name, *process);
    }
}

// The guardian's copy of the socket must go, too.
void OtherVersion::hang_up(const std::string& name, Process& process) {
    machinery_.guardian.drop_fd(name + "/control");
    process.control.reset();
    if (process.is_listener) return;  // it keeps to a limit of its own
    process.deadline = machinery_.loop.after(OtherVersionLimit, [one = &process] { one->watch->send_signal(SIGKILL); });
}

void OtherVersion::on_ended(const std::string& name) {
    auto node = processes_.extract(name);
    std::shared_ptr<Process> process = std::move(node.mapped());
    machinery_.loop.cancel(process->deadline);
    if (process->output) {
        read_output(*process);
        process->lines->finish();
        machinery_.loop.remove(process->output);
    }
    machinery_.records.remove(process->watch->pid());
    for (const char* part : {"control", "output", "pidfd", "note"}) machinery_.guardian.drop_fd(fmt::format("{}/{}", name, part));
    machinery_.guardian.store_state(name, {});
    if (!process->is_listener) {
        machinery_.guardian.store_state(fmt::format("report/{}", process->id), {});
        std::error_code ignored;
        std::filesystem::remove_all(fmt::format("{}/{}", machinery_.folders.temporary(), process->id), ignored);
    }
    machinery_.loop.after({}, [process] {});  // its watch is in the middle of a call to us
    hang_up_those_who_may();
    if (processes_.empty()) none_left_();
}

void OtherVersion::give_status(pid_t pid, int status) {
    for (auto& [name, process] : processes_) {
        if (process->watch->pid() == pid) return process->watch->give_status(status);
    }
}

}  // namespace osmia::supervisor
