#include "directory_listing/listing_page.h"

#include <osmia_module.h>
#include <time.h>

#include <array>
#include <cstdio>

namespace directory_listing {

namespace {

constexpr std::string_view Head = R"(<meta charset="utf-8"><meta name="viewport" content="width=device-width"><style>
:root{color-scheme:light dark;--ink:#1d2530;--soft:#5c6675;--line:#e3e7ec;--paper:#f6f7f9;--card:#fff;--mark:#b3541e;--hover:#fbf3ec}
@media(prefers-color-scheme:dark){:root{--ink:#e8ebef;--soft:#9aa5b4;--line:#323a45;--paper:#161b21;--card:#1e252d;--mark:#f0a35e;--hover:#2a2f36}}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:60rem;margin:2rem auto;padding:0 1rem}h1{font-size:1.4rem;font-weight:600;overflow-wrap:anywhere}
h1 a{color:var(--mark);text-decoration:none}h1 span{color:var(--soft);padding:0 .3rem}
table{width:100%;border-collapse:collapse;background:var(--card);border:1px solid var(--line);border-radius:6px;overflow:hidden}
th,td{text-align:left;padding:.45rem 1rem;border-bottom:1px solid var(--line)}th{font-weight:600;font-size:.85rem}th a{color:var(--soft);text-decoration:none}
tr:last-child td{border-bottom:0}tbody tr:hover{background:var(--hover)}td a{color:inherit;text-decoration:none}td a:hover{color:var(--mark);text-decoration:underline}
.n,.d{white-space:nowrap;font-variant-numeric:tabular-nums;color:var(--soft)}.n{text-align:right}.i{display:inline-block;width:1.7rem}footer{color:var(--soft);font-size:.85rem;margin:1rem 0}
@media(max-width:36rem){.d{display:none}}
</style>)";

std::string time_text(std::int64_t seconds, const char* format) {
    struct tm parts {};
    const time_t time = seconds;
    ::gmtime_r(&time, &parts);
    std::array<char, 64> text{};
    const std::size_t size = ::strftime(text.data(), text.size(), format, &parts);
    return {text.data(), size};
}

std::string size_text(std::uint64_t bytes) {
    if (bytes < 1024) return std::to_string(bytes) + " B";
    double value = static_cast<double>(bytes);
    const char* unit = "";
    for (const char* next : {"KiB", "MiB", "GiB", "TiB", "PiB"}) {
        if (value < 1024) break;
        value /= 1024;
        unit = next;
    }
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), value < 10 ? "%.1f %s" : "%.0f %s", value, unit);
    return text.data();
}

std::string date_text(std::int64_t seconds, const Shown& shown) {
    const char* const date = shown.long_date ? "%A, %d %B %Y" : "%Y-%m-%d";
    std::string text = shown.date || shown.long_date ? time_text(seconds, date) : "";
    if (shown.time) text += (text.empty() ? "" : " ") + time_text(seconds, "%H:%M");
    return text;
}

std::string shown_name(const Entry& entry, const Shown& shown) {
    const auto dot = entry.name.rfind('.');
    if (shown.extension || entry.folder || dot == std::string::npos || dot == 0) return entry.name;
    return entry.name.substr(0, dot);
}

// "Home / docs / manual", each part a link but the last.
std::string trail(std::string_view path) {
    std::string out = "<a href=\"/\">/</a>";
    for (std::size_t start = 1; start < path.size();) {
        const std::size_t end = path.find('/', start);
        const std::string name = OsmiaEscapeHtml(path.substr(start, end - start));
        const bool last = end + 1 >= path.size();
        if (start > 1) out += "<span>/</span>";
        out += last ? name : "<a href=\"" + OsmiaEscapeHtml(OsmiaEncodePath(path.substr(0, end + 1))) + "\">" + name + "</a>";
        start = end + 1;
    }
    return out;
}

std::string column(const char* title, const char* key, SortBy column_by, SortBy by, bool descending, const char* kind) {
    const bool current = column_by == by;
    const std::string arrow = !current ? "" : descending ? " &#9662;" : " &#9652;";
    return std::string("<th class=\"") + kind + "\"><a href=\"?sort=" + key + (current && !descending ? "&amp;order=desc" : "") + "\">" + title + arrow + "</a></th>";
}

std::string row(const Entry& entry, const Shown& shown) {
    // "./" so that a name with a colon is no scheme.
    const std::string link = OsmiaEscapeHtml("./" + OsmiaEncodePath(entry.name) + (entry.folder ? "/" : ""));
    std::string out = "<tr><td><span class=\"i\">" + std::string(entry.folder ? "&#128193;" : "&#128196;") + "</span><a href=\"" + link + "\">" +
                      OsmiaEscapeHtml(shown_name(entry, shown)) + (entry.folder ? "/" : "") + "</a></td>";
    if (shown.date || shown.time || shown.long_date) out += "<td class=\"d\">" + date_text(entry.modified, shown) + "</td>";
    if (shown.size) out += "<td class=\"n\">" + (entry.folder ? std::string("&ndash;") : size_text(entry.size)) + "</td>";
    return out + "</tr>\n";
}

std::string json_string(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (static_cast<unsigned char>(c) >= 0x20) {
            out += c;
            continue;
        }
        std::array<char, 8> escape{};
        std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
        out += escape.data();
    }
    return out + "\"";
}

}  // namespace

std::string html_page(const Listing& listing, std::string_view path, const Shown& shown, SortBy by, bool descending) {
    std::string page = "<!DOCTYPE html>\n<html lang=\"en\"><head><title>" + OsmiaEscapeHtml(path) + "</title>\n" + std::string(Head) +
                       "</head>\n<body><main><h1>" + trail(path) + "</h1>\n<table><thead><tr>" +
                       column("Name", "name", SortBy::Name, by, descending, "f");
    if (shown.date || shown.time || shown.long_date) page += column("Modified (UTC)", "modified", SortBy::Modified, by, descending, "d");
    if (shown.size) page += column("Size", "size", SortBy::Size, by, descending, "n");
    page += "</tr></thead><tbody>\n";
    if (path != "/") page += "<tr><td colspan=\"3\"><span class=\"i\">&#8617;</span><a href=\"../\">Parent folder</a></td></tr>\n";
    std::size_t folders = 0;
    for (const Entry& entry : listing.entries) {
        page += row(entry, shown);
        folders += entry.folder ? 1 : 0;
    }
    page += "</tbody></table>\n<footer>" + std::to_string(folders) + " folders, " + std::to_string(listing.entries.size() - folders) + " files";
    if (listing.truncated) page += "; there are more than can be shown";
    return page + "</footer></main></body></html>\n";
}

std::string json_text(const Listing& listing, std::string_view path, const Shown& shown) {
    std::string out = "{\"path\":" + json_string(path) + ",\"entries\":[";
    bool first = true;
    for (const Entry& entry : listing.entries) {
        out += (first ? "\n{\"name\":" : ",\n{\"name\":") + json_string(entry.name) + ",\"type\":" + (entry.folder ? "\"folder\"" : "\"file\"");
        if (shown.size && !entry.folder) out += ",\"size\":" + std::to_string(entry.size);
        if (shown.date || shown.time || shown.long_date) out += ",\"modified\":\"" + time_text(entry.modified, "%Y-%m-%dT%H:%M:%SZ") + "\"";
        out += "}";
        first = false;
    }
    return out + "],\"truncated\":" + (listing.truncated ? "true}\n" : "false}\n");
}

}  // namespace directory_listing
