#include "base/random_id.h"

#include <sys/random.h>

#include "base/result.h"

namespace osmia {

std::array<std::byte, 16> random_bytes() {
    // One system call serves 16 identifiers: a request must not pay for a call of its own.
    thread_local std::array<std::byte, 256> pool;
    thread_local std::size_t used = pool.size();
    if (used == pool.size()) {
        OSMIA_CHECK(::getrandom(pool.data(), pool.size(), 0) == static_cast<ssize_t>(pool.size()), "getrandom");
        used = 0;
    }
    std::array<std::byte, 16> bytes;
    for (auto& byte : bytes) byte = pool[used++];
    bytes[0] |= std::byte{0x10};
    return bytes;
}

std::string random_id() {
    static constexpr char Digits[] = "0123456789abcdef";
    std::string id;
    id.reserve(32);
    for (const std::byte byte : random_bytes()) {
        id += Digits[std::to_integer<unsigned>(byte) >> 4];
        id += Digits[std::to_integer<unsigned>(byte) & 15];
    }
    return id;
}

}  // namespace osmia
