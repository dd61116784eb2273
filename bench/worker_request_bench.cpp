// Requests through one worker in this process: the real channel, pipeline and modules, and a listener's end that reads the
// answers and throws them away. For callgrind, and for a quick look at what a change costs:
//   worker_request_bench SITE-FOLDER URL-PATH REQUESTS      (a FOLDER with hello.so, 1k.html, ...)
//   valgrind --tool=callgrind --toggle-collect='*run_requests*' worker_request_bench ...
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <iostream>

#include "config/folder_configuration.h"
#include "wire/channel_message.h"
#include "wire/listener_end.h"
#include "worker/channel.h"
#include "worker/worker_core.h"

namespace {

using namespace osmia;

class NoThreads final : public worker::ThreadFactory {
    Result<void> start(const std::string&, std::function<void()>) override { return {}; }
};

class Client final : public worker::ChannelClient {
public:
    void execute(std::unique_ptr<worker::RequestSession> session) override { core->execute(std::move(session), [] {}); }
    void post(std::function<void()> work) override { posted.push_back(std::move(work)); }
    void on_starved(worker::Channel&) override {}
    void on_connection_closed(worker::Channel&, std::uint64_t) override {}
    void on_tick() override {}
    std::chrono::nanoseconds tick_interval() override { return std::chrono::seconds(1); }
    std::unique_ptr<worker::WorkerCore> core;
    std::deque<std::function<void()>> posted;
};

std::vector<std::byte> request_head(const std::string& path) {
    wire::RequestDescription description;
    description.method = "GET";
    description.path = description.raw_target = path;
    description.host = "127.0.0.1";
    description.remote_address = description.local_address = "127.0.0.1";
    description.request_id = "0123456789abcdef0123456789abcdef";
    description.application_path = "/";
    description.fixed.site_id = 1;
    description.fixed.http_major = description.fixed.http_minor = 1;
    description.fixed.flags = wire::RequestKeepsAlive;
    const std::array headers{wire::RequestDescription::Header{"Host", "127.0.0.1:8080"}};
    description.headers = headers;
    std::vector<std::byte> head(wire::RequestHeadBytes);
    head.resize(*wire::encode_request_head(description, head));
    return head;
}

/// Reads the answer as a listener does, to its Done record; returns its status.
unsigned read_answer(wire::ListenerEnd& listener, const UniqueFd& socket, std::uint32_t slot) {
    wire::ListenerEnd::Record record{};
    wire::ResponseHeadView head;
    for (;;) {
        if (listener.next_record(slot, record) != wire::ListenerEnd::Outcome::Record) return 0;
        if (record.kind == wire::RecordKind::Body) {
            iovec pieces[2];
            std::size_t size = 0;
            for (int i = listener.payload_pieces(slot, record.length, pieces); i > 0; --i) size += pieces[i - 1].iov_len;
            listener.consume(slot, size);
            continue;
        }
        const auto payload = listener.take_payload(slot);
        if (record.kind == wire::RecordKind::Head) (void)wire::decode_response_head(payload, head);
        if (record.kind == wire::RecordKind::File) (void)wire::receive<wire::WorkerToListenerMessage>(socket).ok();
        if (record.kind == wire::RecordKind::Done) break;
    }
    listener.release_slot(slot);
    return head.status;
}

/// What is measured. Every answer must be 200.
[[gnu::noinline]] void run_requests(wire::ListenerEnd& listener, worker::Channel& channel, const UniqueFd& socket,
                                    std::span<const std::byte> head, long count) {
    for (long i = 0; i < count; ++i) {
        const auto slot = listener.place_request(head);
        listener.publish(*slot);
        listener.flush(1);
        if (!channel.run_one() || read_answer(listener, socket, *slot) != 200) std::abort();
    }
}

}  // namespace

int main(int argument_count, char** arguments) {
    if (argument_count != 4) return 2;
    config::FolderOptions options;
    options.folder = arguments[1];
    auto loaded = config::make_folder_configuration(options);
    if (!loaded.configuration) return 1;
    auto configuration = std::make_shared<const config::ServerConfiguration>(std::move(*loaded.configuration));
    worker::ConfiguredSites sites(configuration);
    Client client;
    worker::CoreHooks hooks{[&](std::function<void()> work) { client.post(std::move(work)); },
                            [](const std::string& line) { std::cerr << line << '\n'; }, [](const OSMIA_EXTENSION_REPORT&) {},
                            [](const std::string&, bool) {}};
    client.core = std::make_unique<worker::WorkerCore>(sites, worker::WorkerFacts{}, std::move(hooks));
    for (const auto& module : configuration->global_modules) {
        const auto mapped = client.core->load_module(module.name, OSMIA_MODULES "/" + module.image);
        if (!mapped.ok()) return std::cerr << mapped.error().message << '\n', 1;
    }
    auto listener = wire::ListenerEnd::create().value();
    auto pair = make_message_pair().value();
    if (!wire::send<wire::ListenerToWorkerMessage>(pair.first, wire::ChannelHello{}, listener->descriptors()).ok()) return 1;
    NoThreads threads;
    auto channel = worker::Channel::attach(std::move(pair.second), 1000, client, threads).value();
    (void)wire::receive<wire::WorkerToListenerMessage>(pair.first).ok();
    const auto head = request_head(arguments[2]);
    for (int i = 0; i < 10; ++i) {
        const auto slot = listener->place_request(head);
        listener->publish(*slot);
        listener->flush(1);
        if (!channel->run_one()) return 1;
        if (const unsigned status = read_answer(*listener, pair.first, *slot); status != 200) return std::cerr << "status " << status << '\n', 1;
    }
    run_requests(*listener, *channel, pair.first, head, std::strtol(arguments[3], nullptr, 10));
    std::_Exit(0);
}
