#include "osmia/appcmd.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "base/files.h"
#include "config/configuration_cache.h"
#include "config/effective_values.h"
#include "config/machine_document.h"
#include "config/url_mapping.h"
#include "osmia/arguments.h"
#include "osmia/control_client.h"
#include "osmia/show_config.h"

namespace osmia::command {

using namespace config;
using Json = nlohmann::ordered_json;

namespace {

constexpr const char* Root = "MACHINE/WEBROOT/APPHOST";

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    return text;
}

/// The singular: SITES, APPPOOLS, WPS ...
std::string object_name(const std::string& word) {
    std::string name = upper(word);
    if (name.ends_with('S') && name.size() > 2) name.pop_back();
    constexpr std::array known{"SITE", "APP", "VDIR", "APPPOOL", "CONFIG", "WP", "REQUEST", "MODULE", "BACKUP"};
    return std::find(known.begin(), known.end(), name) == known.end() ? std::string() : name;
}

/// Takes "name:value" out of the parameters; names have no case.
std::optional<std::string> take(std::vector<std::string>& parameters, std::string_view name) {
    for (auto it = parameters.begin(); it != parameters.end(); ++it) {
        const std::size_t colon = std::min(it->find(':'), it->size());
        if (!equals_ignoring_case(std::string_view(*it).substr(0, colon), name)) continue;
        std::string value = it->substr(std::min(colon + 1, it->size()));
        parameters.erase(it);
        return value;
    }
    return std::nullopt;
}

int error(int code, const std::string& message) {
    std::printf("ERROR ( message:%s )\n", message.c_str());
    return code;
}

int error(const Error& problem) {
    switch (problem.kind) {
        case ErrorKind::NotFound: return error(AppcmdNotFound, problem.message);
        case ErrorKind::Busy: return error(AppcmdExists, problem.message);
        case ErrorKind::Denied: return error(AppcmdAccessDenied, problem.message);
        default: return error(AppcmdInvalidData, problem.message);
    }
}

Error not_found(const AppcmdArguments& arguments) {
    return make_error(ErrorKind::NotFound, "Cannot find {} object with identifier \"{}\".", arguments.object, arguments.identifier);
}

Result<std::vector<Change>> changes_of(const AppcmdArguments& arguments) {
    std::vector<Change> changes;
    for (const std::string& parameter : arguments.parameters) changes.push_back(OSMIA_TRY(parse_change(parameter, ':')));
    return changes;
}

Settings settings_of(const AppcmdArguments& arguments) {
    Settings settings;
    for (const std::string& parameter : arguments.parameters) {
        const std::size_t colon = std::min(parameter.find(':'), parameter.size());
        settings.emplace_back(parameter.substr(0, colon), parameter.substr(std::min(colon + 1, parameter.size())));
    }
    return settings;
}

void say(const AppcmdArguments& arguments, const std::string& name, const char* what) {
    std::printf("%s object \"%s\" %s\n", arguments.object.c_str(), name.c_str(), what);
}

/// SITE → site, APPPOOL → pool.
std::string kind_of(const AppcmdArguments& arguments) {
    if (arguments.object == "APPPOOL") return "pool";
    std::string kind = arguments.object;
    std::transform(kind.begin(), kind.end(), kind.begin(), [](char c) { return static_cast<char>(c | 0x20); });
    return kind;
}

int add_object(ConfigurationEditor& editor, AppcmdArguments arguments) {
    auto& parameters = arguments.parameters;
    std::string name = arguments.identifier;
    Result<void> added = make_error(ErrorKind::Invalid, "The verb 'add' is not supported for {}", arguments.object);
    if (arguments.object == "SITE" || arguments.object == "APPPOOL" || arguments.object == "MODULE") {
        if (const auto given = take(parameters, "name")) name = *given;
        if (name.empty()) return error(AppcmdInvalidParameter, "The parameter 'name' must begin with a / or - (HRESULT=80070057).");
        Settings settings = settings_of(arguments);
        if (arguments.object == "SITE") {
            const bool folder = std::any_of(settings.begin(), settings.end(), [](const auto& one) { return one.first == "physicalPath"; });
            settings.emplace_back("name", name);
            added = editor.add_site(std::move(settings));
            if (!added.ok()) return error(added.error());
            std::printf("SITE object \"%s\" added\nAPP object \"%s/\" added\n", name.c_str(), name.c_str());
            if (folder) std::printf("VDIR object \"%s/\" added\n", name.c_str());
            return 0;
        }
        added = arguments.object == "APPPOOL" ? editor.add_pool(name, settings) : editor.add_module(name, std::move(settings));
    } else if (arguments.object == "APP" || arguments.object == "VDIR") {
        const auto parent = take(parameters, arguments.object == "APP" ? "site.name" : "app.name");
        const auto path = take(parameters, "path");
        if (path) name = parent.value_or(arguments.identifier);
        while (path && name.ends_with('/')) name.pop_back();
        name += path.value_or("");
        Settings settings = settings_of(arguments);
        const bool folder = std::any_of(settings.begin(), settings.end(), [](const auto& one) { return one.first == "physicalPath"; });
        added = arguments.object == "APP" ? editor.add_application(name, std::move(settings)) : editor.add_directory(name, std::move(settings));
        if (added.ok() && arguments.object == "APP" && folder) {
            std::printf("APP object \"%s\" added\nVDIR object \"%s/\" added\n", name.c_str(), name.c_str());
            return 0;
        }
    }
    if (!added.ok()) return error(added.error());
    say(arguments, name, "added");
    return 0;
}

int change_object(ConfigurationEditor& editor, const AppcmdArguments& arguments) {
    if (arguments.identifier.empty()) return error(AppcmdInvalidParameter, "Must specify the " + arguments.object + " object with identifier or name parameter.");
    const bool removal = arguments.verb == "delete" || arguments.verb == "uninstall";
    const auto changes = changes_of(arguments);
    if (!changes.ok()) return error(AppcmdInvalidParameter, changes.error().message);
    const auto done = removal ? editor.remove(kind_of(arguments), arguments.identifier)
                              : editor.set(kind_of(arguments), arguments.identifier, changes.value());
    if (!done.ok() && done.error().kind == ErrorKind::NotFound && done.error().message.starts_with("there is no")) return error(not_found(arguments));
    if (!done.ok()) return error(done.error());
    say(arguments, arguments.identifier, removal ? "deleted" : "changed");
    return 0;
}

int control_object(const AppcmdArguments& arguments) {
    const bool pool = arguments.object == "APPPOOL";
    const auto reply = ask_server(arguments.state, {{"command", arguments.verb}, {"kind", pool ? "pool" : "site"}, {"name", arguments.identifier}, {"wait", true}});
    if (!reply.ok()) return error(reply.error().kind == ErrorKind::NotFound ? AppcmdNotRunning : AppcmdInvalidData, "The service has not been started.");
    const int status = reply.value()["status"];
    constexpr int NoSuch = 4;
    if (status == NoSuch) return error(not_found(arguments));
    if (status != 0) return error(AppcmdInvalidData, reply.value().value("message", "refused"));
    const char* done = arguments.verb == "start" ? "started." : arguments.verb == "stop" ? "stopped" : "recycled";
    std::printf("\"%s\" successfully %s\n", arguments.identifier.c_str(), done);
    return 0;
}

// Configuration.

Result<const SectionSchema*> section_of(const AppcmdArguments& arguments) {
    for (const char* group : {"", "system.webServer/", "system.applicationHost/", "system.webServer/security/", "system.webServer/security/authentication/"}) {
        if (const auto* section = builtin_schema().find(group + arguments.section)) return section;
    }
    return make_error(ErrorKind::NotFound, "Unknown config section \"{}\". Replace with ? for help.", arguments.section);
}

std::string config_path(const std::string& path) { return path.empty() ? Root : fmt::format("{}/{}", Root, path); }

Commit commit_of(const AppcmdArguments& arguments) {
    const std::string commit = upper(arguments.commit);
    if (commit == "APPHOST" || commit == upper(Root)) return Commit::AppHost;
    if (commit == "SITE") return Commit::Site;
    return commit == "APP" ? Commit::App : Commit::Url;
}

/// Sections whose values fit: "/attribute" or "/attribute:value"; without parameters every place that sets the section.
int search_config(const ConfigurationEditor& editor, const AppcmdArguments& arguments, const SectionSchema& section) {
    const auto machine = editor.load();
    if (!machine.ok()) return error(machine.error());
    const auto fits = [&](const SectionSet& sections) {
        const auto values = effective_values(sections, section);
        return std::all_of(arguments.parameters.begin(), arguments.parameters.end(), [&](const std::string& parameter) {
            const std::size_t colon = parameter.find(':');
            return std::any_of(values.begin(), values.end(), [&](const EffectiveValue& value) {
                const bool named = !value.attribute.empty() && equals_ignoring_case(value.attribute, parameter.substr(0, colon));
                return named && value.place.file != nullptr && (colon == std::string::npos || equals_ignoring_case(value.value, parameter.substr(colon + 1)));
            });
        });
    };
    const auto configuration = std::make_shared<const ServerConfiguration>(machine.value());
    const MachineDocument& document = *configuration->document;
    const SectionNode* node = document.sections().node(section.path);
    if (arguments.identifier.empty() && node != nullptr && fits(document.sections())) std::printf("CONFIGSEARCH \"%s\"\n", Root);
    ConfigurationCache cache(configuration);
    for (const SiteConfiguration& site : configuration->sites) {
        for (const Application& application : site.applications) {
            const std::string path = application.path == "/" ? site.name : site.name + application.path;
            if (!arguments.identifier.empty() && !location_key(path).starts_with(location_key(arguments.identifier))) continue;
            const auto sections = cache.sections(site.id, application.path);
            if (sections == nullptr || sections->node(section.path) == node || !fits(*sections)) continue;
            std::printf("CONFIGSEARCH \"%s\"\n", config_path(path).c_str());
        }
    }
    return 0;
}

int list_config(const ConfigurationEditor& editor, const AppcmdArguments& arguments, const SectionSchema& section) {
    const auto machine = editor.load();
    if (!machine.ok()) return error(machine.error());
    const auto configuration = std::make_shared<const ServerConfiguration>(machine.value());
    std::shared_ptr<const SectionSet> sections(configuration, &configuration->document->sections());
    ConfigurationCache cache(configuration);
    if (!arguments.identifier.empty()) {
        const auto path = find_path(*configuration, arguments.identifier);
        if (!path.ok()) return error(not_found(arguments));
        sections = cache.sections(configuration->find_site(path.value().site)->id, path.value().below);
    }
    std::fputs(section_xml(*sections, section).c_str(), stdout);
    return 0;
}

int run_config(ConfigurationEditor& editor, const AppcmdArguments& arguments) {
    if (arguments.section.empty()) return error(AppcmdInvalidParameter, "The required parameter \"section\" is missing");
    const auto section = section_of(arguments);
    if (!section.ok()) return error(section.error());
    const SectionSchema& what = *section.value();
    if (arguments.verb == "list") return list_config(editor, arguments, what);
    if (arguments.verb == "search") return search_config(editor, arguments, what);
    if (arguments.verb == "lock" || arguments.verb == "unlock") {
        const bool lock = arguments.verb == "lock";
        const auto done = editor.set_lock(arguments.identifier, what, lock);
        if (!done.ok()) return error(done.error());
        std::printf("%s section \"%s\" at configuration path \"%s\".\n", lock ? "Locked" : "Unlocked", what.path.c_str(), config_path(arguments.identifier).c_str());
        return 0;
    }
    Result<void> done = make_error(ErrorKind::Invalid, "The verb '{}' is not supported for CONFIG", arguments.verb);
    if (arguments.verb == "clear" || arguments.verb == "reset") done = editor.clear(arguments.identifier, commit_of(arguments), what);
    if (arguments.verb == "set") {
        const auto changes = changes_of(arguments);
        if (!changes.ok()) return error(AppcmdInvalidParameter, changes.error().message);
        done = editor.change(arguments.identifier, commit_of(arguments), what, changes.value());
    }
    if (!done.ok()) return error(done.error());
    const std::string at = commit_of(arguments) == Commit::AppHost ? Root : config_path(arguments.identifier);
    std::printf("Applied configuration changes to section \"%s\" for \"%s\" at configuration commit path \"%s\"\n", what.path.c_str(),
                config_path(arguments.identifier).c_str(), at.c_str());
    return 0;
}

// Backups.

std::string backup_name() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y%m%dT%H%M%S", &parts);
    return text;
}

