/// \file
/// osmia-supervisor: reads the configuration, owns the listening sockets, starts the listener and the workers.
///
/// Privileges: those of who started the server, for as long as it runs: it must be able to start workers under other
/// identities. Reads no network bytes, loads no foreign code, asks no name service. Opens: the configuration, the state
/// folder, listening sockets, the control socket. Talks to: its guardian (descriptor 3), the listener, the workers, local
/// users over the control socket. Not dumpable.
///
/// Started by the guardian only. Exit status, announced to the guardian: 0 after a drain, 1 cannot start; 2 usage.
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

#include "supervisor/commands.h"
#include "supervisor/server.h"
#include "wire/process_start.h"

namespace {

using namespace osmia;

int refuse(supervisor::OperatorOutput& output, const std::string& why, int status) {
    output.problem("osmia: " + why);
    return status;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 2 && std::string_view(argv[1]) == "--version") {
        std::puts("osmia-supervisor " OSMIA_VERSION);
        return 0;
    }
    ::signal(SIGPIPE, SIG_IGN);
    ::prctl(PR_SET_DUMPABLE, 0);
    ::umask(022);
    supervisor::OperatorOutput output{BorrowedFd(STDOUT_FILENO), BorrowedFd(STDERR_FILENO)};
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    auto options = state::from_arguments(arguments);
    if (!options.ok()) return refuse(output, options.error().message + " (started by osmia-guardian only)", 2);
    if (::fcntl(wire::ControlDescriptor, F_SETFD, FD_CLOEXEC) != 0) return refuse(output, "started by osmia-guardian only", 2);
    UniqueFd guardian(wire::ControlDescriptor);
    auto restored = supervisor::restore(guardian);
    if (!restored.ok()) return refuse(output, "the guardian: " + restored.error().message, 1);

    EventLoop loop;
    supervisor::Server server(loop, output, std::move(options).value());
    const auto opened = server.open(std::move(guardian), std::move(restored).value());
    if (!opened.ok()) {
        server.announce_exit(1);
        return refuse(output, opened.error().message, 1);
    }
    server.serve_control([&server](const std::string& line, const supervisor::ControlPeer& peer, supervisor::ControlServer::Reply reply) {
        supervisor::handle_command(server, line, peer, std::move(reply));
    });
    loop.run();
    return 0;
}
