// The hot path allocates nothing: parsing a head, normalising its path, reading its content, encoding the
// answer.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <new>

#include "http/path.h"
#include "http1/body_decoder.h"
#include "http1/request_parser.h"
#include "http1/response_encoder.h"

namespace {
thread_local std::size_t allocation_count = 0;
}

// Out of line: inlined, a matched pair looks mismatched to the compiler.
[[gnu::noinline]] void* operator new(std::size_t size) {
    ++allocation_count;
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace osmia::http1 {
namespace {

constexpr std::string_view Request =
    "POST /a/../%62?q HTTP/1.1\r\nHost: www.example.com:8080\r\nUser-Agent: a browser with a long name, long "
    "enough\r\n"
    "Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n5;x=y\r\nhello\r\n0\r\n\r\n";

/// One request and its answer; true when everything went as it should.
bool serve(RequestParser& parser) {
    parser.reset();
    for (std::size_t size = 10; size < Request.size(); size += 10) parser.parse(Request.substr(0, size));
    if (parser.parse(Request) != ParseState::Complete) return false;
    std::array<char, 64> path;
    if (!http::normalize_path(parser.request().raw_path(), path).ok()) return false;
    BodyDecoder body(parser.request());
    std::string_view rest = Request.substr(parser.request().size());
    while (!body.at_end()) rest.remove_prefix(body.next(rest).consumed);
    const std::array<ResponseField, 1> fields = {{{"Content-Type", "text/html; charset=utf-8"}}};
    std::array<char, 512> out;
    const FramingDecision framing =
        decide_framing({.keep_alive = parser.request().keep_alive(), .length = 5});
    return encode_response_head(out, {.fields = fields, .server = "Osmia"}, framing).status ==
           EncodeStatus::Ok;
}

TEST(HotPath, AllocatesNothing) {
    RequestParser parser;
    const std::size_t before = allocation_count;
    const bool served = serve(parser);
    const std::size_t after = allocation_count;
    EXPECT_TRUE(served);
    EXPECT_EQ(before, after);
}

TEST(HotPath, WouldBeSeenAllocating) {
    const std::size_t before = allocation_count;
    ::operator delete(::operator new(1));
    EXPECT_EQ(before + 1, allocation_count);
}

}  // namespace
}  // namespace osmia::http1
