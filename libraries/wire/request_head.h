/// \file
/// The head of one request as it lies in a request slot: a fixed part, the header table, and a heap of NUL-terminated
/// strings.
///
/// Trust: written by the listener from network input. A worker may rely on the structure (and RequestView checks it
/// once, cheaply), never on the contents.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace osmia::wire {

/// Place of a string in the head, from its first byte. The byte after it is NUL.
struct StringRef {
    std::uint32_t offset;
    std::uint32_t length;
};

struct HeaderRef {
    StringRef name;
    StringRef value;
};

inline constexpr std::uint64_t UnknownLength = ~std::uint64_t{0};

/// Bits of RequestHead::flags.
inline constexpr std::uint32_t RequestIsTls = 1;
inline constexpr std::uint32_t RequestKeepsAlive = 2;      ///< the client and the listener would keep the connection
inline constexpr std::uint32_t RequestIsChunked = 4;       ///< the body came (or comes) with the chunked coding
inline constexpr std::uint32_t RequestIsReplayed = 8;      ///< an earlier worker died over it
inline constexpr std::uint32_t RequestIsBound = 16;        ///< its connection is bound to this worker
inline constexpr std::uint32_t RequestIsUnixSocket = 32;   ///< came over a unix socket; addresses are empty

/// Fixed part. Times are microseconds: of CLOCK_REALTIME for arrival, of CLOCK_MONOTONIC for the others.
struct RequestHead {
    std::uint64_t number;         ///< unique within this listener
    std::uint64_t connection_id;  ///< unique within this listener
    std::uint64_t content_length; ///< 0: no body; UnknownLength: chunked
    std::int64_t arrived_realtime_us;
    std::int64_t arrived_us;
    std::int64_t queued_us;
    std::int64_t dispatched_us;
    std::uint32_t site_id;
    std::uint32_t application_id;
    std::uint32_t flags;
    std::uint32_t execution_timeout_ms;
    std::uint16_t http_major;
    std::uint16_t http_minor;
    std::uint16_t remote_port;
    std::uint16_t local_port;
    StringRef method;
    StringRef raw_target;        ///< as received
    StringRef path;              ///< decoded and normalised once, by the listener
    StringRef query;             ///< without '?', undecoded
    StringRef host;              ///< without port
    StringRef remote_address;
    StringRef local_address;
    StringRef request_id;        ///< 32 hexadecimal digits; the trace id of an incoming traceparent
    StringRef application_path;  ///< "/" or "/app"
    StringRef tls_protocol;      ///< "TLSv1.3"; this and what follows: empty without TLS
    StringRef tls_cipher;        ///< OpenSSL's name of the suite
    StringRef server_subject;    ///< of the server's certificate
    StringRef server_issuer;
    std::uint32_t tls_cipher_bits;
    std::uint32_t server_key_bits;
    std::uint32_t header_count;
    std::uint32_t total_size;    ///< of everything: fixed part, table, heap
};

/// What the listener says of a request; all views are borrowed for the call.
struct RequestDescription {
    RequestHead fixed{};  ///< references, header_count and total_size are filled in by the encoder
    std::string_view method, raw_target, path, query, host, remote_address, local_address, request_id, application_path, tls_protocol, tls_cipher,
        server_subject, server_issuer;
    struct Header {
        std::string_view name, value;
    };
    std::span<const Header> headers;
};

/// Writes \a description to \a target; the size used, or nothing when it does not fit (the caller answers 431).
std::optional<std::uint32_t> encode_request_head(const RequestDescription& description, std::span<std::byte> target);

/// Reads a head in place. Owns nothing: views live as long as the slot's use.
class RequestView {
public:
    /// Nothing when a reference leads outside \a bytes or a string lacks its NUL.
    static std::optional<RequestView> decode(std::span<const std::byte> bytes);

    const RequestHead& fixed() const { return *head_; }
    std::string_view string(StringRef ref) const { return {text_ + ref.offset, ref.length}; }
    std::uint32_t header_count() const { return head_->header_count; }
    std::string_view header_name(std::uint32_t index) const { return string(table_[index].name); }
    std::string_view header_value(std::uint32_t index) const { return string(table_[index].value); }

    std::string_view method() const { return string(head_->method); }
    std::string_view raw_target() const { return string(head_->raw_target); }
    std::string_view path() const { return string(head_->path); }
    std::string_view query() const { return string(head_->query); }
    std::string_view host() const { return string(head_->host); }
    std::string_view remote_address() const { return string(head_->remote_address); }
    std::string_view local_address() const { return string(head_->local_address); }
    std::string_view request_id() const { return string(head_->request_id); }
    std::string_view application_path() const { return string(head_->application_path); }
    std::string_view tls_protocol() const { return string(head_->tls_protocol); }
    std::string_view tls_cipher() const { return string(head_->tls_cipher); }
    std::string_view server_subject() const { return string(head_->server_subject); }
    std::string_view server_issuer() const { return string(head_->server_issuer); }

private:
    const RequestHead* head_ = nullptr;
    const HeaderRef* table_ = nullptr;
    const char* text_ = nullptr;
};

}  // namespace osmia::wire
