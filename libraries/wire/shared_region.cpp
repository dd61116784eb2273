#include "wire/shared_region.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include <utility>

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

namespace osmia::wire {

namespace {
constexpr int SizeSeals = F_SEAL_SHRINK | F_SEAL_GROW;
}

Result<SharedRegion> SharedRegion::create(const char* name, std::size_t size, bool only_ours) {
    SharedRegion region;
    region.fd_ = UniqueFd(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!region.fd_) return errno_error("memfd_create");
    if (::ftruncate(region.fd_.get(), static_cast<off_t>(size)) != 0) return errno_error("ftruncate of a memfd");
    void* address = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, region.fd_.get(), 0);
    if (address == MAP_FAILED) return errno_error("mmap of a memfd");
    region.address_ = address;
    region.size_ = size;
    const int seals = SizeSeals | F_SEAL_SEAL | (only_ours ? F_SEAL_FUTURE_WRITE : 0);
    if (::fcntl(region.fd_.get(), F_ADD_SEALS, seals) != 0) return errno_error("sealing a memfd");
    return region;
}

Result<SharedRegion> SharedRegion::map(UniqueFd fd, std::size_t size, bool writable) {
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) return errno_error("fstat of a memfd");
    const int seals = ::fcntl(fd.get(), F_GET_SEALS);
    if (status.st_size != static_cast<off_t>(size) || seals < 0 || (seals & SizeSeals) != SizeSeals) {
        return make_error(ErrorKind::Invalid, "a shared region of the wrong size or without seals");
    }
    SharedRegion region;
    void* address = ::mmap(nullptr, size, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED | MAP_NORESERVE, fd.get(), 0);
    if (address == MAP_FAILED) return errno_error("mmap of a memfd");
    region.fd_ = std::move(fd);
    region.address_ = address;
    region.size_ = size;
    return region;
}

SharedRegion::SharedRegion(SharedRegion&& other) noexcept
    : fd_(std::move(other.fd_)), address_(std::exchange(other.address_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SharedRegion& SharedRegion::operator=(SharedRegion&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(address_, other.address_);
    std::swap(size_, other.size_);
    return *this;
}

SharedRegion::~SharedRegion() {
    if (address_ != nullptr) ::munmap(address_, size_);
}

void futex_wake(void* word, int count) { ::syscall(SYS_futex, word, FUTEX_WAKE, count, nullptr, nullptr, 0); }

void futex_wait(const void* word, unsigned expected, long long limit_ns) {
    timespec limit{static_cast<time_t>(limit_ns / 1'000'000'000), static_cast<long>(limit_ns % 1'000'000'000)};
    ::syscall(SYS_futex, word, FUTEX_WAIT, expected, limit_ns < 0 ? nullptr : &limit, nullptr, 0);
}

}  // namespace osmia::wire
