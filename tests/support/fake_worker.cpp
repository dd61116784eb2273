/// \file
/// A worker of a few lines, for tests of the supervisor: real control messages, real channel, no modules, one thread for
/// requests. Every answer is the pid and, in lines, what the path asks for:
///   /crash (SIGSEGV)  /exit (exit(3))  /say (writes a line)  /hang (never answers)  /env (OSMIA_ variables)
/// A pool's environment variable FAKE_START changes the start: "fail" says WorkerFailed, "exit" exits, "wait" never gets
/// ready, "deaf" answers no pings, "flood" never stops talking.
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>

#include "wire/channel_message.h"
#include "wire/process_start.h"
#include "wire/supervisor_to_worker.h"
#include "wire/worker_end.h"
#include "wire/worker_to_supervisor.h"

namespace {

using namespace osmia;

const BorrowedFd Control(wire::ControlDescriptor);
std::atomic<std::uint64_t> requests = 0;
bool deaf = false;

struct Channel {
    UniqueFd socket;
    std::unique_ptr<wire::WorkerEnd> end;
};

void tell(const wire::WorkerToSupervisor& message) { static_cast<void>(wire::send<wire::WorkerToSupervisor>(Control, message)); }

void answer(wire::WorkerEnd& end, std::uint32_t slot, const std::string& body) {
    wire::ResponseHead head;
    head.status = 200;
    head.content_length = body.size();
    head.fields.push_back({"Content-Type", "text/plain"});
    end.write(slot, wire::RecordKind::Head, 0, wire::encode_response_head(head));
    end.write(slot, wire::RecordKind::Body, 0, std::as_bytes(std::span(body)));
    end.write(slot, wire::RecordKind::End, 0, {});
    end.write(slot, wire::RecordKind::Done, 0, wire::encode_done_fields({}));
    end.publish(slot);
}

void execute(wire::WorkerEnd& end, std::uint32_t slot) {
    end.mark_begun(slot);
    const auto request = end.request(slot);
    const std::string path(request ? request->path() : "");
    if (path == "/crash") {
        end.report_death(wire::DeathCause::Signal);
        ::raise(SIGSEGV);
    }
    if (path == "/exit") {
        end.report_death(wire::DeathCause::Exit);
        ::_exit(3);
    }
    if (path == "/say") {
        const std::string_view line = "a line of the worker\n";
        if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) ::_exit(4);
    }
    while (path == "/hang") ::pause();
    std::string body = std::to_string(::getpid()) + "\n";
    for (char** one = environ; path == "/env" && *one != nullptr; ++one) {
        if (std::strncmp(*one, "OSMIA_", 6) == 0) body += std::string(*one) + "\n";
    }
    ++requests;
    answer(end, slot, body);
}

void serve(const std::shared_ptr<Channel>& channel) {
    for (;;) {
        pollfd wait{channel->socket.get(), POLLIN, 0};
        ::poll(&wait, 1, -1);
        auto hello = wire::receive<wire::ListenerToWorkerMessage>(channel->socket);
        if (!hello.ok() || hello.value().fds.size() != 3) return;
        auto& fds = hello.value().fds;
        auto attached = wire::WorkerEnd::attach(std::move(fds[0]), std::move(fds[1]), std::move(fds[2]));
        if (!attached.ok()) return;
        channel->end = std::move(attached).value();
        break;
    }
    channel->end->set_thread_count(1);
    static_cast<void>(wire::send<wire::WorkerToListenerMessage>(channel->socket, wire::ChannelReady{wire::ProtocolVersion, 8}));
    std::thread([channel] {
        for (;;) channel->end->wait_events(1'000'000'000, [](std::uint32_t) {});
    }).detach();
    for (;;) {
        if (const auto slot = channel->end->take()) {
            execute(*channel->end, *slot);
        } else {
            channel->end->park(0, 20'000'000, [] { return false; });
        }
    }
}

void handle(wire::Received<wire::SupervisorToWorker> received) {
    if (std::holds_alternative<wire::StartWorker>(received.message)) {
        const char* how = ::getenv("FAKE_START");
        const std::string_view start = how == nullptr ? "" : how;
        if (start == "fail") {
            tell(wire::WorkerFailed{"told to fail"});
            ::_exit(1);
        }
        if (start == "exit") ::_exit(5);
        deaf = start == "deaf";
        if (start != "wait") tell(wire::WorkerReady{});
        for (int i = 0; start == "flood"; ++i) tell(wire::ModuleLoaded{"module" + std::to_string(i), "\x1b[2J"});
    } else if (std::holds_alternative<wire::AttachListener>(received.message) && !received.fds.empty()) {
        auto channel = std::make_shared<Channel>();
        channel->socket = std::move(received.fds[0]);
        std::thread([channel] { serve(channel); }).detach();
    } else if (const auto* ping = std::get_if<wire::Ping>(&received.message)) {
        if (!deaf) tell(wire::Pong{ping->sequence, requests, 0});
    } else if (std::holds_alternative<wire::DrainWorker>(received.message)) {
        ::_exit(0);
    }
}

}  // namespace

int main() {
    for (;;) {
        pollfd wait{Control.get(), POLLIN, 0};
        ::poll(&wait, 1, -1);
        auto received = wire::receive<wire::SupervisorToWorker>(Control);
        if (received.ok()) {
            handle(std::move(received).value());
        } else if (received.error().kind != ErrorKind::Busy) {
            return 0;
        }
    }
}
