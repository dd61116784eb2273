#include "compression/encoder.h"

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>

namespace compression {

namespace {

using Buffer = std::array<char, 32768>;

class Zlib final : public Encoder {
public:
    Zlib(int level, int window) { works_ = ::deflateInit2(&stream_, level, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) == Z_OK; }
    ~Zlib() override {
        if (works_) ::deflateEnd(&stream_);
    }
    bool encode(std::string_view bytes, After after, std::string& out) override {
        if (!works_) return false;
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
        stream_.avail_in = static_cast<uInt>(bytes.size());
        const int mode = after == After::End ? Z_FINISH : after == After::Flush ? Z_SYNC_FLUSH : Z_NO_FLUSH;
        Buffer buffer;
        do {
            stream_.next_out = reinterpret_cast<Bytef*>(buffer.data());
            stream_.avail_out = static_cast<uInt>(buffer.size());
            if (::deflate(&stream_, mode) == Z_STREAM_ERROR) return false;
            out.append(buffer.data(), buffer.size() - stream_.avail_out);
        } while (stream_.avail_out == 0);
        return true;
    }

private:
    z_stream stream_{};
    bool works_;
};

class Brotli final : public Encoder {
public:
    explicit Brotli(unsigned quality) : state_(::BrotliEncoderCreateInstance(nullptr, nullptr, nullptr)) {
        constexpr unsigned WindowBits = 18;  // 256 KiB: memory for one response stays small
        if (state_ == nullptr) return;
        ::BrotliEncoderSetParameter(state_, BROTLI_PARAM_QUALITY, quality);
        ::BrotliEncoderSetParameter(state_, BROTLI_PARAM_LGWIN, WindowBits);
    }
    ~Brotli() override {
        if (state_ != nullptr) ::BrotliEncoderDestroyInstance(state_);
    }
    bool encode(std::string_view bytes, After after, std::string& out) override {
        if (state_ == nullptr) return false;
        const auto operation = after == After::End     ? BROTLI_OPERATION_FINISH
                               : after == After::Flush ? BROTLI_OPERATION_FLUSH
                                                       : BROTLI_OPERATION_PROCESS;
        std::size_t left = bytes.size();
        auto* next = reinterpret_cast<const std::uint8_t*>(bytes.data());
        Buffer buffer;
        do {
            std::size_t room = buffer.size();
            auto* to = reinterpret_cast<std::uint8_t*>(buffer.data());
            if (::BrotliEncoderCompressStream(state_, operation, &left, &next, &room, &to, nullptr) == BROTLI_FALSE) return false;
            out.append(buffer.data(), buffer.size() - room);
        } while (left > 0 || ::BrotliEncoderHasMoreOutput(state_) != BROTLI_FALSE);
        return true;
    }

private:
    BrotliEncoderState* state_;
};

class Zstd final : public Encoder {
public:
    explicit Zstd(int level) : context_(::ZSTD_createCCtx()) {
        constexpr int WindowBits = 20;  // clients may refuse more than 8 MiB (RFC 8878 section 3.1.1.1.2); 1 MiB is enough
        if (context_ == nullptr) return;
        ::ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, level);
        ::ZSTD_CCtx_setParameter(context_, ZSTD_c_windowLog, WindowBits);
    }
    ~Zstd() override { ::ZSTD_freeCCtx(context_); }
    bool encode(std::string_view bytes, After after, std::string& out) override {
        if (context_ == nullptr) return false;
        ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
        const auto mode = after == After::End ? ZSTD_e_end : after == After::Flush ? ZSTD_e_flush : ZSTD_e_continue;
        Buffer buffer;
        for (;;) {
            ZSTD_outBuffer to{buffer.data(), buffer.size(), 0};
            const std::size_t left = ::ZSTD_compressStream2(context_, &to, &in, mode);
            if (::ZSTD_isError(left) != 0) return false;
            out.append(buffer.data(), to.pos);
            if (in.pos == in.size && (left == 0 || mode == ZSTD_e_continue)) return true;
        }
    }

private:
    ZSTD_CCtx* context_;
};

}  // namespace

std::unique_ptr<Encoder> Encoder::create(std::string_view scheme, unsigned level) {
    constexpr int GzipWindow = 15 + 16, ZlibWindow = 15;
    const auto number = static_cast<int>(std::min(level, 10U));
    if (scheme == "gzip") return std::make_unique<Zlib>(std::clamp(number, 1, 9), GzipWindow);
    if (scheme == "deflate") return std::make_unique<Zlib>(std::clamp(number, 1, 9), ZlibWindow);
    if (scheme == "br") return std::make_unique<Brotli>(number == 10 ? 11U : static_cast<unsigned>(number));
    if (scheme == "zstd") return std::make_unique<Zstd>(number == 10 ? 19 : std::max(1, number));
    return nullptr;
}

}  // namespace compression
