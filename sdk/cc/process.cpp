#include "process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace osmia::cc {

namespace {

std::vector<char*> argument_pointers(const std::vector<std::string>& command) {
    std::vector<char*> pointers;
    for (const std::string& argument : command) pointers.push_back(const_cast<char*>(argument.c_str()));
    pointers.push_back(nullptr);
    return pointers;
}

std::string read_all(int descriptor) {
    std::string text;
    char buffer[4096];
    for (ssize_t size = 0; (size = read(descriptor, buffer, sizeof buffer)) > 0;) {
        text.append(buffer, static_cast<size_t>(size));
    }
    return text;
}

int exit_code_of(pid_t child) {
    int status = 0;
    if (waitpid(child, &status, 0) < 0) return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Finished run(const std::vector<std::string>& command, Capture capture) {
    int ends[2] = {-1, -1};
    if (capture != Capture::Nothing && pipe2(ends, O_CLOEXEC) != 0) return {};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    if (capture == Capture::Output) posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    if (capture == Capture::Errors) posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    pid_t child = 0;
    int error = posix_spawnp(&child, command[0].c_str(), &actions, nullptr, argument_pointers(command).data(),
                             environ);
    posix_spawn_file_actions_destroy(&actions);
    if (ends[1] >= 0) close(ends[1]);
    Finished finished;
    finished.exit_code = 127;
    if (error == 0) {
        if (ends[0] >= 0) finished.output = read_all(ends[0]);
        finished.exit_code = exit_code_of(child);
    }
    if (ends[0] >= 0) close(ends[0]);
    return finished;
}

}  // namespace osmia::cc
