#include "supervisor/running_records.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "base/files.h"
#include "base/unique_fd.h"

namespace osmia::supervisor {

namespace {

struct Leftover {
    pid_t pid;
    UniqueFd pidfd;
};

// Field 22 of /proc/PID/stat, in ticks since the boot, and the boot's id; empty when there is no such process.
std::string birth_of(pid_t pid) {
    const auto text = [](const std::string& path) {
        std::ifstream file(path);
        std::string line;
        std::getline(file, line);
        return line;
    };
    const std::string stat = text(fmt::format("/proc/{}/stat", pid));
    const auto name_end = stat.rfind(')');
    if (name_end == std::string::npos) return {};
    std::istringstream fields(stat.substr(name_end + 1));
    std::string field;
    constexpr int StartTimeAfterName = 20;
    for (int i = 0; i < StartTimeAfterName; ++i) fields >> field;
    return field + " " + text("/proc/sys/kernel/random/boot_id");
}

void wait_for(const std::vector<Leftover>& leftovers, std::chrono::milliseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    for (const auto& one : leftovers) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        pollfd wait{one.pidfd.get(), POLLIN, 0};
        ::poll(&wait, 1, static_cast<int>(std::max<std::int64_t>(0, left.count())));
    }
}

void signal_all(const std::vector<Leftover>& leftovers, int number) {
    for (const auto& one : leftovers) ::syscall(SYS_pidfd_send_signal, one.pidfd.get(), number, nullptr, 0);
}

}  // namespace

void RunningRecords::add(pid_t pid) const {
    std::ofstream(folder_ + "/" + std::to_string(pid)) << birth_of(pid) << "\n";
}

void RunningRecords::remove(pid_t pid) const { ::unlink((folder_ + "/" + std::to_string(pid)).c_str()); }

int RunningRecords::end_leftovers(const std::set<pid_t>& keep) const {
    std::vector<Leftover> leftovers;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder_, ignored)) {
        const std::string name = entry.path().filename();
        pid_t pid = 0;
        std::from_chars(name.data(), name.data() + name.size(), pid);
        if (pid <= 1 || keep.contains(pid) || pid == ::getpid()) continue;
        UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
        const auto recorded = read_file(entry.path(), 256);
        const std::string birth = birth_of(pid);
        const bool same = pidfd && recorded.ok() && !birth.empty() && recorded.value() == birth + "\n";
        std::filesystem::remove(entry.path(), ignored);
        if (same) leftovers.push_back({pid, std::move(pidfd)});
    }
    signal_all(leftovers, SIGTERM);
    wait_for(leftovers, LeftoverPatience);
    signal_all(leftovers, SIGKILL);
    wait_for(leftovers, std::chrono::minutes(1));
    return static_cast<int>(leftovers.size());
}

}  // namespace osmia::supervisor
