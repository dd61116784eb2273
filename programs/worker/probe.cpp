#include "worker/probe.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <httpext.h>
#include <httpfilt.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <set>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "worker/death.h"
#include "worker/module_host/needed_libraries.h"
#include "worker/module_host/sha256.h"
#include "worker/module_host/shared_object.h"

extern char** environ;

namespace osmia::worker {

namespace {

/// A child may take so long; then it hangs, which is a problem.
constexpr int LimitMilliseconds = 20'000;
/// Of what a child says.
constexpr std::size_t MaxSaid = 1 << 20;

std::string read_all(int descriptor) {
    std::string text;
    char buffer[4096];
    pollfd ready{descriptor, POLLIN, 0};
    while (text.size() < MaxSaid && ::poll(&ready, 1, LimitMilliseconds) > 0) {
        const ssize_t size = ::read(descriptor, buffer, sizeof buffer);
        if (size <= 0) break;
        text.append(buffer, static_cast<std::size_t>(size));
    }
    return text;
}

std::string end_of(pid_t child) {
    // It has said all it will: whatever still runs hangs.
    for (int i = 0; i < LimitMilliseconds / 10; ++i) {
        int status = 0;
        if (::waitpid(child, &status, WNOHANG) == child) {
            if (WIFSIGNALED(status)) return std::string("loading it kills the process: ") + ::strsignal(WTERMSIG(status));
            return WEXITSTATUS(status) == 0 ? "" : "it ends the process that loads it";
        }
        ::usleep(10'000);
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    return "loading it takes longer than 20 s";
}

std::size_t thread_count() {
    const auto tasks = std::filesystem::directory_iterator("/proc/self/task");
    return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

template <class Function>
Function function(const SharedObject& object, const char* name) {
    return reinterpret_cast<Function>(object.symbol(name));
}

std::string version_text(DWORD version) {
    return std::to_string(HIWORD(version)) + "." + std::to_string(LOWORD(version));
}

/// Runs in the child: starts the object's roles and tells each finding as a line.
class Trial {
public:
    using Tell = std::function<void(const std::string& name, const std::string& value)>;
    explicit Trial(Tell tell) : tell_(std::move(tell)) {}

    void run(const std::string& file) {
        DeployedFiles files;
        const auto loaded = SharedObject::load_copy(file, files);
        if (!loaded.ok()) return tell_("problem", loaded.error().message);
        const SharedObject& object = *loaded.value();
        const std::size_t threads = thread_count();
        const auto dll_main = function<BOOL(WINAPI*)(HINSTANCE, DWORD, LPVOID)>(object, "DllMain");
        auto* const base = const_cast<void*>(object.base());
        if (dll_main != nullptr && dll_main(base, DLL_PROCESS_ATTACH, nullptr) == FALSE)
            return tell_("problem", "its DllMain returned FALSE");
        const bool extension = try_extension(object);
        const bool filter = try_filter(object);
        const bool module = object.symbol("RegisterModule") != nullptr;
        if (extension) tell_("kind", "ISAPI extension");
        if (filter) tell_("kind", "ISAPI filter");
        if (module) tell_("kind", "native module");
        if (!extension && !filter && !module)
            tell_("problem", "it exports neither GetExtensionVersion with HttpExtensionProc, nor GetFilterVersion with "
                             "HttpFilterProc, nor RegisterModule");
        if (thread_count() > threads) return tell_("unload", "no: it has made threads");
        if (extension) tell_unloading(object);
    }

private:
    bool try_extension(const SharedObject& object) {
        const auto version = function<PFN_GETEXTENSIONVERSION>(object, "GetExtensionVersion");
        if (version == nullptr || object.symbol("HttpExtensionProc") == nullptr) return false;
        HSE_VERSION_INFO info{};
        if (version(&info) == FALSE) tell_("problem", "its GetExtensionVersion returned FALSE");
        info.lpszExtensionDesc[HSE_MAX_EXT_DLL_NAME_LEN - 1] = '\0';
        tell_("version", version_text(info.dwExtensionVersion));
        tell_("description", info.lpszExtensionDesc);
        return true;
    }

    bool try_filter(const SharedObject& object) {
        const auto version = function<BOOL(WINAPI*)(HTTP_FILTER_VERSION*)>(object, "GetFilterVersion");
        if (version == nullptr || object.symbol("HttpFilterProc") == nullptr) return false;
        HTTP_FILTER_VERSION info{};
        info.dwServerFilterVersion = HTTP_FILTER_REVISION;
        if (version(&info) == FALSE) tell_("problem", "its GetFilterVersion returned FALSE");
        info.lpszFilterDesc[SF_MAX_FILTER_DESC_LEN - 1] = '\0';
        tell_("filter", info.lpszFilterDesc);
        return true;
    }

    void tell_unloading(const SharedObject& object) {
        const auto terminate = function<PFN_TERMINATEEXTENSION>(object, "TerminateExtension");
        const bool agrees = terminate == nullptr || terminate(HSE_TERM_ADVISORY_UNLOAD) != FALSE;
        tell_("unload", agrees ? "yes" : "no: its TerminateExtension refuses");
    }

    Tell tell_;
};

std::string one_line(std::string text) {
    std::replace_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return text;
}

std::string run_trial(const std::string& file) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return "problem: no pipe\n";
    const UniqueFd reader(ends[0]);
    UniqueFd writer(ends[1]);
    const pid_t child = ::fork();
    if (child < 0) return "problem: no process\n";
    if (child == 0) {
        // What it prints is none of ours.
        ::dup2(::open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
        const auto tell = [&writer](const std::string& name, const std::string& value) {
            const std::string line = name + ": " + one_line(value) + "\n";
            [[maybe_unused]] const auto written = ::write(writer.get(), line.data(), line.size());
        };
        try {
            Trial(tell).run(file);
        } catch (...) {
            tell("problem", "it throws an exception while it is loaded");
        }
        tell("end", "");
        expect_exit();
        ::_exit(0);
    }
    writer.reset();
    std::string said = read_all(reader.get());
    ::kill(child, said.ends_with("end: \n") ? SIGKILL : 0);
    const std::string problem = end_of(child);
    if (said.ends_with("end: \n")) return said.substr(0, said.size() - 6);
    return said + "problem: " + (problem.empty() ? "it ends the process that loads it" : problem) + "\n";
}

// Every missing library and symbol, not only the first that the loader meets: as ldd -r tells them. No code of the
// object runs.
std::set<std::string> missing_things(const std::string& file) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return {};
    const UniqueFd reader(ends[0]);
    UniqueFd writer(ends[1]);
    std::string folder = std::filesystem::canonical("/proc/self/exe").parent_path().string() + "/../lib/osmia:" +
                         std::filesystem::path(file).parent_path().string();
    std::string variable = "LD_LIBRARY_PATH=" + folder;
    char* const environment[] = {variable.data(), nullptr};
    const char* const arguments[] = {"ldd", "-r", file.c_str(), nullptr};
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, writer.get(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, writer.get(), STDERR_FILENO);
    pid_t child = -1;
    const int failed = ::posix_spawn(&child, "/usr/bin/ldd", &actions, nullptr, const_cast<char**>(arguments), environment);
    ::posix_spawn_file_actions_destroy(&actions);
    writer.reset();
    if (failed != 0) return {};
    const std::string text = read_all(reader.get());
    ::waitpid(child, nullptr, 0);
    std::set<std::string> missing;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = std::string_view(text).substr(at, end - at);
        at = end + 1;
        if (const auto symbol = line.find("undefined symbol: "); symbol != std::string_view::npos) {
            const std::string_view name = line.substr(symbol + 18);
            missing.insert("missing symbol " + std::string(name.substr(0, name.find_first_of(" \t,("))));
        } else if (const auto arrow = line.find(" => not found"); arrow != std::string_view::npos) {
            std::string_view name = line.substr(0, arrow);
            name.remove_prefix(std::min(name.find_first_not_of(" \t"), name.size()));
            missing.insert("missing library " + std::string(name));
        }
    }
    return missing;
}

}  // namespace

int probe(const std::string& file) {
    std::string report;
    const auto problem = [&report](const std::string& text) { report += "problem: " + one_line(text) + "\n"; };
    const auto bytes = DeployedFiles().read(file);
    if (!bytes.ok()) {
        problem(bytes.error().message);
    } else {
        report += "hash: " + sha256_hex(bytes.value()) + "\n";
        const auto needed = read_needed_libraries(bytes.value());
        if (!needed.ok()) {
            problem(needed.error().message);
        } else {
            if (needed.value().text_relocations) problem("it has text relocations: compile it with -fPIC");
            for (const std::string& missing : missing_things(file)) problem(missing);
            if (needed.value().never_unloads) report += "unload: no: it is linked with -z nodelete\n";
            report += run_trial(file);
        }
    }
    std::printf("file: %s\n%s", file.c_str(), report.c_str());
    return report.find("problem: ") == std::string::npos ? 0 : 1;
}

}  // namespace osmia::worker
