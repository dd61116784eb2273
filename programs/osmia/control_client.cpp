#include "osmia/control_client.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>

#include "base/files.h"
#include "osmia/exit_status.h"
#include "osmia/show.h"
#include "state/folders.h"

namespace osmia::command {

namespace {

using Clock = std::chrono::steady_clock;
using Deadline = std::optional<Clock::time_point>;
using Json = nlohmann::ordered_json;

int complain(int status, const std::string& message) {
    std::fprintf(stderr, "osmia: %s\n", message.c_str());
    return status;
}

// NotFound when nobody serves the socket.
Result<UniqueFd> connect_to(const std::string& path) {
    const auto slash = path.rfind('/');
    const UniqueFd folder(::open(path.substr(0, slash).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!folder) return errno_error(path);
    const std::string short_path = fmt::format("/proc/self/fd/{}{}", folder.get(), path.substr(slash));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, short_path.data(), std::min(short_path.size(), sizeof address.sun_path - 1));
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd) return errno_error("socket");
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
    if (errno == ECONNREFUSED) return make_error(ErrorKind::NotFound, "nobody serves {}", path);
    return errno_error(path);
}

int remaining(const Deadline& deadline) {
    if (!deadline) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now()).count();
    return left > 0 ? static_cast<int>(left) : 0;
}

Result<std::string> read_line(const UniqueFd& fd, const Deadline& deadline) {
    std::string line;
    char buffer[64 * 1024];
    for (;;) {
        pollfd wait{fd.get(), POLLIN, 0};
        const int ready = ::poll(&wait, 1, remaining(deadline));
        if (ready < 0 && errno == EINTR) continue;
        if (ready == 0) return make_error(ErrorKind::TimedOut, "not done within the time limit; it goes on in the server");
        const ssize_t size = ::read(fd.get(), buffer, sizeof buffer);
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return make_error(ErrorKind::Closed, "the supervisor went away before it answered");
        line.append(buffer, static_cast<std::size_t>(size));
        if (line.back() == '\n') return line;
    }
}

// A supervisor that has gone in the meantime is an error, not a signal.
Result<void> send_all(const UniqueFd& fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t size = ::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return make_error(ErrorKind::Closed, "the supervisor went away before it was asked");
        text.remove_prefix(static_cast<std::size_t>(size));
    }
    return {};
}

Result<std::string> ask(const std::string& socket, const std::string& request, const Deadline& deadline) {
    const UniqueFd fd = OSMIA_TRY(connect_to(socket));
    OSMIA_TRY_VOID(send_all(fd, request + "\n"));
    return read_line(fd, deadline);
}

// A supervisor that dies in between is started again: what only reads may be asked again.
Result<std::string> ask_patiently(const std::string& socket, const ControlArguments& arguments, const std::string& request,
                                  const Deadline& deadline) {
    const bool only_reads = arguments.command == "status" || arguments.command == "list" || arguments.command == "show";
    constexpr int Tries = 5;
    for (int i = 1;; ++i) {
        auto answer = ask(socket, request, deadline);
        if (answer.ok() || answer.error().kind != ErrorKind::Closed || !only_reads || i == Tries) return answer;
    }
}

// The server's working folder is another.
std::string absolute(const std::string& path) {
    std::error_code error;
    const auto full = std::filesystem::absolute(path, error);
    return path.empty() || error ? path : full.string();
}

Json request_of(const ControlArguments& arguments) {
    Json request{{"command", arguments.command}, {"wait", arguments.wait}};
    if (arguments.command == "upgrade") request["bin"] = absolute(arguments.bin);
    if (arguments.command == "list") {
        request["what"] = arguments.what;
    } else if (!arguments.what.empty()) {
        request["kind"] = arguments.what;
        request["name"] = arguments.name;
    }
    return request;
}

// The guardian holds the lock until everything has ended.
int wait_for_end(const std::string& lock_file, const Deadline& deadline) {
    for (;;) {
        const UniqueFd lock(::open(lock_file.c_str(), O_RDONLY | O_CLOEXEC));
        if (!lock || ::flock(lock.get(), LOCK_SH | LOCK_NB) == 0) return Done;
        if (remaining(deadline) == 0) return complain(Failed, "the server has not ended within the time limit");
        ::poll(nullptr, 0, 20);
    }
}

// The supervisor that was asked has ended; those after it know how far things are.
int wait_for_upgrade(const std::string& socket, const Deadline& deadline) {
    for (;;) {
        const auto answer = ask(socket, R"({"command": "upgrade-state"})", deadline);
        const Json reply = answer.ok() ? Json::parse(answer.value(), nullptr, false) : Json();
        const Json result = reply.is_object() ? reply.value("result", Json::object()) : Json::object();
        const std::string state = result.value("state", ""), text = result.value("text", "");
        if (state == "done") return std::printf("%s\n", text.c_str()), Done;
        if (state == "failed" || state == "none") return complain(Failed, "the programs before go on: " + text);
        if (!answer.ok() && answer.error().kind == ErrorKind::NotFound) return complain(NoServer, "the server has ended");
        if (remaining(deadline) == 0) return complain(Failed, "not done within the time limit; it goes on in the server");
        ::poll(nullptr, 0, 20);
    }
}

void show(const ControlArguments& arguments, const Json& reply) {
    if (reply.contains("message")) std::printf("%s\n", reply["message"].get<std::string>().c_str());
    if (reply.contains("warning")) std::fprintf(stderr, "osmia: warning: %s\n", reply["warning"].get<std::string>().c_str());
    if (!reply.contains("result")) return;
    const Json& result = reply["result"];
    std::string text;
    if (arguments.json) {
        text = result.dump(2) + "\n";
    } else {
        text = result.is_array() ? show_table(result, arguments.what) : show_object(result);
    }
    std::fputs(text.c_str(), stdout);
}

}  // namespace

Result<Json> ask_server(const std::optional<std::string>& state, const Json& request) {
    const auto folders = OSMIA_TRY(state::resolve_folders(state, state::process_variable, ::geteuid()));
    Json reply = Json::parse(OSMIA_TRY(ask(folders.control_socket(), request.dump(), std::nullopt)), nullptr, false);
    if (!reply.is_object() || !reply.contains("status")) return make_error(ErrorKind::Invalid, "the server's answer makes no sense");
    return reply;
}

int run_control(const ControlArguments& arguments) {
    const auto folders = state::resolve_folders(arguments.state, state::process_variable, ::geteuid());
    if (!folders.ok()) return complain(Failed, folders.error().message);
    Deadline deadline;
    if (arguments.timeout.count() > 0) deadline = Clock::now() + arguments.timeout;
    const auto answer = ask_patiently(folders.value().control_socket(), arguments, request_of(arguments).dump(), deadline);
    if (!answer.ok() && answer.error().kind == ErrorKind::NotFound) {
        return complain(NoServer, "no server runs on the state folder " + folders.value().runtime);
    }
    if (!answer.ok()) return complain(Failed, answer.error().message);
    const Json reply = Json::parse(answer.value(), nullptr, false);
    if (!reply.is_object() || !reply.contains("status")) return complain(Failed, "the server's answer makes no sense");
    const int status = reply["status"];
    if (status != Done) return complain(status, reply.value("message", "refused"));
    show(arguments, reply);
    if (arguments.command == "shutdown" && arguments.wait) return wait_for_end(folders.value().lock_file(), deadline);
    if (arguments.command == "upgrade" && arguments.wait) return wait_for_upgrade(folders.value().control_socket(), deadline);
    return Done;
}

}  // namespace osmia::command
