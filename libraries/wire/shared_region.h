/// \file
/// A memfd and its mapping.
#pragma once

#include <cstddef>

#include "base/result.h"
#include "base/unique_fd.h"

namespace osmia::wire {

/// Owns a mapping of a whole memfd and, where it was created here, the memfd itself. Movable.
class SharedRegion {
public:
    SharedRegion() = default;
    /// Makes a zeroed memfd of \a size, maps it writable and seals its size; with \a only_ours no other writable
    /// mapping or write can ever be made.
    static Result<SharedRegion> create(const char* name, std::size_t size, bool only_ours);
    /// Maps a received memfd; Invalid unless it has exactly \a size and a sealed size.
    static Result<SharedRegion> map(UniqueFd fd, std::size_t size, bool writable);

    SharedRegion(SharedRegion&& other) noexcept;
    SharedRegion& operator=(SharedRegion&& other) noexcept;
    ~SharedRegion();

    template <class T>
    T* as() const { return static_cast<T*>(address_); }
    const UniqueFd& fd() const { return fd_; }

private:
    UniqueFd fd_;
    void* address_ = nullptr;
    std::size_t size_ = 0;
};

/// FUTEX_WAKE of at most \a count sleepers; works across processes.
void futex_wake(void* word, int count);
/// FUTEX_WAIT while *word == \a expected, at most \a limit_ns (negative: for ever). Spurious returns happen.
void futex_wait(const void* word, unsigned expected, long long limit_ns);

}  // namespace osmia::wire
