// What an application writes, in pieces of every size: the reader takes it apart alike, whatever the pieces.
#include <cstdlib>
#include <string>
#include <string_view>

#include "fast_cgi/record_codec.h"

namespace {

struct Read {
    std::string out, err;
    bool failed = false, ended = false;
    std::uint32_t status = 0;
    bool operator==(const Read&) const = default;
};

Read read_all(std::string_view bytes, std::size_t piece) {
    fast_cgi::RecordReader reader;
    Read result;
    while (!bytes.empty() && !result.failed) {
        std::string_view part = bytes.substr(0, piece);
        bytes.remove_prefix(part.size());
        for (;;) {
            const auto event = reader.next(part);
            if (event.kind == fast_cgi::Event::Kind::NeedMore) break;
            if (event.kind == fast_cgi::Event::Kind::Stdout) result.out += event.data;
            if (event.kind == fast_cgi::Event::Kind::Stderr) result.err += event.data;
            if (event.kind == fast_cgi::Event::Kind::End) {
                result.ended = true;
                result.status = event.application_status;
            }
            if (event.kind == fast_cgi::Event::Kind::Failed) {
                result.failed = true;
                break;
            }
        }
        if (!part.empty() && !result.failed) std::abort();  // NeedMore means that the input is used up
    }
    return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const Read whole = read_all(bytes, size == 0 ? 1 : size);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{64}}) {
        if (read_all(bytes, piece) != whole) std::abort();
    }
    // What we write we can read.
    std::string out;
    fast_cgi::append_stream(out, fast_cgi::RecordType::Stdout, bytes);
    if (read_all(out, out.size()).out != bytes) std::abort();
    return 0;
}
