#include "http1/error_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/result.h"
#include "http/ascii.h"
#include "http/status.h"
#include "http_fields/field_syntax.h"

namespace osmia::http1 {

using http::ErrorReason;

namespace {

constexpr std::size_t MaxServerLength = 256;
constexpr std::size_t MaxRequestIdLength = 64;

std::string_view sentence(ErrorReason reason, unsigned status) {
    switch (reason) {
        case ErrorReason::Verb:
            return "The request's method cannot be served.";
        case ErrorReason::Url:
            return "The request's URL is invalid.";
        case ErrorReason::UrlLength:
            return "The request line is too long.";
        case ErrorReason::FieldLength:
            return "A header field is too long.";
        case ErrorReason::RequestLength:
            return "The header section is too long or has too many fields.";
        case ErrorReason::Header:
            return "A header field is invalid.";
        case ErrorReason::Hostname:
            return "The request's host name is missing or invalid.";
        case ErrorReason::InvalidCrLf:
            return "A line of the request does not end with CR LF.";
        case ErrorReason::Number:
            return "A number in the request is invalid.";
        case ErrorReason::VersionNotSupported:
            return "The HTTP version is not supported.";
        case ErrorReason::NotImplemented:
            return "The request's transfer coding is not implemented.";
        case ErrorReason::LengthRequired:
            return "The request must be chunked or have a content length.";
        case ErrorReason::EntityTooLarge:
            return "The request's content is too large.";
        case ErrorReason::Precondition:
            return "The request's expectation cannot be met.";
        case ErrorReason::QueueFull:
            return "The application has too many requests waiting.";
        default:
            break;
    }
    switch (status) {
        case 408:
            return "The request did not arrive in time.";
        case 502:
            return "The application ended before it answered.";
        case 503:
            return "The service is unavailable.";
        case 504:
            return "The application did not answer in time.";
        default:
            return status < 500 ? "The request is invalid." : "The server could not answer the request.";
    }
}

bool is_request_id(std::string_view text) {
    return text.size() <= MaxRequestIdLength &&
           std::ranges::all_of(text, [](char c) { return http::hex_value(c) >= 0 || c == '-'; });
}

std::string_view clean_or_nothing(std::string_view text, std::size_t limit) {
    return text.size() <= limit && http_fields::find_control(text) == text.size() ? text : std::string_view();
}

using Buffer = fmt::basic_memory_buffer<char, MaxErrorAnswer>;  // on the stack

void write_page(Buffer& out, const ErrorAnswer& answer) {
    const std::string_view phrase = http::reason_phrase(answer.status);
    fmt::format_to(
        std::back_inserter(out),
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title></head>\n"
        "<body><h1>{0}</h1>\n<p>HTTP Error {1}. {2}</p>\n",
        phrase, answer.status, sentence(answer.reason, answer.status));
    if (!answer.request_id.empty() && is_request_id(answer.request_id)) {
        fmt::format_to(std::back_inserter(out), "<p><small>Request {}</small></p>\n", answer.request_id);
    }
    if (!answer.crash_report.empty() && is_request_id(answer.crash_report)) {
        fmt::format_to(std::back_inserter(out), "<p><small>osmia show crash {}</small></p>\n", answer.crash_report);
    }
    out.append(std::string_view("</body></html>\n"));
}

void write_head(Buffer& out, const ErrorAnswer& answer, std::size_t content_length) {
    const auto put = [&](std::string_view name, std::string_view value) {
        if (!value.empty()) fmt::format_to(std::back_inserter(out), "{}: {}\r\n", name, value);
    };
    fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", answer.status,
                   http::reason_phrase(answer.status));
    put("Date", clean_or_nothing(answer.date, 64));
    put("Server", clean_or_nothing(answer.server, MaxServerLength));
    put("Content-Type", "text/html; charset=utf-8");
    if (answer.status == 405) put("Allow", AllowedMethods);
    if (answer.retry_after != 0)
        fmt::format_to(std::back_inserter(out), "Retry-After: {}\r\n", answer.retry_after);
    fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", content_length);
    put("Connection", answer.keep_alive ? "" : "close");
    out.append(std::string_view("\r\n"));
}

}  // namespace

std::size_t encode_error_page(std::span<char, MaxErrorAnswer> out, const ErrorAnswer& answer) {
    Buffer page;
    write_page(page, answer);
    OSMIA_CHECK(page.size() <= out.size(), "every part of an error page is bounded");
    std::ranges::copy(page, out.begin());
    return page.size();
}

std::size_t encode_error_answer(std::span<char, MaxErrorAnswer> out, const ErrorAnswer& answer) {
    Buffer page, whole;
    write_page(page, answer);
    write_head(whole, answer, page.size());
    if (!answer.head_only) whole.append(page.data(), page.data() + page.size());
    OSMIA_CHECK(whole.size() <= out.size(), "every part of an error answer is bounded");
    std::ranges::copy(whole, out.begin());
    return whole.size();
}

}  // namespace osmia::http1
