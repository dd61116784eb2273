#include "supervisor/views.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "wire/process_start.h"

namespace osmia::supervisor {

namespace {

using Json = nlohmann::ordered_json;

std::string_view word(wire::ServiceState state) {
    constexpr std::string_view Words[] = {"started", "stopped", "failed"};
    return Words[static_cast<std::size_t>(state)];
}

std::string_view word(wire::RequestState state) {
    constexpr std::string_view Words[] = {"queued", "running", "sending"};
    return Words[static_cast<std::size_t>(state)];
}

// More than one listener may know a pool or a site: their numbers add up.
void add_counts(Json& counts, const std::vector<wire::NamedCount>& more) {
    for (const auto& one : more) counts[one.name] = counts.value(one.name, std::uint64_t{0}) + one.count;
}

void add_answers(Json& answers, const std::vector<std::uint64_t>& more) {
    for (std::size_t i = 0; i < more.size() && i < 6; ++i) {
        const std::string name = i == 0 ? "none" : fmt::format("{}xx", i);
        if (more[i] != 0) answers[name] = answers.value(name, std::uint64_t{0}) + more[i];
    }
}

struct SiteNumbers {
    std::uint64_t connections = 0, accepted = 0, sent = 0, received = 0, requests = 0;
    Json methods = Json::object(), answers = Json::object(), rejected = Json::object();
};

SiteNumbers site_numbers(const wire::ListenerCounters& counters, std::uint32_t site_id) {
    SiteNumbers numbers;
    for (const auto& one : counters.sites) {
        if (one.site_id != site_id) continue;
        numbers.connections += one.connections;
        numbers.accepted += one.accepted;
        numbers.sent += one.sent;
        numbers.received += one.received;
        for (const auto& method : one.methods) numbers.requests += method.count;
        add_counts(numbers.methods, one.methods);
        add_answers(numbers.answers, one.answers);
        add_counts(numbers.rejected, one.rejected);
    }
    return numbers;
}

struct PoolNumbers {
    std::uint64_t queued = 0, requests = 0, rejected = 0;
    Json answers = Json::object(), rejections = Json::object();
};

PoolNumbers pool_numbers(const wire::ListenerCounters& counters, std::uint32_t pool_id) {
    PoolNumbers numbers;
    for (const auto& one : counters.pools) {
        if (one.pool_id != pool_id) continue;
        numbers.queued += one.queued;
        numbers.requests += one.requests;
        numbers.rejected += one.rejected;
        add_answers(numbers.answers, one.answers);
        add_counts(numbers.rejections, one.rejections);
    }
    return numbers;
}

std::size_t count_workers(const Server& server) {
    std::size_t count = 0;
    for (const auto& pool : server.pools()) count += pool->workers().size();
    return count;
}

}  // namespace

std::string iso_time(std::uint64_t milliseconds) {
    const auto seconds = static_cast<time_t>(milliseconds / 1000);
    tm parts{};
    ::gmtime_r(&seconds, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
                       parts.tm_min, parts.tm_sec);
}

Json status_view(const Server& server, const wire::ListenerCounters& counters) {
    const auto& folders = server.options().folders;
    std::size_t applications = 0;
    for (const auto& site : server.configuration().sites) applications += site.applications.size();
    const auto now = static_cast<std::uint64_t>(::time(nullptr)) * 1000;
    Json view;
    view["pid"] = ::getppid();
    view["supervisorPid"] = ::getpid();
    view["listenerPid"] = server.listener_pid();
    view["version"] = OSMIA_VERSION;
    view["startedAt"] = iso_time(server.started_at());
    view["uptime"] = now > server.started_at() ? (now - server.started_at()) / 1000 : 0;
    view["configuration"] = describe_source(server.options());
    view["configurationAccepted"] = iso_time(server.accepted_at());
    view["stateFolder"] = folders.runtime;
    view["dataFolder"] = folders.data();
    view["logFolder"] = folders.logs();
    view["crashFolder"] = folders.crashes();
    view["sites"] = server.configuration().sites.size();
    view["applications"] = applications;
    view["pools"] = server.pools().size();
    view["workers"] = count_workers(server);
    view["connections"] = counters.connections;
    view["requests"] = counters.requests;
    view["lostLogLines"] = counters.lost_log_lines;
    view["rejected"] = Json::object();
    add_counts(view["rejected"], counters.rejected);
    return view;
}

Json sites_view(const Server& server, const wire::ListenerCounters& counters) {
    Json list = Json::array();
    for (const auto& site : server.configuration().sites) {
        Json bindings = Json::array();
        for (const auto& binding : site.bindings) {
            const auto* socket = server.sockets().find(binding.is_unix() ? "unix:" + binding.unix_path
                                                                         : fmt::format("{}:{}", binding.address == "*" ? "0.0.0.0" : binding.address, binding.port));
            bindings.push_back(url_of(binding, socket == nullptr ? binding.port : socket->port));
        }
        auto numbers = site_numbers(counters, site.id);
        list.push_back({{"name", site.name}, {"id", site.id}, {"state", word(server.site_state(site.id))}, {"bindings", std::move(bindings)},
                        {"applications", site.applications.size()}, {"connections", numbers.connections},
                        {"connectionsTotal", numbers.accepted}, {"requests", numbers.requests}, {"bytesSent", numbers.sent},
                        {"bytesReceived", numbers.received}, {"methods", std::move(numbers.methods)},
                        {"answers", std::move(numbers.answers)}, {"rejected", std::move(numbers.rejected)}});
    }
    return list;
}

Json apps_view(const Server& server) {
    Json list = Json::array();
    for (const auto& site : server.configuration().sites) {
        for (const auto& application : site.applications) {
            std::string physical_path;
            for (const auto& directory : application.virtual_directories) {
                if (directory.path == "/") physical_path = directory.physical_path;
            }
            list.push_back({{"site", site.name},
                            {"path", application.path},
                            {"pool", application.application_pool},
                            {"physicalPath", physical_path},
                            {"dataFolder", wire::application_data_folder(server.options().folders.data(), site.name, application.path)}});
        }
    }
    return list;
}

Json vdirs_view(const Server& server) {
    Json list = Json::array();
    for (const auto& site : server.configuration().sites) {
        for (const auto& application : site.applications) {
            for (const auto& directory : application.virtual_directories) {
                list.push_back({{"site", site.name}, {"app", application.path}, {"path", directory.path}, {"physicalPath", directory.physical_path}});
            }
        }
    }
    return list;
}

Json pools_view(const Server& server, const wire::ListenerCounters& counters) {
    Json list = Json::array();
    for (const auto& pool : server.pools()) {
        auto numbers = pool_numbers(counters, pool->record().pool_id);
        list.push_back({{"name", pool->record().name},
                        {"state", public_state(pool->phase())},
                        {"workers", pool->workers().size()},
                        {"queueLength", pool->configuration().queue_length},
                        {"queued", numbers.queued},
                        {"requests", numbers.requests},
                        {"rejected", numbers.rejected},
                        {"answers", std::move(numbers.answers)},
                        {"rejections", std::move(numbers.rejections)}});
    }
    return list;
}

Json workers_view(const Server& server) {
    Json list = Json::array();
    for (const auto& pool : server.pools()) {
        for (const auto& worker : pool->workers()) {
            list.push_back({{"pool", pool->record().name},
                            {"pid", worker->record().pid},
                            {"state", public_state(worker->phase())},
                            {"requests", worker->requests()},
                            {"startedAt", iso_time(worker->record().started_at)},
                            {"generation", worker->record().generation}});
        }
    }
    return list;
}

Json requests_view(const Server& server, const std::vector<wire::ListedRequest>& requests) {
    Json list = Json::array();
    for (const auto& one : requests) {
        const auto* site = server.configuration().find_site(one.site_id);
        const auto* pool = server.find_pool(one.pool_id);
        list.push_back({{"id", one.id},
                        {"site", site == nullptr ? "" : site->name},
                        {"pool", pool == nullptr ? "" : pool->record().name},
                        {"pid", one.pid},
                        {"method", one.method},
                        {"url", one.url},
                        {"client", one.client},
                        {"elapsedMs", one.elapsed_ms},
                        {"queuedMs", one.queued_ms},
                        {"runningMs", one.running_ms},
                        {"sendingMs", one.sending_ms},
                        {"state", word(one.state)}});
    }
    return list;
}

Json certificates_view(const Server& server, const std::vector<wire::ListedCertificate>& certificates) {
    Json list = Json::array();
    const auto day = [](std::int64_t seconds) { return seconds <= 0 ? std::string() : iso_time(static_cast<std::uint64_t>(seconds) * 1000); };
    for (const auto& entry : server.certificates().entries()) {
        const auto found = std::find_if(certificates.begin(), certificates.end(), [&](const auto& one) { return one.certificate_id == entry.id; });
        const wire::ListedCertificate state = found == certificates.end() ? wire::ListedCertificate{} : *found;
        const std::int64_t left = state.not_after - ::time(nullptr);
        list.push_back({{"site", entry.site},
                        {"binding", entry.binding},
                        {"state", !state.usable ? "missing" : left < 0 ? "expired" : state.problem.empty() && entry.problem.empty() ? "used" : "outdated"},
                        {"expires", day(state.not_after)},
                        {"daysLeft", state.usable ? left / 86400 : 0},
                        {"subject", state.subject},
                        {"issuer", state.issuer},
                        {"names", state.names},
                        {"key", state.key},
                        {"file", entry.files.file},
                        {"problem", entry.problem.empty() ? state.problem : entry.problem}});
    }
    return list;
}

Json modules_view(const Server& server) {
    Json list = Json::array();
    for (const auto& module : server.configuration().global_modules) {
        std::size_t workers = 0;
        for (const auto& pool : server.pools()) {
            for (const auto& worker : pool->workers()) workers += worker->modules().contains(module.name) ? 1 : 0;
        }
        list.push_back({{"name", module.name}, {"image", module.image}, {"preCondition", module.pre_condition}, {"workers", workers}});
    }
    return list;
}

Json extensions_view(const Server& server) {
    Json list = Json::array();
    for (const auto& pool : server.pools()) {
        for (const auto& worker : pool->workers()) {
            for (const auto& [name, one] : worker->extensions()) {
                list.push_back({{"file", one.file},
                                {"pool", pool->record().name},
                                {"pid", worker->record().pid},
                                {"version", one.version},
                                {"description", one.description},
                                {"hash", one.hash},
                                {"cached", one.cached},
                                {"loadedAt", iso_time(one.loaded_at * 1000)},
                                {"requests", one.requests}});
            }
        }
    }
    return list;
}

}  // namespace osmia::supervisor
