#include "listener/tls_layer.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "listener/frontend.h"

namespace osmia::listener {

TlsLayer::TlsLayer(BorrowedFd fd, std::uint32_t socket_id, Frontend& frontend)
    : fd_(fd.get()), socket_id_(socket_id), frontend_(frontend), session_(frontend.certificates().sessions(), *this, *this) {}

std::ptrdiff_t TlsLayer::read_encrypted(std::span<char> target) {
    const ssize_t size = ::recv(fd_, target.data(), target.size(), MSG_DONTWAIT);
    drained_ = size < static_cast<ssize_t>(target.size());
    if (size < 0 && errno != EAGAIN && errno != EINTR) {
        failed_ = true;
        return 0;
    }
    return size;
}

void TlsLayer::write_encrypted(std::span<const char> bytes) { out_.append(bytes.data(), bytes.size()); }

std::shared_ptr<const tls::ServerContext> TlsLayer::choose_context(std::string_view server_name) {
    return frontend_.choose_certificate(socket_id_, server_name);
}

IoState TlsLayer::flush() {
    while (sent_ < out_.size()) {
        const ssize_t size = ::send(fd_, out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (size < 0) return errno == EAGAIN || errno == EINTR ? IoState::Blocked : IoState::Failed;
        sent_ += static_cast<std::size_t>(size);
    }
    sent_ = 0;
    out_.clear();
    if (out_.capacity() > 4 * MaxEncryptedOutput) out_ = std::string();
    return IoState::Ok;
}

IoResult TlsLayer::read(std::span<char> target) {
    const auto got = session_.read(target);
    // Handshake messages, tickets and alerts. What does not fit now goes with the next event.
    const bool cannot_send = has_unsent() && flush() == IoState::Failed;
    if (failed_ || cannot_send) return {IoState::Failed, 0};
    switch (got.state) {
        case tls::Session::State::Ok: return {IoState::Ok, got.size};
        case tls::Session::State::Blocked: return {IoState::Blocked, 0};
        case tls::Session::State::Closed: return {IoState::End, 0};
        case tls::Session::State::Failed: break;
    }
    return {IoState::Failed, 0};
}

IoResult TlsLayer::write(const iovec* pieces, std::size_t count) {
    if (unsent() >= MaxEncryptedOutput) {
        if (const IoState state = flush(); state == IoState::Failed) return {state, 0};
        if (unsent() >= MaxEncryptedOutput) return {IoState::Blocked, 0};
    }
    std::size_t taken = 0;
    for (std::size_t i = 0; i < count; ++i) {
        std::span<const char> left(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
        while (!left.empty()) {
            if (unsent() >= MaxEncryptedOutput) return {IoState::Ok, taken};
            const auto written = session_.write(left);
            if (written.state == tls::Session::State::Failed) return {IoState::Failed, 0};
            if (written.state != tls::Session::State::Ok) return {taken > 0 ? IoState::Ok : IoState::Blocked, taken};
            left = left.subspan(written.size);
            taken += written.size;
        }
    }
    return {IoState::Ok, taken};
}

IoResult TlsLayer::send_file(int file, std::uint64_t offset, std::uint64_t length) {
    if (unsent() >= MaxEncryptedOutput) {
        if (const IoState state = flush(); state == IoState::Failed) return {state, 0};
        if (unsent() >= MaxEncryptedOutput) return {IoState::Blocked, 0};
    }
    auto& scratch = frontend_.reactor().scratch();
    const ssize_t got = ::pread(file, scratch.data(), std::min<std::uint64_t>(length, scratch.size()), static_cast<off_t>(offset));
    if (got <= 0) return {got == 0 ? IoState::Ok : IoState::Failed, 0};
    const iovec piece{scratch.data(), static_cast<std::size_t>(got)};
    const IoResult written = write(&piece, 1);
    if (written.state != IoState::Ok || written.size == 0) return {written.state == IoState::Ok ? IoState::Blocked : written.state, 0};
    return written;
}

void TlsLayer::shut_down() {
    session_.shut_down();
    (void)flush();
}

}  // namespace osmia::listener