int run_backup(ConfigurationEditor& editor, const AppcmdArguments& arguments) {
    const ConfigurationHistory history = editor.history();
    const std::string name = arguments.identifier.empty() && arguments.verb == "add" ? backup_name() : arguments.identifier;
    if (arguments.verb == "list") {
        for (const std::string& one : history.backups()) std::printf("BACKUP \"%s\"\n", one.c_str());
        for (const HistoryEntry& one : history.list()) std::printf("BACKUP \"CFGHISTORY_%s\"\n", one.id.c_str());
        return 0;
    }
    if (arguments.verb == "add") {
        const auto text = read_file(editor.file());
        const auto added = text.ok() ? history.add_backup(name, text.value()) : Result<void>(text.error());
        if (!added.ok()) return error(added.error());
        say(arguments, name, "added");
        return 0;
    }
    if (arguments.verb == "delete") {
        const auto removed = history.remove_backup(name);
        if (!removed.ok()) return error(removed.error());
        say(arguments, name, "deleted");
        return 0;
    }
    constexpr std::string_view prefix = "CFGHISTORY_";
    const auto text = name.starts_with(prefix) ? history.read(name.substr(prefix.size())) : history.read_backup(name);
    if (!text.ok()) return error(text.error());
    const auto restored = editor.restore(text.value());
    if (!restored.ok()) return error(restored.error());
    std::printf("Restored configuration from backup \"%s\"\n", name.c_str());
    return 0;
}

