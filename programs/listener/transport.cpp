#include "listener/transport.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>

#include "listener/tls_layer.h"

namespace osmia::listener {

Transport::Transport(UniqueFd fd) : fd_(std::move(fd)) {}
Transport::Transport(UniqueFd fd, std::unique_ptr<TlsLayer> tls) : fd_(std::move(fd)), tls_(std::move(tls)) {}
Transport::Transport(Transport&&) noexcept = default;
Transport& Transport::operator=(Transport&&) noexcept = default;
Transport::~Transport() = default;

IoResult Transport::tls_read(std::span<char> target) { return tls_->read(target); }
IoResult Transport::tls_write(const iovec* pieces, std::size_t count) { return tls_->write(pieces, count); }
IoState Transport::tls_flush() { return tls_->flush(); }
bool Transport::tls_has_read_all() const { return tls_->short_read_is_last(); }
bool Transport::tls_has_unsent() const { return tls_->has_unsent(); }

void Transport::shutdown_write() {
    if (tls_ != nullptr) tls_->shut_down();
    ::shutdown(fd_.get(), SHUT_WR);
}

IoResult Transport::send_file(int file, std::uint64_t offset, std::uint64_t length) {
    if (tls_ != nullptr) return tls_->send_file(file, offset, length);
    auto at = static_cast<off_t>(offset);
    return result(::sendfile(fd_.get(), file, &at, length), IoState::Ok);
}

/// What the kernel holds for the client and the client has not taken: megabytes, so that a slow one may take its time
/// before the socket accepts another byte.
std::uint64_t Transport::unsent_bytes() const {
    int bytes = 0;
    const std::uint64_t kernel = ::ioctl(fd_.get(), SIOCOUTQ, &bytes) == 0 && bytes > 0 ? static_cast<std::uint64_t>(bytes) : 0;
    return kernel + (tls_ == nullptr ? 0 : tls_->unsent());
}

void Transport::close(bool reset) {
    if (reset) {
        const ::linger now{1, 0};
        ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    fd_.reset();
}

}  // namespace osmia::listener
