/// \file
/// MD5 (RFC 1321), to compare a body with what `md5sum` says of it. Broken as a cryptographic hash.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>

class Md5 {
public:
    void add(const unsigned char* bytes, size_t size) {
        length_ += size;
        while (size > 0) {
            size_t take = size < sizeof block_ - used_ ? size : sizeof block_ - used_;
            memcpy(block_ + used_, bytes, take);
            used_ += take, bytes += take, size -= take;
            if (used_ == sizeof block_) digest_block();
        }
    }

    /// The digest in hex. The object is used up.
    std::string hex() {
        uint64_t bits = length_ * 8;
        const unsigned char one = 0x80, zero = 0;
        add(&one, 1);
        while (used_ != 56) add(&zero, 1);
        unsigned char tail[8];
        for (int i = 0; i < 8; ++i) tail[i] = static_cast<unsigned char>(bits >> (8 * i));
        add(tail, 8);
        std::string text;
        for (uint32_t word : state_) {
            for (int i = 0; i < 4; ++i) {
                unsigned byte = (word >> (8 * i)) & 0xFF;
                text += "0123456789abcdef"[byte >> 4];
                text += "0123456789abcdef"[byte & 15];
            }
        }
        return text;
    }

private:
    static uint32_t rotate(uint32_t value, int bits) { return (value << bits) | (value >> (32 - bits)); }

    void digest_block() {
        static const int shifts[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
        uint32_t a = state_[0], b = state_[1], c = state_[2], d = state_[3], words[16];
        memcpy(words, block_, sizeof words);  // little-endian, as MD5 is
        for (int i = 0; i < 64; ++i) {
            uint32_t f;
            int word;
            switch (i / 16) {
                case 0:
                    f = (b & c) | (~b & d), word = i;
                    break;
                case 1:
                    f = (d & b) | (~d & c), word = (5 * i + 1) % 16;
                    break;
                case 2:
                    f = b ^ c ^ d, word = (3 * i + 5) % 16;
                    break;
                default:
                    f = c ^ (b | ~d), word = (7 * i) % 16;
                    break;
            }
            uint32_t next = b + rotate(a + f + kSines[i] + words[word], shifts[i / 16][i % 4]);
            a = d, d = c, c = b, b = next;
        }
        state_[0] += a, state_[1] += b, state_[2] += c, state_[3] += d;
        used_ = 0;
    }

    static const uint32_t kSines[64];
    uint32_t state_[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    unsigned char block_[64];
    size_t used_ = 0;
    uint64_t length_ = 0;
};

inline const uint32_t Md5::kSines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};
