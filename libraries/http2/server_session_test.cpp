#include "http2/server_session.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <map>

namespace osmia::http2 {
namespace {

constexpr std::int64_t Now = 1'000'000;

// A client that writes its frames by hand -----------------------------------------------------------------------------

enum : std::uint8_t { Data, Headers, Priority, RstStream, Settings, PushPromise, Ping, GoAway, WindowUpdate, Continuation, PriorityUpdate = 16 };
enum : std::uint8_t { EndStream = 1, Ack = 1, EndHeaders = 4 };

std::string number(std::uint64_t value, int bytes) {
    std::string text;
    for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i));
    return text;
}

std::string frame(std::uint8_t type, std::uint8_t flags, StreamId stream, std::string_view payload = {}) {
    return number(payload.size(), 3) + static_cast<char>(type) + static_cast<char>(flags) + number(static_cast<std::uint32_t>(stream), 4) + std::string(payload);
}

/// Literals without indexing (RFC 7541 section 6.2.2).
std::string literal(std::string_view name, std::string_view value) {
    const auto length = [](std::size_t size) {
        if (size < 127) return std::string(1, static_cast<char>(size));
        std::string text(1, '\x7f');
        for (size -= 127; size >= 128; size /= 128) text += static_cast<char>(size % 128 + 128);
        return text + static_cast<char>(size);
    };
    return std::string(1, '\0') + length(name.size()) + std::string(name) + length(value.size()) + std::string(value);
}

std::string request(std::string_view method = "GET", std::string_view more = {}) {
    return literal(":method", method) + literal(":scheme", "https") + literal(":authority", "a") + literal(":path", "/") + std::string(more);
}

struct Frame {
    std::uint8_t type, flags;
    StreamId stream;
    std::string payload;
};

class SessionTest : public testing::Test, public SessionEvents {
protected:
    explicit SessionTest(const Limits& its_limits = {}) : limits(its_limits), session(std::make_unique<ServerSession>(limits, *this)) {}

    void on_request(StreamId stream, const RequestHead& head, bool ends, bool too_large) override {
        log.push_back(fmt::format("request {} {} {}{}{}", stream, head.method(), head.path(), ends ? " ends" : "", too_large ? " large" : ""));
        if (answer_at_once) session->submit_response(stream, 200, {}, true);
    }
    void on_content(StreamId stream, std::string_view bytes) override {
        log.push_back(fmt::format("content {} {}", stream, bytes.size()));
        if (consume_at_once) session->consume(stream, bytes.size());
    }
    void on_request_end(StreamId stream) override { log.push_back(fmt::format("end {}", stream)); }
    void on_stream_closed(StreamId stream, std::uint32_t code) override { log.push_back(fmt::format("closed {} {}", stream, code)); }
    std::ptrdiff_t read_content(StreamId stream, std::span<char> target, bool& ends) override {
        const std::size_t size = std::min(target.size(), content[stream]);
        std::memset(target.data(), 'c', size);
        content[stream] -= size;
        ends = content[stream] == 0;
        return static_cast<std::ptrdiff_t>(size);
    }

    bool send(std::string_view bytes, std::int64_t now = Now) { return session->receive(bytes, now); }
    void greet(std::string_view settings = {}) {
        ASSERT_TRUE(send(std::string(ClientPreface) + frame(Settings, 0, 0, settings) + frame(Settings, Ack, 0)));
        received();
    }
    std::vector<Frame> received() {
        std::string bytes;
        for (std::string_view piece; !(piece = session->produce()).empty();) bytes.append(piece);
        std::vector<Frame> frames;
        for (std::size_t at = 0; at + 9 <= bytes.size();) {
            const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i])); };
            const std::size_t size = byte(0) << 16 | byte(1) << 8 | byte(2);
            frames.push_back({static_cast<std::uint8_t>(byte(3)), static_cast<std::uint8_t>(byte(4)),
                              static_cast<StreamId>(byte(5) << 24 | byte(6) << 16 | byte(7) << 8 | byte(8)), bytes.substr(at + 9, size)});
            at += 9 + size;
        }
        return frames;
    }
    /// The error code of the GOAWAY among what comes now; -1 without one.
    int go_away() {
        for (const Frame& one : received()) {
            if (one.type == GoAway) return static_cast<unsigned char>(one.payload.at(7));
        }
        return -1;
    }
    int reset_code(StreamId stream) {
        for (const Frame& one : received()) {
            if (one.type == RstStream && one.stream == stream) return static_cast<unsigned char>(one.payload.at(3));
        }
        return -1;
    }

    const Limits limits;
    std::unique_ptr<ServerSession> session;
    std::vector<std::string> log;
    std::map<StreamId, std::size_t> content;
    bool answer_at_once = false;
    bool consume_at_once = true;
};

