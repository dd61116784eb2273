/// \file
/// TLS between a connection's Transport and its socket.
#pragma once

#include <string>

#include "listener/transport.h"
#include "tls/session.h"

namespace osmia::listener {

class Frontend;

/// Encrypted bytes that wait for the socket; beyond it, plain ones are taken no more.
inline constexpr std::size_t MaxEncryptedOutput = 64 * 1024;

/// One session over one socket. Borrows the socket and the frontend, which chooses the certificate.
class TlsLayer final : private tls::ByteStream, private tls::ContextChooser {
public:
    TlsLayer(BorrowedFd fd, std::uint32_t socket_id, Frontend& frontend);

    IoResult read(std::span<char> target);
    IoResult write(const iovec* pieces, std::size_t count);
    IoResult send_file(int file, std::uint64_t offset, std::uint64_t length);
    IoState flush();
    bool has_unsent() const { return sent_ < out_.size(); }
    std::size_t unsent() const { return out_.size() - sent_; }
    bool short_read_is_last() const { return drained_ && !session_.has_pending(); }
    void shut_down();
    bool is_established() const { return session_.is_established(); }
    tls::SessionFacts facts() const { return session_.facts(); }

private:
    std::ptrdiff_t read_encrypted(std::span<char> target) override;
    void write_encrypted(std::span<const char> bytes) override;
    std::shared_ptr<const tls::ServerContext> choose_context(std::string_view server_name) override;

    int fd_;
    std::uint32_t socket_id_;
    Frontend& frontend_;
    tls::Session session_;
    std::string out_;
    std::size_t sent_ = 0;
    bool drained_ = false;  ///< the last look at the socket took all there was
    bool failed_ = false;
};

}  // namespace osmia::listener
