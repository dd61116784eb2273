/// \file
/// load_generator PORT TARGET CONNECTIONS [--lossy] [--pause MICROSECONDS] [--body TEXT]: GETs over keep-alive
/// connections until its standard input ends, then a report in JSON on standard output.
///
/// Each request asks for TARGET followed by a number of its own; the answer has to be 200 with exactly TEXT followed by
/// that number and a line feed, so a lost, doubled, swapped or cut answer is found. --lossy: a connection may break; it
/// is opened again and counted as lost, not as a failure.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr int PatienceMs = 60'000;
constexpr int StrayPatienceMs = 100;
constexpr std::size_t MaxTold = 10;
constexpr std::size_t MaxHead = 65'536;

struct Options {
    std::uint16_t port = 0;
    std::string target;
    std::string body;
    int connections = 0;
    int pause_us = 0;
    bool lossy = false;
};

struct Report {
    std::mutex mutex;
    std::vector<std::string> told;
    std::atomic<std::uint64_t> answers = 0, failures = 0, lost = 0;
    std::atomic<std::int64_t> slowest_us = 0;

    void fail(const std::string& what) {
        ++failures;
        const std::lock_guard lock(mutex);
        if (told.size() < MaxTold) told.push_back(what);
    }
    void note_time(std::int64_t us) {
        for (std::int64_t seen = slowest_us; us > seen && !slowest_us.compare_exchange_weak(seen, us);) {}
    }
};

/// Printable and safe inside a JSON string.
std::string printable(std::string_view text) {
    std::string shown;
    for (const char c : text.substr(0, 200)) shown += c >= ' ' && c <= '~' && c != '"' && c != '\\' ? c : '.';
    return shown;
}

class Connection {
public:
    enum class Result { Answered, Lost, Wrong };

    Connection(const Options& options, Report& report) : options_(options), report_(report) {}
    ~Connection() { close(); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    Result exchange(const std::string& number, std::string& why) {
        if (fd_ < 0 && !open()) return lost(why, "cannot connect");
        if (!send_all("GET " + options_.target + number + " HTTP/1.1\r\nHost: load\r\n\r\n")) return lost(why, "cannot send");
        std::size_t head_end;
        while ((head_end = buffer_.find("\r\n\r\n")) == std::string::npos) {
            if (buffer_.size() > MaxHead) return wrong(why, "endless head");
            if (!fill()) return lost(why, "the connection ended before the head");
        }
        return check(std::string_view(buffer_).substr(0, head_end), head_end + 4, options_.body + number + "\n", why);
    }

    /// A byte that nobody asked for is an answer given twice.
    bool has_stray_bytes() {
        if (fd_ < 0) return false;
        pollfd wait{fd_, POLLIN, 0};
        char byte;
        return !buffer_.empty() || (::poll(&wait, 1, StrayPatienceMs) == 1 && ::recv(fd_, &byte, 1, MSG_DONTWAIT) == 1);
    }

    void close() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
        buffer_.clear();
    }

private:
    bool open() {
        fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(options_.port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int on = 1;
        ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const bool connected = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
        if (!connected) close();
        return connected;
    }

    bool send_all(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t size = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (size <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(size));
        }
        return true;
    }

