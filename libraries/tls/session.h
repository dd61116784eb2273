/// \file
/// One TLS connection on the server's side, over any stream of bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "tls/server_context.h"

namespace osmia::tls {

/// Where a session's encrypted bytes come from and go to. Never blocks.
class ByteStream {
public:
    virtual ~ByteStream() = default;
    /// Bytes read; 0: the peer has ended; negative: nothing now.
    virtual std::ptrdiff_t read_encrypted(std::span<char> target) = 0;
    /// Takes all of them.
    virtual void write_encrypted(std::span<const char> bytes) = 0;
};

/// Chooses the context of a connection from the name that its client asked for.
class ContextChooser {
public:
    virtual ~ContextChooser() = default;
    /// \a server_name is lower case and empty when the client sent none. Null: the handshake fails.
    virtual std::shared_ptr<const ServerContext> choose_context(std::string_view server_name) = 0;
};

/// Where sessions start. One per listener; must outlive its sessions.
class SessionFactory {
public:
    explicit SessionFactory(const TicketKeys& keys);
    ~SessionFactory();
    SessionFactory(const SessionFactory&) = delete;
    SessionFactory& operator=(const SessionFactory&) = delete;

private:
    friend class Session;
    struct Native;
    std::unique_ptr<Native> native_;
};

/// Facts of an established session.
struct SessionFacts {
    std::string protocol;             ///< "TLSv1.3"
    std::string cipher;               ///< OpenSSL's name of the suite
    std::uint32_t cipher_bits = 0;
    bool http2 = false;               ///< ALPN chose "h2"
    bool resumed = false;
    std::string server_name;          ///< what the client asked for; may be empty
    std::shared_ptr<const ServerContext> context;
};

/// The handshake happens within read() and write(). Not synchronised. What the peer sends is hostile; what it sends
/// wrongly ends the session with an alert.
class Session {
public:
    enum class State : std::uint8_t {
        Ok,
        Blocked,  ///< more encrypted bytes are needed first
        Closed,   ///< reading only: the peer has said close_notify or ended its direction
        Failed,
    };
    struct Outcome {
        State state = State::Ok;
        std::size_t size = 0;  ///< plain bytes; 0 unless Ok
    };

    /// Borrows all three.
    Session(const SessionFactory& factory, ContextChooser& chooser, ByteStream& stream);
    ~Session();

    Outcome read(std::span<char> target);
    /// Encrypts at most one record's worth.
    Outcome write(std::span<const char> bytes);
    /// True when bytes that were read from the stream wait inside.
    bool has_pending() const;
    bool is_established() const;
    /// Says close_notify.
    void shut_down();
    SessionFacts facts() const;
    /// Why it failed, in OpenSSL's words; empty before.
    const std::string& failure() const { return failure_; }

    struct Native;

private:
    Outcome fail(int result);

    std::unique_ptr<Native> native_;
    std::string failure_;
};

}  // namespace osmia::tls
