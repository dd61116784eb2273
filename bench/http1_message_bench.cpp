// What HTTP/1.1 costs the listener: nanoseconds for parsing a head, normalising a path and encoding a
// response. Prints the best of several rounds: everything slower is the machine's doing.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "http/path.h"
#include "http1/body_decoder.h"
#include "http1/request_parser.h"
#include "http1/response_encoder.h"

namespace {

using namespace osmia;

constexpr std::string_view Small =
    "GET /hello HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n";
constexpr std::string_view Browser =
    "GET /shop/basket/items?id=1234&sort=price HTTP/1.1\r\nHost: www.example.com\r\nConnection: "
    "keep-alive\r\n"
    "Cache-Control: max-age=0\r\nsec-ch-ua: \"Chromium\";v=\"120\", "
    "\"Not?A_Brand\";v=\"8\"\r\nsec-ch-ua-mobile: ?0\r\n"
    "sec-ch-ua-platform: \"Linux\"\r\nUpgrade-Insecure-Requests: 1\r\nUser-Agent: Mozilla/5.0 (X11; Linux "
    "x86_64) "
    "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36\r\nAccept: "
    "text/html,application/xhtml+xml,"
    "application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: "
    "navigate\r\n"
    "Sec-Fetch-User: ?1\r\nSec-Fetch-Dest: document\r\nReferer: "
    "https://www.example.com/shop/\r\nAccept-Encoding: gzip, "
    "deflate, br\r\nAccept-Language: en-GB,en;q=0.9,fr;q=0.8\r\nCookie: "
    "session=0123456789abcdef0123456789abcdef; theme="
    "dark; consent=yes\r\n\r\n";

/// Runs \a work often enough to measure and returns the nanoseconds of one run.
template <class Work>
double measure(Work work) {
    constexpr int Rounds = 20, Runs = 20000;
    double best = 1e9;
    for (int round = 0; round < Rounds; ++round) {
        const auto start = std::chrono::steady_clock::now();
        for (int run = 0; run < Runs; ++run) work();
        const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - start;
        best = std::min(best, time.count() / Runs);
    }
    return best;
}

void report(const char* what, std::size_t bytes, double nanoseconds) {
    std::printf("%-28s %5zu bytes %8.1f ns %8.2f GB/s\n", what, bytes, nanoseconds,
                static_cast<double>(bytes) / nanoseconds);
}

void bench_parser(const char* name, std::string_view request) {
    http1::RequestParser parser;
    report(name, request.size(), measure([&] {
               parser.reset();
               if (parser.parse(request) != http1::ParseState::Complete) std::abort();
           }));
}

void bench_path(const char* name, std::string_view path) {
    std::vector<char> out(path.size());
    report(name, path.size(), measure([&] {
               if (!http::normalize_path(path, out).ok()) std::abort();
           }));
}

void bench_encoder() {
    const std::array<http1::ResponseField, 4> fields = {
        {{"Content-Type", "text/html; charset=utf-8"},
         {"Cache-Control", "private, max-age=0"},
         {"Set-Cookie", "session=0123456789abcdef; HttpOnly; Secure"},
         {"X-Powered-By", "ISAPI"}}};
    const http1::ResponseHead head{
        .fields = fields, .date = "Sun, 06 Nov 1994 08:49:37 GMT", .server = "Osmia"};
    std::array<char, 1024> out;
    std::size_t size = 0;
    const double time = measure([&] {
        const auto framing = http1::decide_framing({.keep_alive = true, .length = 1024});
        size = http1::encode_response_head(out, head, framing).size;
    });
    report("encode a response head", size, time);
}

}  // namespace

int main() {
    bench_parser("parse a small request", Small);
    bench_parser("parse a browser's request", Browser);
    bench_path("normalise a plain path", "/shop/basket/items");
    bench_path("normalise an escaped path", "/shop/caf%C3%A9/../basket//items%20of%20mine");
    bench_encoder();
}