int dispatch(const AppcmdArguments& arguments) {
    ConfigurationEditor editor(arguments.file);
    const std::string& verb = arguments.verb;
    if (arguments.object == "CONFIG") return run_config(editor, arguments);
    if (arguments.object == "BACKUP") return run_backup(editor, arguments);
    if (verb == "list") {
        const auto configuration = editor.load();
        if (!configuration.ok()) return error(configuration.error());
        const auto objects = list_objects(arguments, configuration.value());
        return objects.ok() ? print_objects(arguments, configuration.value(), objects.value()) : error(objects.error());
    }
    if (verb == "add" || verb == "install") return add_object(editor, arguments);
    if (verb == "set" || verb == "delete" || verb == "uninstall") return change_object(editor, arguments);
    const bool pool = arguments.object == "APPPOOL";
    if ((verb == "start" || verb == "stop") && (pool || arguments.object == "SITE")) return control_object(arguments);
    if (verb == "recycle" && pool) return control_object(arguments);
    return error(AppcmdInvalidParameter, fmt::format("The command \"{}\" is not supported on object \"{}\".", verb, arguments.object));
}

constexpr const char* Help =
    "Osmia's appcmd: IIS's command line for the configuration of Osmia.\n\n"
    "APPCMD (command) (object-type) <identifier> < /parameter1:value1 ... >\n\n"
    "  SITE, APPPOOL   list add set delete start stop (APPPOOL: recycle)\n"
    "  APP, VDIR       list add set delete\n"
    "  CONFIG          list set search lock unlock clear reset   /section:NAME /commit:apphost|site|app|url\n"
    "  WP, REQUEST     list\n"
    "  MODULE          list add set delete install uninstall\n"
    "  BACKUP          list add restore delete\n\n"
    "  /text:*|PROPERTY  /xml  /config   how list prints\n"
    "  /apphostconfig:FILE               another applicationHost.config than /etc/osmia/applicationHost.config\n"
    "  /statefolder:DIR                  the running server's state folder\n";

}  // namespace

