/// \file
/// Programs that a module starts: they die with the worker and inherit nothing but what is named here.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "gateway/environment.h"

namespace gateway {

struct SpawnRequest {
    std::string program;
    std::vector<std::string> arguments;  ///< without the program's name
    Variables environment;
    std::string folder;
    int input = -1, output = -1;  ///< the caller's; -1: /dev/null
    int error = -1;               ///< -1: the worker's standard error
};

/// A running program in a process group of its own. Its destruction is its end. One thread at a time.
///
/// The kernel kills a child with PR_SET_PDEATHSIG when the thread that made it ends, so each has a thread of its own: that
/// works where a worker's sandbox lets it signal nobody, and it is what ends the child when the worker dies.
class ChildProcess {
public:
    /// Null with errno set: the program could not be started.
    static std::unique_ptr<ChildProcess> start(const SpawnRequest& request);
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    pid_t pid() const { return pid_; }
    /// Whether it has ended by itself.
    bool has_ended();
    /// SIGTERM, where the sandbox allows it.
    void ask_to_end();

private:
    class Parent;
    explicit ChildProcess(std::unique_ptr<Parent> parent, pid_t pid);

    std::unique_ptr<Parent> parent_;
    pid_t pid_;
    bool reaped_ = false;
};

/// "a \"b c\" d" to its words: blanks part them, double quotes hold them together.
std::vector<std::string> split_arguments(const std::string& text);

}  // namespace gateway
