#include "supervisor/commands.h"

#include <grp.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "supervisor/views.h"

namespace osmia::supervisor {

namespace {

using Json = nlohmann::ordered_json;
using Reply = ControlServer::Reply;

constexpr int Refused = 1;

// Text from configuration files and workers may hold any bytes.
std::string line_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

void reply_text(const Reply& reply, int status, const std::string& message) {
    Json json{{"status", status}};
    if (!message.empty()) json["message"] = message;
    reply(line_of(json));
}

/// Whoever looks is told that the configuration file is not what is in force.
void reply_result(const Server& server, const Reply& reply, Json result) {
    Json json{{"status", 0}, {"result", std::move(result)}};
    if (!server.configuration_problem().empty()) json["warning"] = server.configuration_problem();
    reply(line_of(json));
}

void list(Server& server, const std::string& what, const Reply& reply) {
    if (what == "sites") {
        return server.query_counters([&server, reply](const auto& counters) { reply_result(server, reply, sites_view(server, counters)); });
    }
    if (what == "apps") return reply_result(server, reply, apps_view(server));
    if (what == "vdirs") return reply_result(server, reply, vdirs_view(server));
    if (what == "modules") return reply_result(server, reply, modules_view(server));
    if (what == "extensions") return server.query_workers([&server, reply] { reply_result(server, reply, extensions_view(server)); });
    if (what == "pools") {
        return server.query_counters([&server, reply](const auto& counters) { reply_result(server, reply, pools_view(server, counters)); });
    }
    if (what == "workers") {
        return server.query_counters([&server, reply](const auto&) { reply_result(server, reply, workers_view(server)); });
    }
    if (what == "requests") {
        return server.query_requests([&server, reply](const auto& requests) { reply_result(server, reply, requests_view(server, requests)); });
    }
    if (what == "crashes") return reply_result(server, reply, server.crashes().list());
    if (what == "certificates") {
        return server.query_certificates([&server, reply](const auto& certificates) { reply_result(server, reply, certificates_view(server, certificates)); });
    }
    reply_text(reply, Refused, "unknown list '" + what + "'");
}

void change(Server& server, const std::string& verb, const Json& request, const Reply& reply) {
    const std::string kind = request.value("kind", "");
    const std::string name = request.value("name", "");
    if (kind == "site" && verb != "recycle") {
        const auto outcome = server.change_site(verb, name);
        return reply_text(reply, outcome.status, outcome.text);
    }
    if (kind == "listener" && verb == "recycle") {
        return server.replace_listener([reply](const Server::Outcome& outcome) { reply_text(reply, outcome.status, outcome.text); });
    }
    if (kind != "pool") return reply_text(reply, Refused, fmt::format("'{} {}' is no command", verb, kind));
    const bool wait = request.value("wait", true);
    const bool known = server.find_pool(name) != nullptr;
    const Reply when_done = wait || !known ? reply : [](const std::string&) {};
    server.change_pool(verb, name, [when_done](const Server::Outcome& outcome) { reply_text(when_done, outcome.status, outcome.text); });
    if (!wait && known) reply_text(reply, 0, {});
}

void reload(Server& server, bool wait, const Reply& reply) {
    const auto answered = std::make_shared<bool>(false);  // last owner: the reload's answer
    server.reload([reply, answered](const Server::Outcome& outcome) {
        if (!std::exchange(*answered, true)) reply_text(reply, outcome.status, outcome.text);
    });
    if (!wait && !std::exchange(*answered, true)) reply_text(reply, 0, "the configuration is accepted");
}

bool only_reads(const std::string& command) { return command == "status" || command == "list" || command == "show" || command == "upgrade-state"; }

void run(Server& server, const std::string& command, const Json& request, const Reply& reply) {
    if (command == "status") {
        return server.query_counters([&server, reply](const auto& counters) { reply_result(server, reply, status_view(server, counters)); });
    }
    if (command == "list") return list(server, request.value("what", ""), reply);
    if (command == "reload") return reload(server, request.value("wait", true), reply);
    if (command == "upgrade") {
        return server.upgrade(request.value("bin", ""), [reply](const Server::Outcome& outcome) { reply_text(reply, outcome.status, outcome.text); });
    }
    if (command == "upgrade-state") {
        const auto& record = server.upgrade_record();
        return reply_result(server, reply, {{"state", public_state(record.phase)}, {"text", record.text}});
    }
    if (command == "show") {
        const auto report = server.crashes().find(request.value("name", ""));
        return report ? reply_result(server, reply, *report) : reply_text(reply, 4, fmt::format("no crash report '{}'", request.value("name", "")));
    }
    if (command == "shutdown") {
        reply_text(reply, 0, {});
        return server.shut_down_as_asked();
    }
    if (command == "start" || command == "stop" || command == "recycle") return change(server, command, request, reply);
    reply_text(reply, Refused, "unknown command '" + command + "'");
}

}  // namespace

Permission permission_of(const ControlPeer& peer, uid_t owner, std::optional<gid_t> readers, bool worker_descendant) {
    if (worker_descendant) return Permission::Nothing;
    if (peer.uid == 0 || peer.uid == owner) return Permission::Everything;
    const bool member = readers && (peer.gid == *readers || std::find(peer.groups.begin(), peer.groups.end(), *readers) != peer.groups.end());
    return member ? Permission::Read : Permission::Nothing;
}

std::optional<gid_t> find_group(const std::string& name, const std::string& group_file) {
    const std::unique_ptr<FILE, int (*)(FILE*)> stream(std::fopen(group_file.c_str(), "re"), &std::fclose);
    if (stream == nullptr) return std::nullopt;
    std::string buffer(64 * 1024, '\0');
    group entry{};
    group* found = nullptr;
    while (::fgetgrent_r(stream.get(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
        if (name == entry.gr_name) return entry.gr_gid;
    }
    return std::nullopt;
}

void handle_command(Server& server, const std::string& line, const ControlPeer& peer, ControlServer::Reply reply) {
    const Json request = Json::parse(line, nullptr, false);
    if (!request.is_object() || !request.contains("command") || !request["command"].is_string()) {
        return reply_text(reply, Refused, "not a request");
    }
    const std::string command = request["command"];
    const auto permission = permission_of(peer, ::geteuid(), find_group("osmia"), server.is_worker_descendant(peer.pid));
    const bool allowed = permission == Permission::Everything || (permission == Permission::Read && only_reads(command));
    if (!allowed) return reply_text(reply, Refused, "permission denied: root and the server's own user may do this");
    try {
        run(server, command, request, reply);
    } catch (const Json::exception&) {
        reply_text(reply, Refused, "a field of the request has the wrong type");
    }
}

}  // namespace osmia::supervisor