    bool fill() {
        pollfd wait{fd_, POLLIN, 0};
        if (::poll(&wait, 1, PatienceMs) != 1) {
            report_.fail("no answer within a minute");
            return false;
        }
        char bytes[16'384];
        const ssize_t size = ::recv(fd_, bytes, sizeof bytes, 0);
        if (size <= 0) return false;
        buffer_.append(bytes, static_cast<std::size_t>(size));
        return true;
    }

    Result check(std::string_view head, std::size_t body_start, const std::string& expected, std::string& why) {
        constexpr std::string_view LengthField = "\r\nContent-Length: ";
        const auto at = head.find(LengthField);
        if (!head.starts_with("HTTP/1.1 200 ") || at == std::string_view::npos) return wrong(why, printable(buffer_));
        const auto length = std::strtoul(head.data() + at + LengthField.size(), nullptr, 10);
        while (buffer_.size() < body_start + length) {
            if (!fill()) return lost(why, "the connection ended inside the body");
        }
        if (std::string_view(buffer_).substr(body_start, length) != expected) {
            return wrong(why, "expected " + printable(expected) + " and got " + printable(std::string_view(buffer_).substr(body_start)));
        }
        const bool closes = head.find("\r\nConnection: close") != std::string_view::npos;
        buffer_.erase(0, body_start + length);
        if (!buffer_.empty()) return wrong(why, "bytes behind the answer: " + printable(buffer_));
        if (closes) close();
        return Result::Answered;
    }

    Result lost(std::string& why, const char* what) {
        close();
        why = what;
        return Result::Lost;
    }
    Result wrong(std::string& why, std::string what) {
        close();
        why = std::move(what);
        return Result::Wrong;
    }

    const Options& options_;
    Report& report_;
    int fd_ = -1;
    std::string buffer_;
};

void run(const Options& options, int index, const std::atomic<bool>& stop, Report& report) {
    Connection connection(options, report);
    for (std::uint64_t turn = 0; !stop; ++turn) {
        const std::string number = std::to_string(index) + "-" + std::to_string(turn);
        std::string why;
        const auto begin = Clock::now();
        const auto result = connection.exchange(number, why);
        report.note_time(std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin).count());
        if (result == Connection::Result::Answered) {
            ++report.answers;
        } else if (result == Connection::Result::Lost && options.lossy) {
            ++report.lost;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        } else {
            report.fail(number + ": " + why);
        }
        if (options.pause_us > 0) std::this_thread::sleep_for(std::chrono::microseconds(options.pause_us));
    }
    if (connection.has_stray_bytes()) report.fail(std::to_string(index) + ": bytes that nobody asked for");
}

void print(const Report& report, double seconds) {
    std::printf("{\"answers\": %llu, \"failures\": %llu, \"lost\": %llu, \"slowestMs\": %.1f, \"perSecond\": %.0f, \"told\": [",
                static_cast<unsigned long long>(report.answers), static_cast<unsigned long long>(report.failures),
                static_cast<unsigned long long>(report.lost), static_cast<double>(report.slowest_us) / 1000,
                static_cast<double>(report.answers) / seconds);
    for (std::size_t i = 0; i < report.told.size(); ++i) std::printf("%s\"%s\"", i == 0 ? "" : ", ", printable(report.told[i]).c_str());
    std::printf("]}\n");
}

bool parse(int argc, char** argv, Options& options) {
    if (argc < 4) return false;
    options.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
    options.target = argv[2];
    options.connections = std::atoi(argv[3]);
    for (int i = 4; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--lossy") {
            options.lossy = true;
        } else if (word == "--pause" && i + 1 < argc) {
            options.pause_us = std::atoi(argv[++i]);
        } else if (word == "--body" && i + 1 < argc) {
            options.body = argv[++i];
        } else {
            return false;
        }
    }
    return options.port != 0 && options.connections > 0;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    if (!parse(argc, argv, options)) {
        std::fprintf(stderr, "usage: load_generator PORT TARGET CONNECTIONS [--lossy] [--pause MICROSECONDS] [--body TEXT]\n");
        return 2;
    }
    Report report;
    std::atomic<bool> stop = false;
    const auto begin = Clock::now();
    std::vector<std::thread> threads;
    for (int i = 0; i < options.connections; ++i) threads.emplace_back([&, i] { run(options, i, stop, report); });
    char byte;
    while (::read(STDIN_FILENO, &byte, 1) > 0) {}
    stop = true;
    for (auto& thread : threads) thread.join();
    print(report, std::chrono::duration<double>(Clock::now() - begin).count());
    return 0;
}