TEST_F(SessionTest, SaysItsSettingsFirst) {
    const auto frames = received();
    ASSERT_GE(frames.size(), 1u);
    EXPECT_EQ(frames[0].type, Settings);
    EXPECT_NE(frames[0].payload.find(number(3, 2) + number(100, 4)), std::string::npos);
    EXPECT_NE(frames[0].payload.find(number(9, 2) + number(1, 4)), std::string::npos) << "no RFC 7540 priorities";
}

TEST_F(SessionTest, CarriesARequestAndItsAnswer) {
    greet();
    answer_at_once = true;
    content[1] = 40000;
    send(frame(Headers, EndHeaders, 1, request("POST")) + frame(Data, 0, 1, "abc") + frame(Data, EndStream, 1, "de"));
    EXPECT_THAT(log, testing::ElementsAre("request 1 POST /", "content 1 3", "content 1 2", "end 1"));
    std::size_t size = 0;
    for (const Frame& one : received()) size += one.type == Data ? one.payload.size() : 0;
    EXPECT_EQ(size, 40000u);
    EXPECT_EQ(log.back(), "closed 1 0");
}

TEST_F(SessionTest, WorksWithAWindowOfOneByte) {
    greet(number(4, 2) + number(1, 4));
    answer_at_once = true;
    content[1] = 3;
    send(frame(Headers, EndHeaders | EndStream, 1, request()));
    for (int i = 0; i < 3; ++i) {
        std::string data;
        for (const Frame& one : received()) data += one.type == Data ? one.payload : "";
        EXPECT_EQ(data, "c") << i;
        EXPECT_TRUE(session->is_window_closed(1));
        send(frame(WindowUpdate, 0, 1, number(1, 4)));
    }
    EXPECT_EQ(log.back(), "closed 1 0");
}

TEST_F(SessionTest, GivesTheClientWindowOnlyForWhatWasUsed) {
    greet();
    consume_at_once = false;
    send(frame(Headers, EndHeaders, 1, request("POST")));
    for (int i = 0; i < 4; ++i) send(frame(Data, 0, 1, std::string(16384, 'x')));
    for (const Frame& one : received()) EXPECT_NE(one.type, WindowUpdate);
    session->consume(1, 65536);
    bool updated = false;
    for (const Frame& one : received()) updated = updated || (one.type == WindowUpdate && one.stream == 1);
    EXPECT_TRUE(updated);
}

TEST_F(SessionTest, MoreThanTheWindowEndsTheStream) {
    greet();
    consume_at_once = false;
    send(frame(Headers, EndHeaders, 1, request("POST")));
    for (int i = 0; i < 4; ++i) send(frame(Data, 0, 1, std::string(16384, 'x')));
    EXPECT_EQ(go_away(), -1);
    send(frame(Data, 0, 1, "x"));
    const auto frames = received();
    EXPECT_TRUE(std::any_of(frames.begin(), frames.end(), [](const Frame& one) { return one.type == GoAway || one.type == RstStream; }));
}

