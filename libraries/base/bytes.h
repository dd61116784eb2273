/// \file
/// ByteWriter and ByteReader: the flat little codec beneath every message between Osmia's programs.
///
/// Integers are in host order (both ends run on one machine); strings are a 32-bit length and the bytes. The reader
/// checks every length before use, never reads outside its span, and after the first failure yields only zeroes and
/// empty views: look at ok() once, at the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace osmia {

class ByteWriter {
public:
    ByteWriter() = default;
    /// Reuses the memory of \a buffer, whose bytes are dropped.
    explicit ByteWriter(std::vector<std::byte> buffer) : bytes_(std::move(buffer)) { bytes_.clear(); }
    template <class T>
        requires(std::is_integral_v<T> || std::is_enum_v<T>)
    void put(T value) {
        append(&value, sizeof value);
    }
    void put_string(std::string_view text);
    std::span<const std::byte> bytes() const { return bytes_; }
    std::vector<std::byte> take() { return std::move(bytes_); }

private:
    void append(const void* bytes, std::size_t size) {
        const std::size_t before = bytes_.size();
        bytes_.resize(before + size);
        if (size > 0) std::memcpy(bytes_.data() + before, bytes, size);
    }

    std::vector<std::byte> bytes_;
};

class ByteReader {
public:
    explicit ByteReader(std::span<const std::byte> bytes) : rest_(bytes) {}

    template <class T>
        requires(std::is_integral_v<T>)
    T get() {
        T value{};
        if (!copy(&value, sizeof value)) return T{};
        return value;
    }
    bool get_bool() { return get<std::uint8_t>() != 0; }
    /// An enumerator whose underlying value must not exceed \a last; anything else fails the reader.
    template <class E>
    E get_enum(E last) {
        const auto raw = get<std::underlying_type_t<E>>();
        if (raw > static_cast<std::underlying_type_t<E>>(last)) fail();
        return ok_ ? static_cast<E>(raw) : E{};
    }
    /// A string of at most \a limit bytes, as a view into the span.
    std::string_view get_view(std::size_t limit = 1 << 20);
    std::string get_string(std::size_t limit = 1 << 20) { return std::string(get_view(limit)); }

    void fail() {
        ok_ = false;
        rest_ = {};
    }
    bool ok() const { return ok_; }
    /// True when nothing failed and nothing is left over.
    bool complete() const { return ok_ && rest_.empty(); }

private:
    bool copy(void* target, std::size_t size);

    std::span<const std::byte> rest_;
    bool ok_ = true;
};

}  // namespace osmia
