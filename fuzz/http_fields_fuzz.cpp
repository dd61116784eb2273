// What an extension writes itself: heads, header blocks, chunk framing. Whatever was accepted must be safe to
// send on, and the chunk decoder must not care how its input is cut. The first byte chooses syntax and cuts.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "http1/response_encoder.h"
#include "http_fields/chunk_decoder.h"
#include "http_fields/field_syntax.h"
#include "http_fields/response_head.h"

namespace {

using namespace osmia;
using http_fields::ChunkStep;

void require(bool condition) {
    if (!condition) std::abort();
}

void check_block(const http_fields::HeaderBlock& block, std::string_view text) {
    require(block.size <= text.size());
    for (const http_fields::Field& field : block.fields) {
        require(http_fields::is_token(field.name) && http_fields::is_field_value(field.value));
        require(field.id == http::find_header_id(field.name));
    }
}

/// A head written by an extension, sent on by the listener, has as many line ends as it has lines.
void check_sending(const http_fields::ResponseHead& head) {
    std::vector<char> out(256 * 1024);
    const http1::ResponseHead response{
        .status = head.status.status, .reason = head.status.reason, .fields = head.block.fields};
    const auto result =
        http1::encode_response_head(out, response, {http1::BodyMode::None, 0, false, true, false});
    require(result.status == http1::EncodeStatus::Ok);
    const std::string_view text(out.data(), result.size);
    require(text.find("\r\n\r\n") == text.size() - 4);
    require(std::count(text.begin(), text.end(), '\n') == std::count(text.begin(), text.end(), '\r'));
    require(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) <=
            head.block.fields.size() + 2);
}

void check_head(std::string_view text) {
    http_fields::classify_output(text);
    const auto head = http_fields::parse_response_head(text);
    if (!head.ok()) return;
    check_block(head.value().block, text);
    require(head.value().size <= text.size());
    check_sending(head.value());
}

std::string decode(std::string_view text, http_fields::LineSyntax syntax, std::size_t piece) {
    http_fields::ChunkDecoder decoder(syntax);
    std::string content;
    std::size_t used = 0;
    while (used < text.size()) {
        const std::string_view input = text.substr(used, piece);
        const ChunkStep step = decoder.next(input);
        require(step.consumed <= input.size() && step.data.size() <= step.consumed);
        used += step.consumed;
        content += step.data;
        if (step.kind == ChunkStep::Kind::End || step.kind == ChunkStep::Kind::Failed) break;
    }
    require(content.size() == decoder.content_size());
    return content + "|" + std::to_string(used) + "|" + std::to_string(static_cast<int>(decoder.error())) +
           "|" + std::string(decoder.at_end() ? decoder.trailer_section() : "open");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto syntax =
        data[0] % 2 == 0 ? http_fields::LineSyntax::Strict : http_fields::LineSyntax::Tolerant;
    check_head(text);
    const auto block = http_fields::parse_header_block(text, syntax);
    if (block.ok()) check_block(block.value(), text);
    if (block.ok() && block.value().terminated)
        require(http_fields::find_block_end(text) == block.value().size);
    require(decode(text, syntax, text.size()) == decode(text, syntax, 1 + data[0] / 2u));
    return 0;
}
