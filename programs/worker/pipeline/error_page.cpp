#include "worker/pipeline/error_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "http/status.h"
#include "worker/pipeline/exchange.h"

namespace osmia::worker {

namespace {

struct Title {
    unsigned status, substatus;
    std::string_view text;
};

// Substatuses that this worker gives, in the words of Microsoft's list of IIS status codes.
constexpr std::array Titles = std::to_array<Title>({
    {401, 5, "Authorization failed by ISAPI or CGI application"},
    {403, 1, "Execute access is denied"},
    {403, 2, "Read access is denied"},
    {403, 3, "Write access is denied"},
    {403, 14, "Listing this folder is not allowed, and it has no default document"},
    {404, 2, "This ISAPI extension is not allowed (isapiCgiRestriction)"},
    {404, 3, "Files of this type are not served (no MIME map)"},
    {500, 19, "The configuration of this path is invalid"},
    {500, 21, "The handler names a module that is not loaded"},
    {503, 2, "The application's concurrent request limit is exceeded"},
});

}  // namespace

std::string_view status_title(unsigned status, unsigned substatus) {
    const auto found = std::find_if(Titles.begin(), Titles.end(), [&](const Title& title) {
        return title.status == status && title.substatus == substatus;
    });
    return found == Titles.end() ? http::reason_phrase(status) : found->text;
}

std::string escape_html(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '&':
                out += "&amp;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string configuration_error_html(const config::ConfigurationError& error) {
    return fmt::format("<p>{}</p>\n<p><code>{}:{}</code></p>\n<pre>{}</pre>\n<p>0x{:08x}</p>\n",
                       escape_html(error.message), escape_html(error.file), error.line,
                       escape_html(error.source_line), static_cast<std::uint32_t>(error.number));
}

void add_error_page(Exchange& exchange) {
    ResponseData& response = exchange.response();
    const std::string number = response.substatus == 0
                                   ? std::to_string(response.status)
                                   : fmt::format("{}.{}", response.status, response.substatus);
    const std::string_view phrase =
        response.reason.empty() ? http::reason_phrase(response.status) : std::string_view(response.reason);
    const std::string page = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0} {1}</title>\n"
        "<meta name=\"viewport\" content=\"width=device-width\"><style>"
        ":root{{color-scheme:light dark}}body{{font:16px/1.5 system-ui,sans-serif;max-width:38rem;margin:4rem auto;"
        "padding:0 1.5rem}}h1{{border-top:4px solid #b3541e;padding-top:1rem}}small{{color:gray}}pre{{overflow:auto}}"
        "</style>\n</head><body><h1>{0} {1}</h1>\n<p>{2}.</p>\n{3}<p><small>Request {4}</small></p></body></html>\n",
        number, escape_html(phrase), escape_html(status_title(response.status, response.substatus)),
        response.error_description, escape_html(exchange.received().request_id()));
    response.set_header("Content-Type", "text/html; charset=utf-8", true);
    response.delete_header("Content-Length");
    response.append(page);
}

}  // namespace osmia::worker
