/// \file
/// The keys of session tickets, and their rotation.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace osmia::tls {

/// A key makes tickets for this long (RFC 5077 section 5.5 asks for rotation); the one before it still opens them.
inline constexpr std::int64_t TicketKeySeconds = 12 * 3600;

/// The current key and the one before it. Made at random, in memory only. Shared by all contexts of one listener, so
/// that a reload keeps sessions. Not synchronised.
class TicketKeys {
public:
    struct Key {
        std::array<unsigned char, 16> name{};
        std::array<unsigned char, 32> cipher{};
        std::array<unsigned char, 32> mac{};
    };

    /// \a now in seconds of any clock that does not go back.
    explicit TicketKeys(std::int64_t now);
    ~TicketKeys();
    TicketKeys(const TicketKeys&) = delete;
    TicketKeys& operator=(const TicketKeys&) = delete;

    /// Makes a new key when the current one is old enough; to be called now and then.
    void rotate(std::int64_t now);
    const Key& current() const { return current_; }
    /// The key with that name; null when it is unknown or too old. \a is_current tells whether the ticket needs none new.
    const Key* find(std::span<const unsigned char, 16> name, bool& is_current) const;

private:
    Key current_, previous_;
    std::int64_t made_;
    bool has_previous_ = false;
};

}  // namespace osmia::tls
