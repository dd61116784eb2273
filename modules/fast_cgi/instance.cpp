#include "fast_cgi/instance.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>

namespace fast_cgi {

namespace {

constexpr int Backlog = 64;

struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;
};

// Numbers only: a name would have to be looked up, and it would be another machine's.
bool parse_address(const std::string& text, Address& out) {
    if (text.starts_with("unix:")) {
        auto& path = reinterpret_cast<sockaddr_un&>(out.storage);
        const std::string name = text.substr(5);
        if (name.empty() || name.size() >= sizeof path.sun_path) return false;
        path.sun_family = AF_UNIX;
        std::memcpy(path.sun_path, name.c_str(), name.size() + 1);
        out.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size() + 1);
        return true;
    }
    const auto colon = text.rfind(':');
    if (!text.starts_with("tcp:") || colon <= 4) return false;
    const std::string host = text.substr(4, colon - 4);
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
    auto& v4 = reinterpret_cast<sockaddr_in&>(out.storage);
    if (error != std::errc() || *end != '\0' || ::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) != 1) return false;
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    out.size = sizeof v4;
    return true;
}

// A folder of the worker's own, where nobody else can connect.
const std::string& socket_folder() {
    static const std::string folder = [] {
        const char* const base = std::getenv("TMPDIR");
        std::string pattern = std::string(base == nullptr ? "/tmp" : base) + "/fcgi-XXXXXX";
        return std::string(::mkdtemp(pattern.data()) == nullptr ? "" : pattern);
    }();
    return folder;
}

int listen_at(std::string& address) {
    Address where;
    if (!parse_address(address, where)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    const int family = where.storage.ss_family;
    const int listener = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0) return -1;
    auto* const name = reinterpret_cast<sockaddr*>(&where.storage);
    if (::bind(listener, name, where.size) != 0 || ::listen(listener, Backlog) != 0 ||
        ::getsockname(listener, name, &where.size) != 0) {
        ::close(listener);
        return -1;
    }
    if (family == AF_INET)
        address = "tcp:127.0.0.1:" + std::to_string(ntohs(reinterpret_cast<sockaddr_in&>(where.storage).sin_port));
    return listener;
}

gateway::SpawnRequest request_for(const ApplicationSettings& settings, int listener) {
    gateway::SpawnRequest request;
    request.program = settings.full_path;
    request.arguments = gateway::split_arguments(settings.arguments);
    request.environment = gateway::process_variables();
    for (const auto& [name, value] : settings.variables) {
        std::erase_if(request.environment, [&](const auto& variable) { return variable.first == name; });
        request.environment.emplace_back(name, value);
    }
    request.folder = settings.full_path.substr(0, settings.full_path.rfind('/') + 1);
    request.input = listener;  // FCGI_LISTENSOCK_FILENO
    return request;
}

}  // namespace

int connect_to(const std::string& address) {
    Address where;
    if (!parse_address(address, where)) {
        errno = EINVAL;
        return -1;
    }
    const int connection = ::socket(where.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection < 0) return -1;
    if (::connect(connection, reinterpret_cast<sockaddr*>(&where.storage), where.size) == 0) return connection;
    const int error = errno;
    ::close(connection);
    errno = error;
    return -1;
}

std::unique_ptr<Instance> Instance::start(const ApplicationSettings& settings, unsigned generation, std::string& error) {
    static std::atomic<unsigned> count = 0;
    std::string address = settings.tcp ? "tcp:127.0.0.1:0" : "unix:" + socket_folder() + "/" + std::to_string(++count);
    const int listener = listen_at(address);
    if (listener < 0) {
        error = std::string("no socket for it: ") + std::strerror(errno);
        return nullptr;
    }
    auto process = gateway::ChildProcess::start(request_for(settings, listener));
    if (process == nullptr) error = std::strerror(errno);
    ::close(listener);
    if (process == nullptr) return nullptr;
    return std::unique_ptr<Instance>(new Instance(generation, std::move(process), std::move(address)));
}

Instance::~Instance() {
    if (address_.starts_with("unix:")) ::unlink(address_.c_str() + 5);
}

}  // namespace fast_cgi
