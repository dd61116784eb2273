#include "custom_error/detailed_page.h"

#include <osmia_module.h>

#include <algorithm>
#include <array>

namespace custom_error {

namespace {

struct Row {
    unsigned status, substatus;
    Advice advice;
};

constexpr std::array Rows = std::to_array<Row>({
    {400, 0, {"The request is not one that this server understands.", "Look at the URL, the headers and the body that the client sends."}},
    {401, 0, {"Who asks is not known.", "Send credentials, or enable anonymous authentication."}},
    {401, 2, {"No authentication method let this client in.", "Enable <anonymousAuthentication>, or another method, and see that its module is in <modules>."}},
    {401, 3, {"The worker's user may not read this file.", "Give the pool's identity the right to read it and to enter the folders above."}},
    {401, 5, {"The application refused this user.", "The reason is the application's own."}},
    {403, 1, {"Execute or script access is missing.", "Add Script or Execute to handlers/@accessPolicy for this path."}},
    {403, 2, {"Read access is missing.", "Add Read to handlers/@accessPolicy for this path."}},
    {403, 3, {"Write access is missing.", "Add Write to handlers/@accessPolicy for this path."}},
    {403, 14, {"This is a folder without a default document, and listing it is off.", "Put a default document there, add its name to <defaultDocument>, or enable <directoryBrowse>."}},
    {403, 18, {"The request would go on in another application pool.", "Execute only URLs of the same pool."}},
    {404, 0, {"There is nothing at this address.", "Look at the spelling, with its case, and at the physical path below."}},
    {404, 2, {"This program or extension is not allowed to run.", "List it in <isapiCgiRestriction> with allowed=\"true\"."}},
    {404, 3, {"Files of this type are not served.", "Add a <mimeMap> for the extension to <staticContent>, or a handler."}},
    {404, 4, {"No handler serves this address.", "Add an entry to <handlers>."}},
    {404, 5, {"The URL contains a sequence that is denied.", "See <denyUrlSequences> in <requestFiltering>."}},
    {404, 6, {"The method is denied.", "See <verbs> in <requestFiltering>."}},
    {404, 7, {"The extension is denied.", "See <fileExtensions> in <requestFiltering>."}},
    {404, 8, {"The URL contains a hidden segment.", "See <hiddenSegments> in <requestFiltering>."}},
    {404, 9, {"The file is hidden: its name begins with a dot.", "Rename it, or serve it from /.well-known/."}},
    {404, 10, {"A header is too long.", "See <headerLimits> in <requestFiltering>."}},
    {404, 11, {"The URL is escaped twice, or has a '+' in its path.", "See allowDoubleEscaping in <requestFiltering>."}},
    {404, 12, {"The URL has characters beyond ASCII.", "See allowHighBitCharacters in <requestFiltering>."}},
    {404, 13, {"The request body is too long.", "See maxAllowedContentLength in <requestFiltering>."}},
    {404, 14, {"The URL is too long.", "See maxUrl in <requestFiltering>."}},
    {404, 15, {"The query is too long.", "See maxQueryString in <requestFiltering>."}},
    {404, 18, {"The query contains a sequence that is denied.", "See <denyQueryStringSequences> in <requestFiltering>."}},
    {404, 19, {"A filtering rule denies the request.", "See <filteringRules> in <requestFiltering>."}},
    {405, 0, {"This address does not take the method.", "The Allow header, if any, says which it takes."}},
    {412, 0, {"A precondition of the client does not hold.", "The resource is not in the state that the client expects."}},
    {413, 1, {"The request body is too long.", "See maxRequestEntityAllowed in <serverRuntime>."}},
    {416, 0, {"The file has no such range.", "The Content-Range header says how long the file is."}},
    {500, 0, {"Something failed while the request was handled.", "The worker's standard error has a line with the request's id."}},
    {500, 19, {"The configuration of this path is invalid.", "Run osmia check."}},
    {500, 21, {"The handler names a module that is not loaded.", "Add the module to <globalModules> and <modules>."}},
    {502, 0, {"The program behind this address did not answer.", "Look at its own log."}},
    {502, 1, {"The program behind this address took too long.", "See the time-outs of <cgi> or <fastCgi>."}},
    {502, 2, {"The program behind this address answered with something that is no HTTP response.", "Run it by hand and look at what it writes first."}},
    {503, 0, {"The application does not serve now.", "See serverRuntime/@enabled and the pool's state: osmia list pools."}},
    {503, 2, {"Too many requests run at once in this application.", "See appConcurrentRequestLimit in <serverRuntime>."}},
    {503, 4, {"Too many requests wait for a FastCGI process.", "See maxInstances and queueLength in <fastCgi>."}},
});

constexpr std::string_view Head = R"(<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><style>
:root{color-scheme:light dark;--ink:#1d2530;--soft:#5c6675;--line:#dfe3e8;--paper:#f6f7f9;--card:#fff;--mark:#b3541e}
@media(prefers-color-scheme:dark){:root{--ink:#e8ebef;--soft:#9aa5b4;--line:#343c47;--paper:#161b21;--card:#1e252d;--mark:#f0a35e}}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:46rem;margin:3rem auto;padding:2rem 2.5rem;background:var(--card);border:1px solid var(--line);border-top:4px solid var(--mark);border-radius:6px}
h1{margin:0;font-size:1.7rem}h1 b{color:var(--mark);margin-right:.6rem}p{margin:.8rem 0}
.try{color:var(--soft)}dl{display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1.5rem;margin:1.6rem 0 0;padding-top:1.2rem;border-top:1px solid var(--line)}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere;font-family:ui-monospace,monospace;font-size:.9em}pre{overflow:auto}a{color:var(--mark)}
</style>)";

}  // namespace

Advice advice(unsigned status, unsigned substatus) {
    for (const unsigned wanted : {substatus, 0U}) {
        const auto found = std::find_if(Rows.begin(), Rows.end(), [&](const Row& row) {
            return row.status == status && row.substatus == wanted;
        });
        if (found != Rows.end()) return found->advice;
    }
    return {};
}

std::string detailed_page(const Fault& fault) {
    std::string number = std::to_string(fault.status);
    if (fault.substatus != 0) number += "." + std::to_string(fault.substatus);
    const std::string phrase = OsmiaEscapeHtml(fault.phrase);
    const Advice words = advice(fault.status, fault.substatus);
    std::string page = "<!DOCTYPE html>\n<html lang=\"en\"><head><title>" + number + " " + phrase + "</title>\n";
    page.append(Head).append("</head>\n<body><main><h1><b>").append(number).append("</b>").append(phrase).append("</h1>\n");
    if (!words.meaning.empty()) page.append("<p>").append(OsmiaEscapeHtml(words.meaning)).append("</p>\n");
    page += fault.description;
    if (!words.remedy.empty()) page.append("<p class=\"try\">").append(OsmiaEscapeHtml(words.remedy)).append("</p>\n");
    page += "<dl>";
    for (const auto& [name, value] : fault.facts) {
        if (!value.empty()) page.append("<dt>").append(name).append("</dt><dd>").append(OsmiaEscapeHtml(value)).append("</dd>\n");
    }
    page += "</dl>\n";
    if (!fault.more_link.empty())
        page.append("<p><a href=\"").append(OsmiaEscapeHtml(fault.more_link)).append("\">More about this error</a></p>\n");
    return page.append("</main></body></html>\n");
}

}  // namespace custom_error
