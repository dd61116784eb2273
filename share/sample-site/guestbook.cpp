// A guestbook: GET shows it, POST signs it. The entries lie in an SQLite file in the application's own folder, so they
// outlive every worker.
#include <unistd.h>

#include "entries.h"
#include "guest_text.h"
#include "request_form.h"

EXAMPLE_EXTENSION("Guestbook on SQLite")

namespace {

using namespace guestbook;

constexpr long MaxNameLength = 80;         // code points
constexpr long MaxMessageLength = 2000;
constexpr size_t MaxFormBytes = 32 * 1024; // both, percent-encoded, in any script
constexpr size_t EntriesShown = 50;
constexpr size_t LatestShown = 3;

/// The database of this worker, opened on the first request. Null when the server gave the application no folder.
Entries* open_entries() {
    static const char* folder = getenv("OSMIA_APPLICATION_DATA");
    if (!folder || !*folder) return nullptr;
    static Entries entries(folder);
    return &entries;
}

constexpr const char* kPageStart =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Guestbook · Osmia</title>\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<link rel=\"icon\" href=\"bee.svg\" type=\"image/svg+xml\">\n<link rel=\"stylesheet\" href=\"style.css\">\n</head>\n"
    "<body class=\"small\">\n<header class=\"hero\"><div class=\"wrap\"><img src=\"bee.svg\" alt=\"\" width=\"72\" height=\"72\">"
    "<div><h1>Guestbook</h1><p>An ISAPI extension on SQLite. <a href=\"./\">Back to the site</a></p></div></div></header>\n"
    "<main class=\"wrap\">\n";

constexpr const char* kPageEnd = "</main>\n</body>\n</html>\n";

void send_html(EXTENSION_CONTROL_BLOCK* ecb, const std::string& status, const std::string& html) {
    std::string headers = "Content-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n"
                          "Content-Security-Policy: default-src 'none'; style-src 'self'; img-src 'self'; connect-src 'self'; "
                          "form-action 'self'; base-uri 'none'; frame-ancestors 'none'\r\n"
                          "X-Content-Type-Options: nosniff\r\nContent-Length: " + std::to_string(html.size()) + "\r\n";
    send_head(ecb, status, headers, true);
    send_bytes(ecb, html.data(), html.size());
}

std::string entry_html(const Entry& entry) {
    std::string shown = entry.written_at.substr(0, 10) + " " + entry.written_at.substr(11, 5) + " UTC";
    return "<article class=\"card entry\"><header><strong>" + escaped(entry.name) + "</strong><time datetime=\"" +
           escaped(entry.written_at) + "\">" + escaped(shown) + "</time></header><p>" + escaped(entry.message) + "</p></article>\n";
}

std::string list_html(const std::vector<Entry>& entries) {
    std::string html;
    for (const Entry& entry : entries) html += entry_html(entry);
    return html.empty() ? "<p class=\"empty\">Nobody has written yet.</p>\n" : html;
}

std::string form_html(const std::string& name, const std::string& message) {
    return "<form class=\"card live sign\" method=\"post\" action=\"guestbook.so\" accept-charset=\"utf-8\">\n"
           "<label>Your name<input name=\"name\" required autocomplete=\"name\" maxlength=\"" + std::to_string(MaxNameLength) +
           "\" value=\"" + escaped(name) + "\"></label>\n<label>Message<textarea name=\"message\" required rows=\"4\" maxlength=\"" +
           std::to_string(MaxMessageLength) + "\">\n" + escaped(message) + "</textarea></label>\n<button>Sign</button>\n</form>\n";
}

void send_problem(EXTENSION_CONTROL_BLOCK* ecb, const std::string& status, const std::string& what, const std::string& form = {}) {
    send_html(ecb, status, kPageStart + std::string("<p class=\"event\" role=\"alert\">") + escaped(what) + "</p>\n" + form + kPageEnd);
}

void show(EXTENSION_CONTROL_BLOCK* ecb, Entries& book) {
    bool latest = form_value(ecb->lpszQueryString, "view") == "latest";
    std::vector<Entry> entries;
    if (!book.read_newest(latest ? LatestShown : EntriesShown, entries)) {
        return send_problem(ecb, "503 Service Unavailable", "The entries cannot be read at the moment.");
    }
    if (latest) return send_html(ecb, "200 OK", list_html(entries));
    send_html(ecb, "200 OK", kPageStart + form_html({}, {}) + "<div class=\"entries\">\n" + list_html(entries) + "</div>\n" + kPageEnd);
}

/// Empty when both texts may be kept.
std::string objection(const std::string& name, const std::string& message) {
    long name_length = utf8_length(name), message_length = utf8_length(message);
    if (name_length < 0 || message_length < 0) return "That is not UTF-8.";
    if (name_length == 0 || message_length == 0) return "A name and a message, please.";
    if (name_length > MaxNameLength) return "A name has at most " + std::to_string(MaxNameLength) + " characters.";
    if (message_length > MaxMessageLength) return "A message has at most " + std::to_string(MaxMessageLength) + " characters.";
    return {};
}

/// Keeps the entry and sends the browser back to the list, so that reloading writes nothing twice.
void sign(EXTENSION_CONTROL_BLOCK* ecb, Entries& book) {
    if (!is_from_own_site(ecb)) return send_problem(ecb, "403 Forbidden", "Only a page of this site may sign.");
    std::optional<std::string> body = read_body(ecb, MaxFormBytes);
    if (!body) return send_problem(ecb, "413 Content Too Large", "That is more than the guestbook takes.");
    std::string name = tidied(form_value(*body, "name")), message = tidied(form_value(*body, "message"));
    std::string wrong = objection(name, message);
    if (!wrong.empty()) {
        bool showable = utf8_length(name) >= 0 && utf8_length(message) >= 0;
        return send_problem(ecb, "400 Bad Request", wrong, showable ? form_html(name, message) : form_html({}, {}));
    }
    if (!book.add(name, message)) return send_problem(ecb, "503 Service Unavailable", "The entry cannot be kept at the moment.");
    send_head(ecb, "303 See Other", "Location: guestbook.so\r\nContent-Length: 0\r\n", true);
}

}  // namespace

DWORD WINAPI HttpExtensionProc(EXTENSION_CONTROL_BLOCK* ecb) {
    bool reading = is_method(ecb, "GET") || is_method(ecb, "HEAD");
    if (!reading && !is_method(ecb, "POST")) return refuse_method(ecb, "GET, HEAD, POST");
    Entries* book = open_entries();
    if (!book) {
        send_problem(ecb, "503 Service Unavailable",
                     "This application has no data folder of its own: OSMIA_APPLICATION_DATA is set in pools with one application.");
    } else if (!book->error().empty()) {
        OutputDebugStringA(("guestbook: " + book->error() + "\n").c_str());
        send_problem(ecb, "503 Service Unavailable", "The guestbook's database cannot be opened; the server's log says why.");
    } else if (reading) {
        show(ecb, *book);
    } else {
        sign(ecb, *book);
    }
    return HSE_STATUS_SUCCESS;
}