TEST_F(SessionTest, FieldsBeyondTheLimitsAreToldAndLeftOut) {
    greet();
    std::string fields;
    for (std::size_t i = 0; i < limits.head.field_count; ++i) fields += literal("n" + std::to_string(i), "v");
    send(frame(Headers, EndHeaders | EndStream, 1, request("GET", fields)));
    send(frame(Headers, EndHeaders | EndStream, 3, request("GET", fields + literal("one", "more"))));
    EXPECT_THAT(log, testing::ElementsAre("request 1 GET / ends", "end 1", "request 3 GET / ends large", "end 3"));
}

TEST_F(SessionTest, AnnouncesItsEndAndServesWhatComesMeanwhile) {
    greet();
    session->announce_end();
    bool pinged = false;
    for (const Frame& one : received()) pinged = pinged || one.type == Ping;
    EXPECT_TRUE(pinged);
    EXPECT_FALSE(session->end_was_seen());
    send(frame(Headers, EndHeaders | EndStream, 1, request()));
    EXPECT_EQ(log.front(), "request 1 GET / ends");
    send(frame(Ping, Ack, 0, "Osmiaend"));
    EXPECT_TRUE(session->end_was_seen());
    session->finish_streams();
    EXPECT_EQ(go_away(), 0);
    send(frame(Headers, EndHeaders | EndStream, 3, request()));
    EXPECT_EQ(std::count(log.begin(), log.end(), "request 3 GET / ends"), 0);
    session->submit_response(1, 200, {}, false);
    received();
    EXPECT_EQ(log.back(), "closed 1 0");
    EXPECT_TRUE(session->is_over());
}

// Floods: the limit is served, one more ends the connection -----------------------------------------------------------

struct FloodCase {
    const char* name;
    Flood flood;
    Rate Limits::*rate;
    std::function<std::string(int)> frames;  ///< the number'th
};

class FloodTest : public SessionTest, public testing::WithParamInterface<FloodCase> {};

TEST_P(FloodTest, OneBeyondTheLimitEndsTheConnectionCalmly) {
    const FloodCase& test = GetParam();
    greet();
    send(frame(Headers, EndHeaders, 1, request("POST")));
    // The SETTINGS of the greeting and their acknowledgement counted already.
    const int most = static_cast<int>((limits.*test.rate).burst) - (test.flood == Flood::Control ? 2 : 0);
    for (int i = 0; i < most; ++i) {
        ASSERT_TRUE(send(test.frames(i))) << i;
        ASSERT_EQ(go_away(), -1) << i;
    }
    EXPECT_EQ(session->counters().flood, Flood::None);
    send(test.frames(most));
    EXPECT_EQ(go_away(), static_cast<int>(ErrorCode::EnhanceYourCalm));
    EXPECT_EQ(session->counters().flood, test.flood);
}

TEST_P(FloodTest, TheSamePatientlyIsServed) {
    const FloodCase& test = GetParam();
    greet();
    send(frame(Headers, EndHeaders, 1, request("POST")));
    for (int i = 0; i < 3 * static_cast<int>((limits.*test.rate).burst); ++i) {
        ASSERT_TRUE(send(test.frames(i), Now + i * 1'000'000LL)) << i;
        ASSERT_EQ(go_away(), -1) << i;
    }
}

INSTANTIATE_TEST_SUITE_P(All, FloodTest, testing::Values(
    FloodCase{"rapid reset", Flood::Resets, &Limits::resets,
              [](int i) { return frame(Headers, EndHeaders | EndStream, 3 + 2 * i, request()) + frame(RstStream, 0, 3 + 2 * i, number(8, 4)); }},
    FloodCase{"malformed requests", Flood::Resets, &Limits::resets,
              [](int i) { return frame(Headers, EndHeaders | EndStream, 3 + 2 * i, request("GET", literal("connection", "close"))); }},
    FloodCase{"PING", Flood::Control, &Limits::control, [](int) { return frame(Ping, 0, 0, "12345678"); }},
    FloodCase{"SETTINGS", Flood::Control, &Limits::control, [](int) { return frame(Settings, 0, 0); }},
    FloodCase{"PRIORITY", Flood::Control, &Limits::control, [](int) { return frame(Priority, 0, 1, number(0, 4) + "\x10"); }},
    FloodCase{"empty DATA", Flood::EmptyFrames, &Limits::empty_frames, [](int) { return frame(Data, 0, 1); }},
    FloodCase{"WINDOW_UPDATE", Flood::WindowUpdates, &Limits::window_updates, [](int) { return frame(WindowUpdate, 0, 0, number(1, 4)); }}),
    [](const auto& parameter) { return "Number" + std::to_string(parameter.index); });

