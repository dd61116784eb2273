#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

#include <memory>

#include "worker/death.h"
#include "worker/thread_factory.h"

namespace osmia::worker {

namespace {

/// Extensions of the Windows world expect a megabyte; pages that are not touched cost nothing.
constexpr std::size_t ThreadStackBytes = 1 << 20;

struct Start {
    std::string name;
    std::function<void()> body;
};

void* run(void* argument) {
    const std::unique_ptr<Start> start(static_cast<Start*>(argument));
    ::pthread_setname_np(::pthread_self(), start->name.substr(0, 15).c_str());
    const AlternateStack stack;
    start->body();
    return nullptr;
}

}  // namespace

Result<void> NativeThreads::start(const std::string& name, std::function<void()> body) {
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    ::pthread_attr_setstacksize(&attributes, ThreadStackBytes);
    auto start = std::make_unique<Start>(Start{name, std::move(body)});
    pthread_t thread;
    const int error = ::pthread_create(&thread, &attributes, run, start.get());
    ::pthread_attr_destroy(&attributes);
    if (error != 0) return errno_error("starting a thread", error);
    (void)start.release();
    return {};
}

}  // namespace osmia::worker
