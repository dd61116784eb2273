// osmia-worker: w3wp. Runs the requests of one application pool.
//
// Privileges: those of the pool's identity, from exec on; it never had others and gains none, and gives up what
// sandbox_policy.h names.
// Opens: its pool's configuration file, the modules it names, the files of its sites, extensions as private
// copies. Talks to: the supervisor over descriptor 3 (or $OSMIA_CONTROL_FD), listeners over channels that the
// supervisor passes. Loads foreign code: yes, it is the only program that does
// (module_host/shared_object.cpp). Exit status: 0 after a drain or the supervisor's end; 1 when the start
// failed (said to the supervisor and on standard error); a signal otherwise.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "wire/process_start.h"
#include "worker/collect.h"
#include "worker/death.h"
#include "worker/probe.h"
#include "worker/sandbox_policy.h"
#include "worker/thread_factory.h"
#include "worker/worker_process.h"

namespace {

/// Room for what extensions print while the supervisor is busy.
constexpr int OutputPipeBytes = 256 * 1024;

int control_descriptor() {
    const char* text = std::getenv("OSMIA_CONTROL_FD");
    if (text == nullptr) return osmia::wire::ControlDescriptor;
    int descriptor = -1;
    std::from_chars(text, text + std::strlen(text), descriptor);
    return descriptor;
}

// Output that nobody reads is lost rather than waited for: it must never hold up a request.
void never_wait_for_readers(int descriptor) {
    struct stat facts;
    if (::fstat(descriptor, &facts) != 0 || !S_ISFIFO(facts.st_mode)) return;
    ::fcntl(descriptor, F_SETPIPE_SZ, OutputPipeBytes);
    ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}

}  // namespace

int main(int argument_count, char** arguments) {
    if (argument_count > 1 && std::strcmp(arguments[1], "--version") == 0) {
        std::puts("osmia-worker " OSMIA_VERSION);
        return 0;
    }
    if (argument_count == 3 && std::strcmp(arguments[1], "--probe") == 0)
        return osmia::worker::probe(arguments[2]);
    osmia::UniqueFd control(control_descriptor());
    if (::fcntl(control.get(), F_GETFD) < 0) {
        std::fprintf(stderr, "osmia-worker is started by osmia-supervisor; see osmia(1)\n");
        return 1;
    }
    if (const auto confined = osmia::worker::enter_sandbox(control); !confined.ok()) {
        std::fprintf(stderr, "osmia-worker: the sandbox: %s\n", confined.error().message.c_str());
        return 1;
    }
    ::signal(SIGPIPE, SIG_IGN);
    if (argument_count == 3 && std::strcmp(arguments[1], "--collect") == 0)
        return osmia::worker::collect_extension(arguments[2], control);
    never_wait_for_readers(STDOUT_FILENO);
    never_wait_for_readers(STDERR_FILENO);
    // What an extension prints must not wait in a buffer that dies with the process.
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    const osmia::worker::AlternateStack stack;
    osmia::worker::install_death_handlers(argument_count > 1 ? arguments[1] : "");
    osmia::worker::NativeThreads threads;
    auto* process = new osmia::worker::WorkerProcess(std::move(control), threads);
    const int status = process->run();
    osmia::worker::expect_exit();
    // Extensions may have threads of their own that still run: nothing is torn down under them.
    ::_exit(status);
}
