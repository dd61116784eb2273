#include "osmia/arguments.h"

#include <CLI/CLI.hpp>

#include <memory>
#include <sstream>

#include "config/folder_configuration.h"
#include "osmia/exit_status.h"

namespace osmia::command {

namespace {

const std::vector<std::string> Lists{"sites", "apps", "vdirs", "pools", "workers", "requests", "modules", "extensions", "certificates", "crashes",
                                     "history"};

/// Everything that options write to while CLI11 parses.
struct Targets {
    ServeArguments serve;
    CheckArguments check;
    ProbeArguments probe;
    ControlArguments control;
    EditArguments edit;
    std::string state;
    bool no_wait = false;
    double timeout = 0;
};

void add_state(CLI::App& app, Targets& targets) {
    app.add_option("--state", targets.state, "State folder of the server (default: $OSMIA_STATE, else the system's place)")->type_name("DIR");
}

void add_waiting(CLI::App& app, Targets& targets) {
    app.add_flag("--no-wait", targets.no_wait, "Return at once, not when it is done");
    app.add_option("--timeout", targets.timeout, "Give up waiting after this time (exit status 1)")
        ->type_name("SECONDS")
        ->check(CLI::Range(0.001, 1e6));
}

void add_serve(CLI::App& app, Targets& targets) {
    auto* serve = app.add_subcommand("serve", "Run a server in the foreground");
    auto* path = serve->add_option("path", targets.serve.path, "A folder to serve as one site, or an ISAPI extension that answers every path");
    path->type_name("FOLDER|EXTENSION.so");
    auto* configuration = serve->add_option("--config", targets.serve.configuration, "An applicationHost.config");
    configuration->type_name("FILE")->excludes(path);
    serve->add_flag("!--no-watch", targets.serve.watch, "An edit of the configuration file counts after `osmia reload`, not at once");
    serve->add_option("--listen", targets.serve.listen, "Where to listen (default 127.0.0.1:8080); may be given more than once")
        ->type_name("HOST:PORT|[V6]:PORT|unix:PATH")
        ->allow_extra_args(false)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    add_state(*serve, targets);
}

void add_check(CLI::App& app, Targets& targets) {
    auto* check = app.add_subcommand("check", "Validate a configuration");
    check->add_option("--config", targets.check.configuration, "An applicationHost.config")->type_name("FILE");
    check->add_flag("--verbose", targets.check.verbose, "List what is accepted and belongs to other software");
}

CLI::App* add_control(CLI::App& app, Targets& targets, const std::string& command, const std::string& description) {
    auto* control = app.add_subcommand(command, description);
    add_state(*control, targets);
    control->callback([&targets, command] { targets.control.command = command; });
    return control;
}

void add_change(CLI::App& app, Targets& targets, const std::string& command, const std::string& description,
                const std::vector<std::string>& kinds) {
    auto* change = add_control(app, targets, command, description);
    change->add_option("kind", targets.control.what, "What it is")->required()->check(CLI::IsMember(kinds))->type_name("");
    change->add_option("name", targets.control.name, "Its name")->type_name("NAME");
    add_waiting(*change, targets);
}

/// `crashes list` is `list crashes`, and `show crash ID` is `crashes show ID`: `show` belongs to the configuration.
void add_crashes(CLI::App& app, Targets& targets) {
    auto* crashes = app.add_subcommand("crashes", "List crash reports, or show one in full");
    crashes->require_subcommand(1);
    add_state(*crashes, targets);
    crashes->add_flag("--json", targets.control.json, "As JSON");
    crashes->fallthrough();
    auto* list = crashes->add_subcommand("list", "List the reports that are kept, newest first")->fallthrough();
    list->callback([&targets] {
        targets.control.command = "list";
        targets.control.what = "crashes";
    });
    auto* show = crashes->add_subcommand("show", "Show a report (also: osmia show crash ID)")->fallthrough();
    show->add_option("id", targets.control.name, "Its name in the list")->required()->type_name("ID");
    show->callback([&targets] {
        targets.control.command = "show";
        targets.control.what = "crash";
    });
}

std::vector<const char*> with_crashes_first(int argc, const char* const* argv) {
    std::vector<const char*> words(argv, argv + argc);
    using std::string_view;
    if (argc > 2 && string_view(words[1]) == "show" && string_view(words[2]) == "crash") {
        words[1] = "crashes";
        words[2] = "show";
    }
    return words;
}

void add_controls(CLI::App& app, Targets& targets) {
    auto* status = add_control(app, targets, "status", "Show how the server is");
    status->add_flag("--json", targets.control.json, "As JSON");
    auto* list = add_control(app, targets, "list", "List what the server has");
    list->add_option("what", targets.control.what, "What to list")->required()->check(CLI::IsMember(Lists))->type_name("");
    list->add_flag("--json", targets.control.json, "As a JSON array of objects");
    list->add_option("--config", targets.edit.configuration, "Of history: the applicationHost.config")->type_name("FILE");
    add_crashes(app, targets);
    add_change(app, targets, "start", "Start a pool or a site", {"pool", "site"});
    add_change(app, targets, "stop", "Stop a pool or a site", {"pool", "site"});
    add_change(app, targets, "recycle", "Replace a pool's workers, or the listener, without losing a request", {"pool", "listener"});
    add_waiting(*add_control(app, targets, "reload", "Read the configuration again and apply what changed"), targets);
    auto* upgrade = add_control(app, targets, "upgrade", "Go on with other programs, without losing a request");
    upgrade->add_option("--bin", targets.control.bin, "The folder of the new programs (default: where the present ones come from)")->type_name("DIR");
    add_waiting(*upgrade, targets);
    add_waiting(*add_control(app, targets, "shutdown", "Finish what is under way and end the server"), targets);
}

/// Changes such as -files.[value='x'] look like options, so that words are what no option takes.
void add_edits(CLI::App& app, Targets& targets) {
    constexpr std::pair<const char*, const char*> Verbs[] = {
        {"show", "Show what is in force, with the file and line of each value"}, {"set", "Change a site, app, vdir, pool, module or section"},
        {"add", "Add a site, app, vdir, pool or module"},                        {"remove", "Remove one"},
        {"lock", "Lock a section for web.config files"},                         {"unlock", "Open a section to web.config files"},
        {"clear", "Take a section out of a file"},                               {"schema", "Show what a section may hold"},
                                     {"diff", "Show what has changed since a version of the history"},
        {"restore", "Go back to a version of the history"}};
    for (const auto& [verb, description] : Verbs) {
        auto* edit = app.add_subcommand(verb, description);
        edit->allow_extras();
        edit->footer(EditHelp);
        edit->add_option("--config", targets.edit.configuration, "An applicationHost.config")->type_name("FILE");
        edit->add_option("--commit", targets.edit.commit, "Which file is written for a PATH")->check(CLI::IsMember({"url", "app", "site", "apphost"}))->type_name("");
        edit->add_flag("--effective", targets.edit.effective, "Defaults too");
        edit->add_flag("--xsd", targets.edit.xsd, "Of schema: an XML schema for editors");
        edit->callback([&targets, edit, name = std::string(verb)] {
            targets.edit.command = name;
            targets.edit.words = edit->remaining();
        });
    }
}

Exit usage_error(const std::string& message) { return {Usage, "osmia: " + message + "\nRun 'osmia --help' for the command line.\n"}; }

Arguments finish_serve(ServeArguments serve, const std::optional<std::string>& state) {
    serve.state = state;
    if (serve.path.empty() && !serve.listen.empty()) {
        return usage_error("--listen goes with a folder or an extension; a configuration file has its bindings");
    }
    for (const auto& address : serve.listen) {
        const auto binding = config::binding_information(address);
        if (!binding.ok()) return usage_error("--listen " + address + ": " + binding.error().message);
    }
    if (serve.path.empty() && serve.configuration.empty()) serve.configuration = DefaultConfiguration;
    return serve;
}

}  // namespace

Arguments parse_arguments(int argc, const char* const* argv) {
    CLI::App app("Osmia, a web application server with the architecture of IIS", "osmia");
    app.set_version_flag("--version", "osmia " OSMIA_VERSION);
    app.require_subcommand(1);
    app.footer("Exit status: 0 done, 1 refused or failed, 2 usage, 3 no server, 4 no such object.");
    Targets targets;
    add_serve(app, targets);
    add_check(app, targets);
    auto* probe = app.add_subcommand("probe", "Tell what a shared object is, in a process that is thrown away");
    probe->add_option("file", targets.probe.file, "The shared object")->required()->type_name("FILE");
    add_controls(app, targets);
    add_edits(app, targets);
    try {
        const auto words = with_crashes_first(argc, argv);
        app.parse(static_cast<int>(words.size()), words.data());
    } catch (const CLI::Success& success) {
        std::ostringstream text;
        app.exit(success, text, text);
        return Exit{Done, text.str()};
    } catch (const CLI::ParseError& error) {
        return usage_error(error.what());
    }
    std::optional<std::string> state;
    for (const auto* used : app.get_subcommands()) {
        const auto* option = used->get_option_no_throw("--state");
        if (option != nullptr && option->count() > 0) state = targets.state;
    }
    if (app.got_subcommand("serve")) return finish_serve(std::move(targets.serve), state);
    if (app.got_subcommand("check")) {
        if (targets.check.configuration.empty()) targets.check.configuration = DefaultConfiguration;
        return targets.check;
    }
    if (app.got_subcommand("probe")) return targets.probe;
    const bool changes = app.got_subcommand("start") || app.got_subcommand("stop") || app.got_subcommand("recycle");
    if (changes && (targets.control.what == "listener") != targets.control.name.empty()) {
        return usage_error(targets.control.what == "listener" ? "there is one listener; it has no name" : "name is required");
    }
    if (targets.control.command == "list" && targets.control.what == "history") {
        targets.edit.command = "list";
        targets.edit.words = {"history"};
    }
    if (!targets.edit.command.empty()) {
        if (targets.edit.configuration.empty()) targets.edit.configuration = DefaultConfiguration;
        return targets.edit;
    }
    targets.control.state = state;
    targets.control.wait = !targets.no_wait;
    targets.control.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(targets.timeout * 1000));
    return targets.control;
}

}  // namespace osmia::command
