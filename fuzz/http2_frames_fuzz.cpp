// Whatever a client sends over HTTP/2, in random pieces: nothing but whole events, each stream's in order, none after its
// end, and no more frames in answer than the limits allow. The first byte chooses the pieces; the preface is ours.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "http2/request_rules.h"
#include "http2/server_session.h"

namespace {

using namespace osmia::http2;

void require(bool condition) {
    if (!condition) std::abort();
}

/// Answers some requests at once, some never, and checks the order of what it is told.
class Events final : public SessionEvents {
public:
    ServerSession* session = nullptr;
    std::size_t most_open = 0;

    void on_request(StreamId stream, const RequestHead& head, bool ends, bool too_large) override {
        require(stream > 0 && stream % 2 == 1);
        require(open_.insert(stream).second);
        most_open = std::max(most_open, open_.size());
        if (ends) ended_.insert(stream);
        RequestFacts facts;
        if (too_large || check_request(head, ends, {}, facts)) return session->submit_response(stream, 400, {}, false);
        require(!facts.host.empty() && facts.raw_path.starts_with('/'));
        if (stream % 4 == 1) session->submit_response(stream, 200, {}, true);
        if (stream % 8 == 3) session->reset(stream, ErrorCode::Cancel);
    }
    void on_content(StreamId stream, std::string_view bytes) override {
        require(open_.contains(stream) && !ended_.contains(stream));
        if (stream % 3 != 0) session->consume(stream, bytes.size());
    }
    void on_request_end(StreamId stream) override {
        require(open_.contains(stream));
        ended_.insert(stream);
    }
    void on_stream_closed(StreamId stream, std::uint32_t) override { require(open_.erase(stream) == 1); }
    std::ptrdiff_t read_content(StreamId stream, std::span<char> target, bool& ends) override {
        require(open_.contains(stream));
        ends = ++reads_ % 3 == 0;
        std::fill(target.begin(), target.end(), 'c');
        return static_cast<std::ptrdiff_t>(target.size());
    }

private:
    std::set<StreamId> open_, ended_;
    int reads_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t piece = 1 + data[0];
    const std::string input = std::string(ClientPreface) + std::string(reinterpret_cast<const char*>(data) + 1, size - 1);
    const Limits limits;
    Events events;
    ServerSession session(limits, events);
    events.session = &session;
    std::size_t produced = 0;
    bool goes_on = true;
    for (std::size_t at = 0; at < input.size() && goes_on; at += piece) {
        goes_on = session.receive(std::string_view(input).substr(at, piece), 1'000'000 + static_cast<std::int64_t>(at));
        for (std::string_view frame; !(frame = session.produce()).empty();) produced += frame.size();
    }
    require(events.most_open <= limits.concurrent_streams);
    // Content is bounded by the client's windows; what is left are answers to frames of at least nine bytes.
    require(produced <= 4096 + input.size() * 64 + (std::size_t{1} << 31));
    return 0;
}