TEST_F(SessionTest, ContinuationsHaveALimit) {
    greet();
    const std::string block = request();
    send(frame(Headers, EndStream, 1, block));
    for (std::uint32_t i = 1; i < limits.continuations; ++i) ASSERT_TRUE(send(frame(Continuation, 0, 1, literal("a", "b"))));
    EXPECT_TRUE(session->is_in_head());
    EXPECT_TRUE(send(frame(Continuation, EndHeaders, 1, literal("a", "b"))));
    EXPECT_FALSE(session->is_in_head());
    EXPECT_THAT(log, testing::Contains("request 1 GET / ends"));
    send(frame(Headers, EndStream, 3, block));
    for (std::uint32_t i = 0; i <= limits.continuations; ++i) send(frame(Continuation, 0, 3, literal("a", "b")));
    EXPECT_NE(go_away(), -1);
}

TEST_F(SessionTest, StreamsBeyondTheLimitAreRefusedWhileTheClientMayNotKnowIt) {
    send(std::string(ClientPreface) + frame(Settings, 0, 0));
    received();
    for (StreamId i = 0; i < static_cast<StreamId>(limits.concurrent_streams); ++i) send(frame(Headers, EndHeaders | EndStream, 1 + 2 * i, request()));
    send(frame(Headers, EndHeaders | EndStream, 1 + 2 * static_cast<StreamId>(limits.concurrent_streams), request()));
    EXPECT_EQ(std::count_if(log.begin(), log.end(), [](const std::string& line) { return line.starts_with("request"); }), limits.concurrent_streams);
    EXPECT_EQ(reset_code(1 + 2 * static_cast<StreamId>(limits.concurrent_streams)), static_cast<int>(ErrorCode::RefusedStream));
}

TEST_F(SessionTest, StreamsBeyondAnAcknowledgedLimitEndTheConnection) {
    greet();
    for (StreamId i = 0; i < static_cast<StreamId>(limits.concurrent_streams); ++i) send(frame(Headers, EndHeaders | EndStream, 1 + 2 * i, request()));
    EXPECT_EQ(go_away(), -1);
    send(frame(Headers, EndHeaders | EndStream, 1 + 2 * static_cast<StreamId>(limits.concurrent_streams), request()));
    EXPECT_EQ(go_away(), static_cast<int>(ErrorCode::ProtocolError));
}

TEST_F(SessionTest, MoreUrgentStreamsGoFirst) {
    greet(number(4, 2) + number(60000, 4));
    answer_at_once = true;
    content[1] = content[3] = 50000;
    send(frame(Headers, EndHeaders | EndStream, 1, request("GET", literal("priority", "u=5"))) +
         frame(Headers, EndHeaders | EndStream, 3, request("GET", literal("priority", "u=1"))));
    std::vector<StreamId> order;
    for (const Frame& one : received()) {
        if (one.type == Data && !one.payload.empty()) order.push_back(one.stream);
    }
    ASSERT_GE(order.size(), 4u);
    EXPECT_EQ(order.front(), 3) << "RFC 9218 section 10";
    EXPECT_EQ(order.back(), 1);
    EXPECT_TRUE(std::is_sorted(order.rbegin(), order.rend())) << "all of the urgent one before the other";
}

}  // namespace
}  // namespace osmia::http2
