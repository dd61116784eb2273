#include "config/text_encoding.h"

#include <cstdint>
#include <string_view>

namespace osmia::config {
namespace {

void append_utf8(std::string& text, std::uint32_t code) {
    const auto tail = [&](int shift) { text += static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
    if (code < 0x80) {
        text += static_cast<char>(code);
    } else if (code < 0x800) {
        text += static_cast<char>(0xc0 | (code >> 6));
        tail(0);
    } else if (code < 0x10000) {
        text += static_cast<char>(0xe0 | (code >> 12));
        tail(6);
        tail(0);
    } else {
        text += static_cast<char>(0xf0 | (code >> 18));
        tail(12);
        tail(6);
        tail(0);
    }
}

/// Reads 16-bit units in one byte order.
class Units {
public:
    Units(std::string_view bytes, bool big_endian) : bytes_(bytes), high_(big_endian ? 0 : 1) {}
    bool more() const { return at_ + 1 < bytes_.size(); }
    std::uint32_t next() {
        const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(bytes_[index]); };
        const std::uint32_t unit = static_cast<std::uint32_t>(byte(at_ + high_) << 8) | byte(at_ + 1 - high_);
        at_ += 2;
        return unit;
    }

private:
    std::string_view bytes_;
    std::size_t high_;
    std::size_t at_ = 0;
};

Result<std::string> from_utf16(std::string_view bytes, bool big_endian) {
    if (bytes.size() % 2 != 0) return make_error(ErrorKind::Invalid, "UTF-16 text with an odd number of bytes");
    std::string text;
    Units units(bytes, big_endian);
    while (units.more()) {
        std::uint32_t code = units.next();
        if (code >= 0xdc00 && code < 0xe000) return make_error(ErrorKind::Invalid, "UTF-16 text with a lone surrogate");
        if (code >= 0xd800 && code < 0xdc00) {
            const std::uint32_t low = units.more() ? units.next() : 0;
            if (low < 0xdc00 || low >= 0xe000) {
                return make_error(ErrorKind::Invalid, "UTF-16 text with a lone surrogate");
            }
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        }
        append_utf8(text, code);
    }
    return text;
}

}  // namespace

Result<std::string> to_utf8(std::string bytes) {
    using namespace std::string_view_literals;
    const std::string_view view = bytes;
    if (view.starts_with("\xef\xbb\xbf"sv)) return std::string(view.substr(3));
    if (view.starts_with("\xff\xfe"sv)) return from_utf16(view.substr(2), false);
    if (view.starts_with("\xfe\xff"sv)) return from_utf16(view.substr(2), true);
    if (view.starts_with("<\0"sv)) return from_utf16(view, false);
    if (view.starts_with("\0<"sv)) return from_utf16(view, true);
    return bytes;
}

std::string to_utf16(std::string_view text, bool big_endian) {
    std::string bytes;
    const auto append = [&](std::uint32_t unit) {
        const char high = static_cast<char>(unit >> 8);
        const char low = static_cast<char>(unit & 0xff);
        bytes += big_endian ? high : low;
        bytes += big_endian ? low : high;
    };
    append(0xfeff);
    for (std::size_t at = 0; at < text.size();) {
        const auto lead = static_cast<unsigned char>(text[at++]);
        const int tails = lead < 0xc0 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
        std::uint32_t code = tails == 0 ? lead : lead & (0x3fu >> tails);
        for (int tail = 0; tail < tails && at < text.size(); ++tail) {
            code = (code << 6) | (static_cast<unsigned char>(text[at++]) & 0x3f);
        }
        if (code >= 0x10000) {
            append(0xd800 + ((code - 0x10000) >> 10));
            append(0xdc00 + ((code - 0x10000) & 0x3ff));
        } else {
            append(code);
        }
    }
    return bytes;
}

}  // namespace osmia::config
