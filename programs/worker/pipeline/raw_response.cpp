#include "worker/pipeline/raw_response.h"

#include <fcntl.h>

#include <algorithm>

#include "http/status.h"
#include "http_fields/content_length.h"
#include "http_fields/field_list.h"
#include "http_fields/response_head.h"

namespace osmia::worker {

using http_fields::ChunkStep;
using http_fields::OutputKind;

Result<void> RawResponse::broken(const char* what) {
    broken_ = true;
    if (exchange_.response().head_sent) {
        exchange_.abort();
    } else {
        exchange_.set_error(500, 0);
        exchange_.response().skip_error_page = false;
    }
    return make_error(ErrorKind::Invalid, "the extension's response is invalid: {}", what);
}

Result<void> RawResponse::set_head(std::string_view status, std::string_view headers, bool keep_connection) {
    if (state_ == State::Body || !held_.empty())
        return make_error(ErrorKind::Busy, "a response head was given before");
    if (const auto nul = headers.find('\0'); nul != std::string_view::npos) headers = headers.substr(0, nul);
    const auto line =
        status.empty() ? http_fields::StatusLine{} : OSMIA_TRY(http_fields::parse_status_text(status));
    const auto block = OSMIA_TRY(http_fields::parse_header_block(headers));
    OSMIA_TRY_VOID(apply(line, block));
    if (!keep_connection) exchange_.response().disconnect = true;
    wants_blank_line_ = !block.terminated && !headers.empty();
    return write_body(headers.substr(block.size));
}

Result<void> RawResponse::apply(const http_fields::StatusLine& status,
                                const http_fields::HeaderBlock& block) {
    ResponseData& response = exchange_.response();
    // 401.5: refused by an ISAPI or CGI application.
    const std::uint16_t substatus = status.status == 401 ? 5 : 0;
    response.set_status(static_cast<std::uint16_t>(status.status), status.reason, substatus);
    response.skip_error_page = true;
    state_ = State::Body;
    for (const auto& field : block.fields) {
        if (field.id == http::HeaderId::TransferEncoding) {
            if (http_fields::list_contains(field.value, "chunked"))
                chunks_.emplace(http_fields::LineSyntax::Tolerant);
            continue;
        }
        if (field.id == http::HeaderId::ContentLength) {
            announced_ = http_fields::parse_content_length(field.value);
            if (!announced_) return broken("Content-Length is not a number");
        }
        if (field.id == http::HeaderId::Connection && http_fields::list_contains(field.value, "close"))
            response.disconnect = true;
        response.set_header(field.name, field.value, false);
    }
    if (chunks_ && announced_) {
        announced_.reset();  // RFC 9112 section 6.3: the transfer coding overrides the length
        response.delete_header("Content-Length");
    }
    return {};
}

Result<void> RawResponse::default_head() {
    state_ = State::Body;
    exchange_.response().set_status(200, "");
    exchange_.response().skip_error_page = true;
    exchange_.response().set_header("Content-Type", "text/html", true);
    return {};
}

// Called with bytes held: judges them, as far as they suffice.
Result<void> RawResponse::decide() {
    const OutputKind kind = http_fields::classify_output(held_);
    if (kind == OutputKind::Undecided && held_.size() <= MaxRawHeadBytes) return {};
    if (kind == OutputKind::StatusLine || kind == OutputKind::HeaderBlock) {
        if (http_fields::find_block_end(held_) == std::string_view::npos) {
            return held_.size() <= MaxRawHeadBytes ? Result<void>() : broken("its head is too large");
        }
        auto parsed = http_fields::parse_response_head(held_);
        if (!parsed.ok()) return broken("its head cannot be parsed");
        const std::string text = std::move(held_);
        held_.clear();
        // The parsed views lead into the text as it was: parse again where it lies now.
        parsed = http_fields::parse_response_head(text);
        OSMIA_TRY_VOID(apply(parsed.value().status, parsed.value().block));
        return write_body(std::string_view(text).substr(parsed.value().size));
    }
    OSMIA_TRY_VOID(default_head());
    const std::string text = std::move(held_);
    held_.clear();
    return write_body(text);
}

Result<void> RawResponse::write(std::string_view bytes) {
    if (broken_) return make_error(ErrorKind::Invalid, "the response is broken");
    if (bytes.empty()) return {};
    if (state_ == State::Start) {
        held_.append(bytes);
        return decide();
    }
    if (wants_blank_line_) {
        wants_blank_line_ = false;
        if (bytes.starts_with("\r\n"))
            bytes.remove_prefix(2);
        else if (bytes.starts_with('\n'))
            bytes.remove_prefix(1);
    }
    return write_body(bytes);
}

Result<void> RawResponse::write_body(std::string_view bytes) {
    if (!chunks_) return write_content(bytes);
    while (!bytes.empty()) {
        const ChunkStep step = chunks_->next(bytes);
        bytes.remove_prefix(step.consumed);
        if (step.kind == ChunkStep::Kind::Failed) return broken("its chunk framing");
        if (step.kind != ChunkStep::Kind::Data) break;
        OSMIA_TRY_VOID(write_content(step.data));
    }
    return {};
}

Result<void> RawResponse::write_content(std::string_view bytes) {
    // Bytes beyond the announced length would be read as the next response: they are dropped.
    if (announced_ && !exchange_.is_head_request())
        bytes = bytes.substr(0, std::min<std::uint64_t>(bytes.size(), *announced_ - written_));
    written_ += bytes.size();
    ResponseData& response = exchange_.response();
    if (bytes.empty()) return {};
    const std::uint64_t limit =
        exchange_.handler() == nullptr ? 0 : exchange_.handler()->response_buffer_limit;
    if (response.buffered && response.pending_bytes() + bytes.size() <= limit) {
        response.append(bytes);
        return {};
    }
    BodyChunk chunk;
    chunk.borrowed = bytes.data();
    chunk.length = bytes.size();
    response.chunks.push_back(std::move(chunk));
    return exchange_.send(true);
}

Result<void> RawResponse::write_file(int fd, std::uint64_t offset, std::uint64_t length) {
    if (broken_) return make_error(ErrorKind::Invalid, "the response is broken");
    if (state_ == State::Start) {
        if (!held_.empty()) OSMIA_TRY_VOID(decide());
        if (state_ == State::Start) OSMIA_TRY_VOID(default_head());
    }
    if (chunks_) return broken("a file inside its own chunk framing");
    if (announced_) length = std::min(length, *announced_ - written_);
    written_ += length;
    if (length == 0) return {};
    BodyChunk chunk;
    chunk.keeper = std::make_shared<UniqueFd>(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
    chunk.fd = chunk.keeper->get();
    if (chunk.fd < 0) return errno_error("a file to send");
    chunk.offset = offset;
    chunk.length = length;
    ResponseData& response = exchange_.response();
    response.chunks.push_back(std::move(chunk));
    // A file costs no memory, whatever its length, but a descriptor.
    if (response.buffered && response.chunks.size() <= MaxHeldPieces) return {};
    return exchange_.send(true);
}

Result<void> RawResponse::flush() {
    if (state_ == State::Start) return {};
    return exchange_.send(true);
}

void RawResponse::expect(std::uint64_t bytes) {
    ResponseData& response = exchange_.response();
    const bool open = state_ == State::Body && !response.head_sent && !announced_ && !chunks_;
    if (!open || http::has_no_content(response.status)) return;
    announced_ = written_ + bytes;
    response.set_header("Content-Length", std::to_string(*announced_), true);
}

Result<void> RawResponse::finish() {
    OSMIA_TRY_VOID(end());
    OSMIA_TRY_VOID(exchange_.send(false));
    exchange_.session().flush();
    return {};
}

Result<void> RawResponse::end() {
    if (broken_) return make_error(ErrorKind::Invalid, "the response is broken");
    if (state_ == State::Start) {
        if (held_.empty()) return {};
        // A head that never got its blank line is a head all the same; anything else is body.
        held_.append("\r\n\r\n");
        const bool is_head = http_fields::parse_response_head(held_).ok() &&
                             http_fields::classify_output(held_) != OutputKind::Body;
        if (!is_head) {
            held_.resize(held_.size() - 4);
            OSMIA_TRY_VOID(default_head());
            const std::string text = std::move(held_);
            held_.clear();
            return write_body(text);
        }
        OSMIA_TRY_VOID(decide());
    }
    if (chunks_ && !chunks_->content_complete() && !exchange_.is_head_request() &&
        (chunks_->content_size() > 0 || written_ > 0)) {
        return broken("its last chunk is missing");
    }
    if (!announced_ || written_ >= *announced_ || exchange_.is_head_request() ||
        exchange_.response().status == 304)
        return {};
    if (exchange_.response().head_sent) return broken("it is shorter than its Content-Length");
    exchange_.response().delete_header("Content-Length");
    return {};
}

}  // namespace osmia::worker
