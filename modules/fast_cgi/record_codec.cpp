#include "fast_cgi/record_codec.h"

#include <algorithm>

namespace fast_cgi {

namespace {

constexpr std::uint8_t Version = 1;
constexpr std::size_t HeadBytes = 8;
constexpr std::size_t EndBodyBytes = 8;
constexpr std::uint8_t Responder = 1;

std::uint8_t byte(std::string_view text, std::size_t at) {
    return static_cast<std::uint8_t>(text[at]);
}

void append_head(std::string& out, RecordType type, std::size_t content, std::size_t padding) {
    const unsigned char head[HeadBytes] = {Version,
                                           static_cast<unsigned char>(type),
                                           RequestId >> 8,
                                           RequestId & 0xff,
                                           static_cast<unsigned char>(content >> 8),
                                           static_cast<unsigned char>(content & 0xff),
                                           static_cast<unsigned char>(padding),
                                           0};
    out.append(reinterpret_cast<const char*>(head), HeadBytes);
}

void append_length(std::string& out, std::size_t length) {
    if (length > 0x7f) {
        out += static_cast<char>(0x80 | ((length >> 24) & 0x7f));
        out += static_cast<char>((length >> 16) & 0xff);
        out += static_cast<char>((length >> 8) & 0xff);
    }
    out += static_cast<char>(length & 0xff);
}

}  // namespace

void append_begin(std::string& out) {
    append_head(out, RecordType::BeginRequest, 8, 0);
    const char body[8] = {0, static_cast<char>(Responder), 0, 0, 0, 0, 0, 0};
    out.append(body, sizeof body);
}

void append_stream(std::string& out, RecordType type, std::string_view content) {
    do {
        const std::string_view part = content.substr(0, MaxContent);
        const std::size_t padding = (8 - part.size() % 8) % 8;
        append_head(out, type, part.size(), padding);
        out.append(part).append(padding, '\0');
        content.remove_prefix(part.size());
    } while (!content.empty());
}

void append_pair(std::string& out, std::string_view name, std::string_view value) {
    append_length(out, name.size());
    append_length(out, value.size());
    out.append(name).append(value);
}

bool RecordReader::collect(std::string_view& input, std::size_t size) {
    const std::size_t taken = std::min(input.size(), size - held_.size());
    held_.append(input.substr(0, taken));
    input.remove_prefix(taken);
    return held_.size() == size;
}

Event RecordReader::fail() {
    state_ = State::Failed;
    return {Event::Kind::Failed, {}, 0, 0};
}

Event RecordReader::next(std::string_view& input) {
    for (;;) {
        switch (state_) {
            case State::Failed:
                return fail();
            case State::Ended:
                input = {};  // padding, and what nobody asked for
                return {};
            case State::Head:
                if (!collect(input, HeadBytes)) return {};
                if (byte(held_, 0) != Version) return fail();
                type_ = byte(held_, 1);
                // Records of the connection itself have the number 0.
                if (const unsigned id = byte(held_, 2) * 256U + byte(held_, 3); id > RequestId) return fail();
                content_left_ = byte(held_, 4) * std::size_t{256} + byte(held_, 5);
                padding_left_ = byte(held_, 6);
                held_.clear();
                state_ = State::Content;
                break;
            case State::Content:
                if (content_left_ == 0 && type_ != static_cast<std::uint8_t>(RecordType::EndRequest)) {
                    state_ = State::Padding;
                    break;
                }
                if (const Event event = content(input); event.kind != Event::Kind::NeedMore || input.empty()) return event;
                break;
            case State::Padding: {
                const std::size_t taken = std::min(input.size(), padding_left_);
                input.remove_prefix(taken);
                padding_left_ -= taken;
                if (padding_left_ != 0) return {};
                state_ = State::Head;
                break;
            }
        }
    }
}

Event RecordReader::content(std::string_view& input) {
    const auto type = static_cast<RecordType>(type_);
    if (type == RecordType::EndRequest) {
        if (content_left_ < EndBodyBytes) return fail();
        if (!collect(input, EndBodyBytes)) return {};
        Event event{Event::Kind::End, {}, 0, byte(held_, 4)};
        for (std::size_t at = 0; at < 4; ++at) event.application_status = event.application_status << 8 | byte(held_, at);
        state_ = State::Ended;
        return event;
    }
    if (input.empty()) return {};
    const std::string_view data = input.substr(0, content_left_);
    input.remove_prefix(data.size());
    content_left_ -= data.size();
    if (content_left_ == 0) state_ = State::Padding;
    if (type == RecordType::Stdout) return {Event::Kind::Stdout, data, 0, 0};
    if (type == RecordType::Stderr) return {Event::Kind::Stderr, data, 0, 0};
    return {};  // a kind that a responder has no use for
}

}  // namespace fast_cgi
