/// \file
/// Listeners and workers that speak another version of the protocols: nobody can talk to them, but they can be ended in
/// order, listeners first, and lose nothing.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>

#include "supervisor/machinery.h"
#include "supervisor/output_lines.h"
#include "supervisor/process_watch.h"

namespace osmia::supervisor {

/// What a worker of another version gets to finish after the last listener of its version has ended.
inline constexpr std::chrono::seconds OtherVersionLimit{90};

/// Holds the descriptors of such processes, under the names that every version uses (docs/wire/control.md), and prints what
/// they print. One thread.
class OtherVersion {
public:
    /// \a none_left is called when the last has ended.
    OtherVersion(Machinery& machinery, std::function<void()> none_left) : machinery_(machinery), none_left_(std::move(none_left)) {}

    /// Takes every process out of \a restored whose number does not speak ours.
    void take(Restored& restored, const std::function<bool(std::uint64_t id)>& speaks_ours);
    /// Ends them: end of file on its control socket is what every version understands. Workers follow their listeners.
    void end();
    void give_status(pid_t pid, int status);
    std::set<pid_t> pids() const;
    /// Pools that such workers serve.
    const std::set<std::uint32_t>& pools() const { return pools_; }
    bool empty() const { return processes_.empty(); }

private:
    struct Process {
        bool is_listener = false;
        std::uint64_t id = 0;
        UniqueFd control, output;
        std::unique_ptr<ProcessWatch> watch;
        std::unique_ptr<OutputLines> lines;
        EventLoop::TimerId deadline = 0;
    };

    void adopt(const std::string& name, Restored& restored);
    void watch_output(Process& process, pid_t pid);
    void read_output(Process& process);
    void hang_up(const std::string& name, Process& process);
    void hang_up_those_who_may();
    void on_ended(const std::string& name);

    Machinery& machinery_;
    std::function<void()> none_left_;
    std::map<std::string, std::unique_ptr<Process>> processes_;  // "listener/7", "worker/9"
    std::set<std::uint32_t> pools_;
    bool ending_ = false;
};

}  // namespace osmia::supervisor
