// osmia-listener: http.sys. Owns every client connection, every request queue and the response cache.
//
// Privileges at start: those the supervisor gave it (an ordinary user's, unless the server itself is one's own). It opens
// nothing by name: listening sockets, log files, worker channels and pidfds arrive as descriptors on the control socket
// (descriptor 3). It loads no code, reads no configuration file and parses no XML.
// Talks to: clients (hostile), workers through shared memory (hostile), the supervisor (trusted).
// Exit codes: 0 drained or the server has ended; 2 not started by the supervisor.
#include <sys/prctl.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/descriptor_limit.h"
#include "listener/sandbox_policy.h"
#include "listener/server.h"
#include "wire/process_start.h"

int main(int argc, char** argv) {
    if (argc == 2 && std::string_view(argv[1]) == "--version") {
        std::puts("osmia-listener " OSMIA_VERSION);
        return 0;
    }
    ::prctl(PR_SET_DUMPABLE, 0);
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    std::signal(SIGPIPE, SIG_IGN);
    if (std::getenv("OSMIA_CONTROL_FD") == nullptr) {
        std::fputs("osmia-listener is started by osmia serve\n", stderr);
        return 2;
    }
    osmia::allow_many_descriptors();
    osmia::listener::Server server{osmia::UniqueFd(osmia::wire::ControlDescriptor)};
    if (const auto confined = osmia::listener::enter_sandbox(); !confined.ok()) {
        std::fprintf(stderr, "osmia-listener: runs without its system call filter: %s\n", confined.error().message.c_str());
    }
    server.run();
    return 0;
}
