#include "worker/collect.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <httpext.h>
#include <osmia_host_runtime.h>

#include <cstdio>
#include <vector>

#include "base/files.h"
#include "wire/extension_manifest.h"
#include "worker/death.h"
#include "worker/module_host/shared_object.h"

namespace osmia::worker {

namespace {

/// The loading process may take so long; then the extension cannot be loaded.
constexpr int LoadLimitMilliseconds = 20'000;
/// Everything, reading included: a process that hangs ends by itself.
constexpr unsigned LifeSeconds = 60;
/// Of what the loading process says.
constexpr std::size_t MaxSaid = 2048;

void say(int descriptor, const std::string& text) {
    [[maybe_unused]] const auto written = ::write(descriptor, text.data(), std::min(text.size(), MaxSaid));
}

/// The parts that were read, as files.
class CollectedFiles final : public ExtensionFiles {
public:
    explicit CollectedFiles(const std::vector<SharedObject::Part>& parts) : parts_(parts) {}
    bool has(const std::string& path) override { return find(path) != nullptr; }
    Result<std::vector<std::byte>> read(const std::string& path) override {
        const SharedObject::Part* part = find(path);
        if (part == nullptr) return make_error(ErrorKind::NotFound, "{}: not read", path);
        std::vector<std::byte> bytes(static_cast<std::size_t>(::lseek(part->copy.get(), 0, SEEK_END)));
        if (::pread(part->copy.get(), bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
            return errno_error(path);
        return bytes;
    }

private:
    const SharedObject::Part* find(const std::string& path) const {
        for (const auto& part : parts_) {
            if (part.path == path) return &part;
        }
        return nullptr;
    }
    const std::vector<SharedObject::Part>& parts_;
};

// Loads as IsapiModule does. What is wrong; empty: nothing.
std::string try_extension(SharedObject& object) {
    const auto get_version = reinterpret_cast<PFN_GETEXTENSIONVERSION>(object.symbol("GetExtensionVersion"));
    if (get_version == nullptr || object.symbol("HttpExtensionProc") == nullptr)
        return "it does not export GetExtensionVersion and HttpExtensionProc";
    using Main = BOOL(WINAPI*)(HINSTANCE, DWORD, LPVOID);
    const auto dll_main = reinterpret_cast<Main>(object.symbol("DllMain"));
    auto* const base = const_cast<void*>(object.base());
    if (dll_main != nullptr && dll_main(base, DLL_PROCESS_ATTACH, nullptr) == FALSE)
        return "its DllMain returned FALSE";
    HSE_VERSION_INFO version{};
    return get_version(&version) == FALSE ? "its GetExtensionVersion returned FALSE" : "";
}

[[noreturn]] void load_and_end(const std::string& file, const std::vector<SharedObject::Part>& parts, int said) {
    CollectedFiles files(parts);
    std::string problem;
    try {
        auto object = SharedObject::load_copy(file, files);
        problem = object.ok() ? try_extension(*object.value()) : object.error().message;
    } catch (...) {
        problem = "it threw an exception while it was loaded";
    }
    // An empty line is the good end: one that just exits has not been here.
    say(said, problem.empty() ? "\n" : problem);
    expect_exit();
    ::_exit(0);
}

wire::Collected wait_for(pid_t child, int said) {
    wire::Collected outcome{wire::CollectResult::CannotLoad, ""};
    pollfd ready{said, POLLIN, 0};
    if (::poll(&ready, 1, LoadLimitMilliseconds) > 0) {
        char buffer[MaxSaid];
        const ssize_t size = ::read(said, buffer, sizeof buffer);
        outcome.text.assign(buffer, size > 0 ? static_cast<std::size_t>(size) : 0);
        if (outcome.text == "\n") outcome = {wire::CollectResult::Good, ""};
    } else {
        outcome.text = "loading it takes longer than 20 s";
    }
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (outcome.result == wire::CollectResult::CannotLoad && outcome.text.empty())
        outcome.text = "it ended the process that loaded it";
    return outcome;
}

wire::Collected try_loading(const std::string& file, const std::vector<SharedObject::Part>& parts, BorrowedFd control) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return {wire::CollectResult::CannotLoad, "no pipe"};
    const UniqueFd reader(ends[0]);
    UniqueFd writer(ends[1]);
    const pid_t child = ::fork();
    if (child < 0) return {wire::CollectResult::CannotLoad, "no process"};
    if (child == 0) {
        // From here on foreign code runs: what was sent is sent, and nothing more can be.
        ::close(control.get());
        load_and_end(file, parts, writer.get());
    }
    writer.reset();
    return wait_for(child, reader.get());
}

// The socket does not wait: a supervisor that is busy gets another moment.
template <class Message>
bool tell_supervisor(BorrowedFd control, const Message& message, std::span<const int> fds = {}) {
    for (;;) {
        const auto sent = wire::send<wire::CollectorToSupervisor>(control, message, fds);
        if (sent.ok()) return true;
        if (sent.error().kind != ErrorKind::Busy) return false;
        pollfd room{control.get(), POLLOUT, 0};
        ::poll(&room, 1, -1);
    }
}

}  // namespace

int collect_extension(const std::string& file, BorrowedFd control) {
    ::alarm(LifeSeconds);
    const auto tell = [&](const wire::Collected& outcome) {
        return tell_supervisor(control, outcome) ? 0 : 1;
    };
    DeployedFiles deployed;
    if (!deployed.has(file)) return tell({wire::CollectResult::Missing, ""});
    auto parts = SharedObject::collect(file, deployed);
    if (!parts.ok()) {
        const bool gone = parts.error().kind == ErrorKind::NotFound;
        return tell({gone ? wire::CollectResult::Missing : wire::CollectResult::CannotLoad, parts.error().message});
    }
    for (const auto& part : parts.value()) {
        const int fd = part.copy.get();
        if (!tell_supervisor(control, wire::CollectedFile{part.path, part.hash}, std::span(&fd, 1))) return 1;
    }
    return tell(try_loading(file, parts.value(), control));
}

}  // namespace osmia::worker
