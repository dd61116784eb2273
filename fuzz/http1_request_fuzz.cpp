// Requests from the network. The first byte chooses how the rest is cut; whatever the cuts, the outcome has
// to be that of the whole, every view has to lie inside the buffer, and what was accepted has to keep the
// parser's promises.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/path.h"
#include "http1/body_decoder.h"
#include "http1/request_parser.h"
#include "http_fields/field_syntax.h"

namespace {

using namespace osmia;

void require(bool condition) {
    if (!condition) std::abort();
}

void append(std::string& text, std::string_view part) {
    text += part;
    text += '\n';
}

void check_field(const http1::RequestHead& head, const http1::FieldEntry& entry) {
    require(http_fields::is_token(head.name(entry)));
    require(http_fields::is_field_value(head.value(entry)));
    require(http::find_header_id(head.name(entry)) == entry.id);
}

void check_head(const http1::RequestHead& head, std::string_view buffer) {
    require(head.size() <= buffer.size());
    require(buffer.substr(0, head.size()).ends_with("\r\n\r\n") || head.fields().empty());
    require(head.fields().size() <= http::MaxFieldCount);
    require(head.find(http::HeaderId::Host) != nullptr || head.version() == http1::Version::Http10);
    const bool has_length = head.find(http::HeaderId::ContentLength) != nullptr;
    const bool has_coding = head.find(http::HeaderId::TransferEncoding) != nullptr;
    require(!(has_length && has_coding));
    require(has_length == (head.framing() == http1::BodyFraming::Length));
    require(has_coding == (head.framing() == http1::BodyFraming::Chunked));
}

std::string describe(const http1::RequestHead& head) {
    std::string text;
    append(text, head.method_token());
    append(text, head.target());
    append(text, head.raw_path());
    append(text, head.query());
    append(text, head.host());
    for (const http1::FieldEntry& entry : head.fields()) {
        check_field(head, entry);
        append(text, head.name(entry));
        append(text, head.value(entry));
    }
    text += head.keep_alive() ? 'k' : '-';
    text += head.expects_continue() ? 'e' : '-';
    text += head.wants_upgrade() ? 'u' : '-';
    append(text, std::to_string(head.content_length()) + " " + std::to_string(head.host_port()));
    return text;
}

std::string describe(http1::RequestError error) {
    require(error.status >= 400 && error.status < 600 && error.reason != http::ErrorReason::None);
    return std::to_string(error.status) + " " + std::string(http::reason_name(error.reason));
}

class Reader {
public:
    void feed(std::string_view bytes) {
        if (done_) return;
        // A copy of exactly that size at a new address.
        const std::vector<char> copy(bytes.begin(), bytes.end());
        const std::string_view buffer(copy.data(), copy.size());
        if (!body_ && !read_head(buffer)) return;
        read_body(buffer);
    }
    const std::string& text() const { return text_; }

private:
    bool read_head(std::string_view buffer) {
        const http1::ParseState state = parser_.parse(buffer);
        if (state == http1::ParseState::NeedMore) return false;
        if (state == http1::ParseState::Failed) return end(describe(parser_.error()));
        check_head(parser_.request(), buffer);
        text_ = describe(parser_.request());
        used_ = parser_.request().size();
        body_.emplace(parser_.request());
        return true;
    }
    void read_body(std::string_view buffer) {
        for (;;) {
            const auto step = body_->next(buffer.substr(used_));
            require(step.consumed <= buffer.size() - used_);
            used_ += step.consumed;
            content_ += step.data;
            if (step.kind == http_fields::ChunkStep::Kind::Data) continue;
            if (step.kind == http_fields::ChunkStep::Kind::Failed) end(describe(body_->error()));
            if (step.kind == http_fields::ChunkStep::Kind::End)
                end("end " + std::to_string(used_) + content_);
            return;
        }
    }
    bool end(const std::string& how) {
        text_ += how;
        done_ = true;
        return false;
    }

    http1::RequestParser parser_;
    std::optional<http1::BodyDecoder> body_;
    std::string text_, content_;
    std::size_t used_ = 0;
    bool done_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    std::uint32_t random = data[0] * 2654435761u + 1;
    const std::string_view request(reinterpret_cast<const char*>(data) + 1, size - 1);
    Reader whole, pieces;
    whole.feed(request);
    for (std::size_t at = 0; at < request.size();) {
        random = random * 1664525u + 1013904223u;
        at = std::min<std::size_t>(request.size(), at + 1 + (random >> 16) % (1 + data[0] % 64u));
        pieces.feed(request.substr(0, at));
    }
    require(request.empty() || whole.text() == pieces.text());
    return 0;
}