Result<AppcmdArguments> parse_appcmd(const std::vector<std::string>& words) {
    AppcmdArguments arguments;
    if (words.size() < 2) return make_error(ErrorKind::Invalid, "a command and an object type are needed");
    arguments.verb = words[0];
    std::transform(arguments.verb.begin(), arguments.verb.end(), arguments.verb.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    arguments.object = object_name(words[1]);
    if (arguments.object.empty()) return make_error(ErrorKind::Invalid, "Object type '{}' is not supported.", words[1]);
    for (std::size_t index = 2; index < words.size(); ++index) {
        const std::string& word = words[index];
        if (word.starts_with('/') || word.starts_with('-')) {
            arguments.parameters.push_back(word.substr(1));
        } else if (arguments.identifier.empty()) {
            arguments.identifier = word;
        } else {
            return make_error(ErrorKind::Invalid, "The attribute \"{}\" must begin with a / or - (HRESULT=80070057).", word);
        }
    }
    auto& parameters = arguments.parameters;
    arguments.section = take(parameters, "section").value_or("");
    arguments.commit = take(parameters, "commit").value_or("");
    arguments.text = take(parameters, "text").value_or("");
    arguments.file = take(parameters, "apphostconfig").value_or(DefaultConfiguration);
    arguments.state = take(parameters, "statefolder");
    arguments.xml = take(parameters, "xml").has_value();
    const auto config = take(parameters, "config");
    arguments.config = config.has_value();
    const bool adding = arguments.verb == "add" || arguments.verb == "install";
    if (const auto name = arguments.verb == "list" ? std::nullopt : take(parameters, arguments.object + ".name")) arguments.identifier = *name;
    if (!adding && arguments.verb != "list" && arguments.identifier.empty() && arguments.object != "CONFIG") arguments.identifier = take(parameters, "name").value_or("");
    return arguments;
}

int run_appcmd(const std::vector<std::string>& words) {
    const bool help = words.empty() || words[0] == "/?" || words[0] == "-?" || words[0] == "--help";
    if (help) {
        std::fputs(Help, stdout);
        return words.empty() ? AppcmdInvalidParameter : 0;
    }
    const auto arguments = parse_appcmd(words);
    return arguments.ok() ? dispatch(arguments.value()) : error(AppcmdInvalidParameter, arguments.error().message);
}

}  // namespace osmia::command
