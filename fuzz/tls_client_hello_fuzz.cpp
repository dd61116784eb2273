// Whatever a client sends in place of a TLS greeting, in random pieces: the handshake fails or waits, with an alert at most,
// and asks for a certificate only by names that are text. The first byte chooses the pieces.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "tls/session.h"
#include "tls/test_certificates.h"

namespace {

using namespace osmia::tls;

void require(bool condition) {
    if (!condition) std::abort();
}

struct Server final : ContextChooser {
    TicketKeys keys{0};
    SessionFactory factory{keys};
    std::shared_ptr<const ServerContext> context = [this] {
        const TestCertificate made = make_test_certificate("localhost");
        return ServerContext::create(Certificate::read(made.certificate, made.key).value(), keys, {}).value();
    }();
    std::shared_ptr<const ServerContext> choose_context(std::string_view name) override {
        require(name.size() <= 255 && name.find('\0') == name.npos);
        return name == "nobody" ? nullptr : context;
    }
};

struct Stream final : ByteStream {
    std::string_view input;
    std::size_t piece = 1, written = 0;
    std::ptrdiff_t read_encrypted(std::span<char> target) override {
        const std::size_t size = std::min({target.size(), piece, input.size()});
        if (size == 0) return -1;
        std::memcpy(target.data(), input.data(), size);
        input.remove_prefix(size);
        return static_cast<std::ptrdiff_t>(size);
    }
    void write_encrypted(std::span<const char> bytes) override { written += bytes.size(); }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Server server;
    if (size == 0) return 0;
    Stream stream;
    stream.piece = 1 + data[0];
    stream.input = {reinterpret_cast<const char*>(data) + 1, size - 1};
    Session session(server.factory, server, stream);
    char buffer[4096];
    for (;;) {
        const auto read = session.read(buffer);
        require(read.size <= sizeof buffer);
        // Nobody finishes a handshake without a key: nothing that a client says is content.
        require(read.state != Session::State::Ok);
        if (read.state != Session::State::Blocked || stream.input.empty()) break;
    }
    require(!session.is_established());
    require(stream.written <= 16 * 1024);
    return 0;
}
