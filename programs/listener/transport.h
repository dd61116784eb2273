/// \file
/// The byte transport of one client connection: what stands between HTTP and the socket.
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstdint>
#include <memory>
#include <span>

#include "base/unique_fd.h"

namespace osmia::listener {

enum class IoState : std::uint8_t {
    Ok,
    Blocked,  ///< nothing now; epoll tells when
    End,      ///< reading only: the client has ended its direction
    Failed,   ///< the connection is dead
};

/// What one call did. `size` counts bytes of the caller's, and is 0 unless the state is Ok.
struct IoResult {
    IoState state = IoState::Ok;
    std::size_t size = 0;
};

class TlsLayer;

/// Owns the socket, and the TLS session where there is one. Never blocks, neither for reading nor for writing. Without TLS
/// each call is the system call and one untaken branch. Reactor's thread only.
class Transport {
public:
    explicit Transport(UniqueFd fd);
    Transport(UniqueFd fd, std::unique_ptr<TlsLayer> tls);
    Transport(Transport&&) noexcept;
    Transport& operator=(Transport&&) noexcept;
    ~Transport();

    BorrowedFd fd() const { return fd_; }
    /// Null on a plain socket.
    const TlsLayer* tls() const { return tls_.get(); }

    IoResult read(std::span<char> target) {
        if (tls_ != nullptr) [[unlikely]] return tls_read(target);
        return result(::recv(fd_.get(), target.data(), target.size(), MSG_DONTWAIT), IoState::End);
    }
    /// True when a read that did not fill its buffer has taken all there was.
    bool short_read_is_last() const { return tls_ == nullptr || tls_has_read_all(); }

    /// Takes bytes of the pieces, which may lie in memory that another process changes. \a more: others follow at once.
    IoResult write(const iovec* pieces, std::size_t count, bool more) {
        if (tls_ != nullptr) [[unlikely]] return tls_write(pieces, count);
        msghdr header{};
        header.msg_iov = const_cast<iovec*>(pieces);
        header.msg_iovlen = count;
        return result(::sendmsg(fd_.get(), &header, MSG_NOSIGNAL | MSG_DONTWAIT | (more ? MSG_MORE : 0)), IoState::Ok);
    }
    /// Sends from a file whose range is in memory. Size 0: the file ends before \a offset.
    IoResult send_file(int file, std::uint64_t offset, std::uint64_t length);
    /// Pushes out what write() has taken and the socket has not: Ok when nothing is left.
    IoState flush() { return tls_ == nullptr ? IoState::Ok : tls_flush(); }
    /// True when flush() has something to do.
    bool has_unflushed() const { return tls_ != nullptr && tls_has_unsent(); }

    /// Bytes that were taken and that the client has not acknowledged.
    std::uint64_t unsent_bytes() const;
    /// Ends our direction in order.
    void shutdown_write();
    /// Closes the socket; \a reset: by RST, so that the client sees that something is missing.
    void close(bool reset);

private:
    static IoResult result(ssize_t size, IoState nothing) {
        if (size > 0) return {IoState::Ok, static_cast<std::size_t>(size)};
        if (size == 0) return {nothing, 0};
        return {errno == EAGAIN || errno == EINTR ? IoState::Blocked : IoState::Failed, 0};
    }
    IoResult tls_read(std::span<char> target);
    IoResult tls_write(const iovec* pieces, std::size_t count);
    IoState tls_flush();
    bool tls_has_read_all() const;
    bool tls_has_unsent() const;

    UniqueFd fd_;
    std::unique_ptr<TlsLayer> tls_;
};

}  // namespace osmia::listener
