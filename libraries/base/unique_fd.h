/// \file
/// Ownership of file descriptors.
#pragma once

#include <unistd.h>

#include <utility>

namespace osmia {

/// Owns one file descriptor and closes it. Movable, not copyable.
class UniqueFd {
public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) : fd_(fd) {}
    UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    UniqueFd& operator=(UniqueFd&& other) noexcept {
        if (this != &other) reset(std::exchange(other.fd_, -1));
        return *this;
    }
    UniqueFd(const UniqueFd&) = delete;
    UniqueFd& operator=(const UniqueFd&) = delete;
    ~UniqueFd() { reset(); }

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    int release() { return std::exchange(fd_, -1); }
    void reset(int fd = -1) {
        if (fd_ >= 0) ::close(fd_);
        fd_ = fd;
    }

private:
    int fd_ = -1;
};

/// A descriptor lent for the duration of a call; never closed by the borrower.
class BorrowedFd {
public:
    BorrowedFd(const UniqueFd& fd) : fd_(fd.get()) {}
    explicit BorrowedFd(int fd) : fd_(fd) {}
    int get() const { return fd_; }

private:
    int fd_;
};

}  // namespace osmia
