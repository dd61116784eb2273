#include "supervisor/crash_report.h"

#include <sys/utsname.h>

#include "supervisor/output_lines.h"
#include "supervisor/views.h"

namespace osmia::supervisor {

namespace {

using Json = nlohmann::ordered_json;

std::vector<std::string> fields_of(std::string_view line) {
    std::vector<std::string> fields;
    for (;;) {
        const auto tab = line.find('\t');
        fields.push_back(printable(line.substr(0, tab), MaxCrashField));
        if (tab == std::string_view::npos) return fields;
        line.remove_prefix(tab + 1);
    }
}

std::string_view word(wire::RequestOutcome outcome) {
    constexpr std::string_view Words[] = {"answered", "repeated", "answered with 502", "answered with 503", "cut off", "the client had gone"};
    return Words[static_cast<std::size_t>(outcome)];
}

std::string kernel() {
    utsname names{};
    return ::uname(&names) == 0 ? fmt::format("{} {}", names.sysname, names.release) : std::string();
}

void add_line(Json& report, const std::vector<std::string>& fields) {
    if (fields[0] == "signal" && fields.size() == 5) {
        report["faultAddress"] = fields[3];
        report["thread"] = fields[4];
    } else if (fields[0] == "request" && fields.size() == 2) {
        report["request"] = fields[1];
    } else if (fields[0] == "cause" && fields.size() == 2) {
        report["cause"] = fields[1];
    } else if (fields[0] == "frame" && fields.size() == 6 && report["stack"].size() < 128) {
        report["stack"].push_back({{"module", fields[1]}, {"buildId", fields[2]}, {"function", fields[3]}, {"source", fields[4]}, {"extension", fields[5] == "1"}});
    }
}

// The first frame of foreign code, else the innermost: who was at work.
void name_the_guilty(Json& report) {
    const Json* guilty = nullptr;
    for (const auto& frame : report["stack"]) {
        if (frame["extension"] == true && (guilty == nullptr || (*guilty)["extension"] == false)) guilty = &frame;
        if (guilty == nullptr) guilty = &frame;
    }
    if (guilty == nullptr) return;
    for (const char* field : {"module", "buildId", "function"}) report[field] = (*guilty)[field];
}

}  // namespace

Json make_crash_report(const CrashFacts& facts, std::string_view symbolized, const std::vector<wire::DeadWorkerRequest>& requests) {
    Json report{{"id", facts.id}, {"time", iso_time(facts.time)}, {"pool", facts.pool}, {"pid", facts.pid}, {"generation", facts.generation},
                {"death", facts.death}, {"reason", facts.reason}, {"cause", ""}, {"module", ""}, {"buildId", ""}, {"function", ""},
                {"faultAddress", ""}, {"thread", ""}, {"request", ""}, {"versions", {{"osmia", OSMIA_VERSION}, {"kernel", kernel()}}},
                {"requests", Json::array()}, {"stack", Json::array()}};
    for (const auto& one : requests) {
        if (report["requests"].size() == MaxReportedRequests) break;
        report["requests"].push_back({{"id", printable(one.id, 64)}, {"method", printable(one.method, 32)}, {"url", printable(one.url, 1024)},
                                      {"client", printable(one.client, 128)}, {"elapsedMs", one.elapsed_ms}, {"begun", one.begun},
                                      {"outcome", word(one.outcome)}});
    }
    while (!symbolized.empty()) {
        const auto end = symbolized.find('\n');
        add_line(report, fields_of(symbolized.substr(0, end)));
        symbolized.remove_prefix(end == std::string_view::npos ? symbolized.size() : end + 1);
    }
    name_the_guilty(report);
    const auto size_of = [](const Json& json) { return json.dump(1, ' ', false, Json::error_handler_t::replace).size(); };
    while (size_of(report) > MaxCrashReportBytes && !report["stack"].empty()) {
        auto& stack = report["stack"];
        stack.erase(stack.begin() + static_cast<std::ptrdiff_t>(stack.size() / 2), stack.end());
    }
    return report;
}

std::string guilty_words(const Json& report) {
    const std::string module = report["module"], function = report["function"];
    if (module.empty()) return {};
    return fmt::format(" in {}: {}", module.substr(module.rfind('/') + 1), function);
}

}  // namespace osmia::supervisor
