#include "http/path.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/result.h"
#include "http/ascii.h"

namespace osmia::http {

namespace {

constexpr bool is_ascii_control(unsigned char c) {
    return c < 0x20 || c == 0x7f;
}

/// What the decoded text needs beyond being copied.
struct Decoded {
    PathError error = PathError::None;
    std::size_t size = 0;
    bool has_high_bytes = false;
};

/// Steps 1 and 2: percent-decoding, backslashes, ASCII control characters.
Decoded decode(std::string_view raw, char* out) {
    Decoded result;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        char c = raw[i];
        if (c == '%') {
            if (raw.size() - i < 3) return {PathError::BadEscape};
            const int high = hex_value(raw[i + 1]), low = hex_value(raw[i + 2]);
            if (high < 0 || low < 0) return {PathError::BadEscape};
            c = static_cast<char>(high * 16 + low);
            i += 2;
        }
        const auto byte = static_cast<unsigned char>(c);
        if (is_ascii_control(byte)) return {PathError::ControlCharacter};
        result.has_high_bytes |= byte >= 0x80;
        out[result.size++] = c == '\\' ? '/' : c;
    }
    return result;
}

struct Lead {
    unsigned char first, last;  // range of the lead byte
    unsigned char low, high;    // range of the second byte
    std::size_t length;
};

/// Well-formed UTF-8 byte sequences of two and more bytes (Unicode 15, table 3-7).
constexpr std::array Leads = {
    Lead{0xc2, 0xdf, 0x80, 0xbf, 2}, Lead{0xe0, 0xe0, 0xa0, 0xbf, 3}, Lead{0xe1, 0xec, 0x80, 0xbf, 3},
    Lead{0xed, 0xed, 0x80, 0x9f, 3}, Lead{0xee, 0xef, 0x80, 0xbf, 3}, Lead{0xf0, 0xf0, 0x90, 0xbf, 4},
    Lead{0xf1, 0xf3, 0x80, 0xbf, 4}, Lead{0xf4, 0xf4, 0x80, 0x8f, 4},
};

/// The length of the sequence at the front of \a text (not empty, lead byte >= 0x80), or 0.
std::size_t sequence_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    for (const Lead& lead : Leads) {
        if (byte(0) < lead.first || byte(0) > lead.last) continue;
        if (text.size() < lead.length || byte(1) < lead.low || byte(1) > lead.high) return 0;
        for (std::size_t i = 2; i < lead.length; ++i) {
            if ((byte(i) & 0xc0) != 0x80) return 0;
        }
        return lead.length;
    }
    return 0;
}

/// Step 3 for what is not ASCII.
PathError check_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x80) {
            ++i;
            continue;
        }
        const std::size_t length = sequence_length(text.substr(i));
        if (length == 0) return PathError::BadUtf8;
        // U+0080 to U+009F, the C1 control characters, are C2 80 to C2 9F.
        if (byte == 0xc2 && static_cast<unsigned char>(text[i + 1]) < 0xa0)
            return PathError::ControlCharacter;
        i += length;
    }
    return PathError::None;
}

std::size_t count_characters(std::string_view text) {
    std::size_t count = 0;
    for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    return count;
}

/// Steps 4 and 5, in place. The output so far is always "/" or "/a/b/": segments are appended after the
/// slash.
class SegmentWriter {
public:
    SegmentWriter(char* out, const PathLimits& limits) : out_(out), limits_(limits) { out_[0] = '/'; }

    PathError add(std::string_view segment, bool last) {
        if (segment.empty() || segment == ".") return PathError::None;
        if (segment == "..") return go_up();
        if (++segments_ > limits_.segments) return PathError::TooManySegments;
        if (segment.size() > limits_.segment_characters &&
            count_characters(segment) > limits_.segment_characters) {
            return PathError::SegmentTooLong;
        }
        std::memmove(out_ + size_, segment.data(), segment.size());
        size_ += segment.size();
        if (!last) out_[size_++] = '/';
        return PathError::None;
    }
    std::size_t size() const { return size_; }

private:
    PathError go_up() {
        if (size_ == 1) return PathError::AboveRoot;
        --size_;
        while (out_[size_ - 1] != '/') --size_;
        --segments_;
        return PathError::None;
    }

    char* out_;
    const PathLimits& limits_;
    std::size_t size_ = 1;
    std::uint32_t segments_ = 0;
};

}  // namespace

PathResult normalize_path(std::string_view raw, std::span<char> out, const PathLimits& limits) {
    OSMIA_CHECK(out.size() >= raw.size(), "the caller's buffer holds the whole path");
    if (!raw.starts_with('/')) return {PathError::NotAbsolute};
    const Decoded decoded = decode(raw, out.data());
    if (decoded.error != PathError::None) return {decoded.error};
    const std::string_view text(out.data(), decoded.size);
    if (decoded.has_high_bytes) {
        if (const PathError error = check_utf8(text); error != PathError::None) return {error};
    }
    SegmentWriter writer(out.data(), limits);
    for (std::size_t at = 1; at < text.size();) {
        const std::size_t slash = std::min(text.find('/', at), text.size());
        const PathError error = writer.add(text.substr(at, slash - at), slash == text.size());
        if (error != PathError::None) return {error};
        at = slash + 1;
    }
    return {PathError::None, writer.size()};
}

}  // namespace osmia::http
