#include "http1/response_encoder.h"

#include <array>
#include <charconv>
#include <cstring>

#include "http/status.h"
#include "http_fields/field_syntax.h"

namespace osmia::http1 {

using http::HeaderId;

namespace {

/// Fields that are the listener's own business.
constexpr bool is_own_field(HeaderId id) {
    switch (id) {
        case HeaderId::Connection:
        case HeaderId::KeepAlive:
        case HeaderId::ProxyConnection:
        case HeaderId::TransferEncoding:
        case HeaderId::ContentLength:
        case HeaderId::Trailer:
        case HeaderId::Upgrade:
        case HeaderId::Te:
        case HeaderId::Date:
            return true;
        default:
            return false;
    }
}

/// Appends to a buffer while it fits and counts on when it does not.
class HeadWriter {
public:
    explicit HeadWriter(std::span<char> out) : out_(out) {}

    void put(std::string_view text) {
        if (text.size() <= out_.size() - used()) std::memcpy(out_.data() + size_, text.data(), text.size());
        // Once something did not fit, nothing more is written: used() is then the whole buffer.
        size_ += text.size();
    }
    void put_field(std::string_view name, std::string_view value) {
        put(name);
        put(": ");
        put(value);
        put("\r\n");
    }
    void put_number_field(std::string_view name, std::uint64_t value) {
        std::array<char, 20> digits;
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
        put_field(name, {digits.data(), static_cast<std::size_t>(end - digits.data())});
    }
    std::size_t size() const { return size_; }
    bool fits() const { return size_ <= out_.size(); }

private:
    std::size_t used() const { return fits() ? size_ : out_.size(); }

    std::span<char> out_;
    std::size_t size_ = 0;
};

void put_status_line(HeadWriter& out, unsigned status, std::string_view reason) {
    if (status == 200 && (reason.empty() || reason == "OK")) {
        out.put("HTTP/1.1 200 OK\r\n");
        return;
    }
    const std::array<char, 4> code = {static_cast<char>('0' + status / 100),
                                      static_cast<char>('0' + status / 10 % 10),
                                      static_cast<char>('0' + status % 10), ' '};
    out.put("HTTP/1.1 ");
    out.put({code.data(), code.size()});
    out.put(reason.empty() ? http::reason_phrase(status) : reason);
    out.put("\r\n");
}

void put_framing(HeadWriter& out, const FramingDecision& framing) {
    if (framing.announce_length) out.put_number_field("Content-Length", framing.length);
    if (framing.mode == BodyMode::Chunked) out.put("Transfer-Encoding: chunked\r\n");
    if (!framing.keep_alive) out.put("Connection: close\r\n");
    if (framing.echo_keep_alive) out.put("Connection: keep-alive\r\n");
}

bool is_clean(std::string_view text) {
    return http_fields::find_control(text) == text.size();
}

/// Writes the fields that are not ours; false at one that must not go out.
bool put_fields(HeadWriter& out, const ResponseHead& head, bool& has_server) {
    for (const ResponseField& field : head.fields) {
        // The identity decides what is dropped, so it is the name's, not what the caller says it is.
        const HeaderId id = http::find_header_id(field.name);
        if (is_own_field(id) || (id == HeaderId::Server && head.drop_worker_server)) continue;
        if (!http_fields::is_token(field.name) || !is_clean(field.value)) return false;
        has_server |= id == HeaderId::Server;
        out.put_field(field.name, field.value);
    }
    return true;
}

}  // namespace

std::size_t encode_chunk_header(std::uint64_t size, std::span<char, MaxChunkHeader> out) {
    char* end = std::to_chars(out.data(), out.data() + out.size(), size, 16).ptr;
    *end++ = '\r';
    *end++ = '\n';
    return static_cast<std::size_t>(end - out.data());
}

EncodeResult encode_response_head(std::span<char> buffer, const ResponseHead& head,
                                  const FramingDecision& framing) {
    if (head.status < http::MinStatus || head.status > http::MaxStatus || !is_clean(head.reason) ||
        !is_clean(head.date) || !is_clean(head.server)) {
        return {EncodeStatus::Invalid, 0};
    }
    HeadWriter out(buffer);
    put_status_line(out, head.status, head.reason);
    if (!head.date.empty()) out.put_field("Date", head.date);
    bool has_server = false;
    if (!put_fields(out, head, has_server)) return {EncodeStatus::Invalid, 0};
    if (!has_server && !head.server.empty()) out.put_field("Server", head.server);
    put_framing(out, framing);
    out.put("\r\n");
    return {out.fits() ? EncodeStatus::Ok : EncodeStatus::NoSpace, out.size()};
}

}  // namespace osmia::http1
