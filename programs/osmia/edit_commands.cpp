#include "osmia/edit_commands.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "base/files.h"
#include "config/schema.h"
#include "osmia/configuration_editor.h"
#include "osmia/exit_status.h"
#include "osmia/schema_text.h"
#include "osmia/show_config.h"

namespace osmia::command {

namespace {

int complain(int status, const std::string& message) {
    std::fprintf(stderr, "osmia: %s\n", message.c_str());
    return status;
}

int complain(const Error& error) { return complain(error.kind == ErrorKind::NotFound ? NoSuchObject : Failed, error.message); }

Result<const config::SectionSchema*> section_of(const std::string& name) {
    for (const std::string& path : {name, "system.webServer/" + name, "system.applicationHost/" + name}) {
        if (const auto* section = config::builtin_schema().find(path)) return section;
    }
    return make_error(ErrorKind::NotFound, "there is no section '{}'", name);
}

/// [PATH] SECTION at the front of the words.
struct Target {
    std::string path;
    const config::SectionSchema* section = nullptr;
    std::size_t used = 0;
};

Result<Target> target_of(const std::vector<std::string>& words) {
    if (words.empty()) return make_error(ErrorKind::Invalid, "a section is missing");
    const auto first = section_of(words[0]);
    if (first.ok()) return Target{{}, first.value(), 1};
    if (words.size() < 2) return first.error();
    return Target{words[0], OSMIA_TRY(section_of(words[1])), 2};
}

Result<std::vector<config::Change>> changes_of(const std::vector<std::string>& words, std::size_t from) {
    std::vector<config::Change> changes;
    for (std::size_t index = from; index < words.size(); ++index) changes.push_back(OSMIA_TRY(config::parse_change(words[index], '=')));
    if (changes.empty()) return make_error(ErrorKind::Invalid, "what to change is missing: NAME=VALUE");
    return changes;
}

Result<Settings> settings_of(const std::vector<std::string>& words, std::size_t from) {
    Settings settings;
    for (std::size_t index = from; index < words.size(); ++index) {
        const std::size_t equals = words[index].find('=');
        if (equals == 0 || equals == std::string::npos) return make_error(ErrorKind::Invalid, "'{}' is not NAME=VALUE", words[index]);
        settings.emplace_back(words[index].substr(0, equals), words[index].substr(equals + 1));
    }
    return settings;
}

Commit commit_of(const std::string& word) {
    if (word == "apphost") return Commit::AppHost;
    if (word == "site") return Commit::Site;
    return word == "app" ? Commit::App : Commit::Url;
}

Result<void> add_object(ConfigurationEditor& editor, const std::string& kind, const std::string& name, Settings settings) {
    if (kind == "site") {
        settings.emplace_back("name", name);
        return editor.add_site(std::move(settings));
    }
    if (kind == "app") return editor.add_application(name, std::move(settings));
    if (kind == "vdir") return editor.add_directory(name, std::move(settings));
    if (kind == "pool") return editor.add_pool(name, settings);
    return editor.add_module(name, std::move(settings));
}

Result<void> change_object(ConfigurationEditor& editor, const EditArguments& arguments) {
    constexpr std::string_view Kinds[] = {"site", "app", "vdir", "pool", "module"};
    const std::string kind = arguments.words.empty() ? "" : arguments.words[0];
    if (std::find(std::begin(Kinds), std::end(Kinds), kind) == std::end(Kinds) || arguments.words.size() < 2) {
        return make_error(ErrorKind::Invalid, "give {} site, app, vdir, pool or module, and its name", arguments.command);
    }
    const std::string& name = arguments.words[1];
    if (arguments.command == "remove") return editor.remove(kind, name);
    if (arguments.command == "add") return add_object(editor, kind, name, OSMIA_TRY(settings_of(arguments.words, 2)));
    return editor.set(kind, name, OSMIA_TRY(changes_of(arguments.words, 2)));
}

Result<void> change(ConfigurationEditor& editor, const EditArguments& arguments) {
    std::vector<std::string> words = arguments.words;
    const bool config = !words.empty() && words[0] == "config";
    if (arguments.command == "lock" || arguments.command == "unlock") {
        if (config) words.erase(words.begin());
        const Target target = OSMIA_TRY(target_of(words));
        return editor.set_lock(target.path, *target.section, arguments.command == "lock");
    }
    if (!config) return change_object(editor, arguments);
    words.erase(words.begin());
    const Target target = OSMIA_TRY(target_of(words));
    const Commit commit = commit_of(arguments.commit);
    if (arguments.command == "clear") return editor.clear(target.path, commit, *target.section);
    return editor.change(target.path, commit, *target.section, OSMIA_TRY(changes_of(words, target.used)));
}

std::string time_text(std::chrono::system_clock::time_point time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    ::localtime_r(&seconds, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
    return text;
}

int list_history(const ConfigurationEditor& editor) {
    const auto entries = editor.history().list();
    if (entries.empty()) std::puts("No history.");
    for (const auto& entry : entries) std::printf("%s  %s  %zu bytes\n", entry.id.c_str(), time_text(entry.time).c_str(), entry.bytes);
    return Done;
}

/// diff(1), which every Debian has, shows what has changed since a version.
int diff_history(const ConfigurationEditor& editor, const std::string& id) {
    const auto old = editor.history().read(id);
    if (!old.ok()) return complain(old.error());
    int ends[2];
    if (::pipe(ends) != 0) return complain(errno_error("pipe"));
    const pid_t pid = ::fork();
    if (pid < 0) return complain(errno_error("fork"));
    if (pid == 0) {
        ::dup2(ends[0], STDIN_FILENO);
        ::close(ends[0]);
        ::close(ends[1]);
        const std::string label = "version " + id;
        ::execlp("diff", "diff", "-u", "--label", label.c_str(), "--label", editor.file().c_str(), "-", editor.file().c_str(), nullptr);
        ::_exit(127);
    }
    ::close(ends[0]);
    (void)write_all(BorrowedFd(ends[1]), old.value());
    ::close(ends[1]);
    int status = 0;
    ::waitpid(pid, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) > 1) return complain(Failed, "diff could not be run");
    return Done;
}

int run_history(ConfigurationEditor& editor, const EditArguments& arguments) {
    if (arguments.command == "list") return list_history(editor);
    if (arguments.words.size() != 2) return complain(Usage, "give " + arguments.command + " history ID");
    if (arguments.command == "diff") return diff_history(editor, arguments.words[1]);
    const auto text = editor.history().read(arguments.words[1]);
    if (!text.ok()) return complain(text.error());
    const auto restored = editor.restore(text.value());
    if (!restored.ok()) return complain(restored.error());
    std::printf("%s: version %s is in force after the next reload\n", editor.file().c_str(), arguments.words[1].c_str());
    return Done;
}

}  // namespace

int run_edit(const EditArguments& arguments) {
    ConfigurationEditor editor(arguments.configuration);
    const std::string what = arguments.words.empty() ? "" : arguments.words[0];
    if (what == "history") return run_history(editor, arguments);
    if (arguments.command == "schema") {
        const auto text = arguments.xsd ? Result<std::string>(schema_xsd()) : schema_text(what);
        if (!text.ok()) return complain(text.error());
        std::fputs(text.value().c_str(), stdout);
        return Done;
    }
    if (arguments.command == "show") {
        if (what != "config") return complain(Usage, "give show config [PATH|URL] [SECTION]");
        const auto text = show_configuration(editor, {arguments.words.begin() + 1, arguments.words.end()}, arguments.effective);
        if (!text.ok()) return complain(text.error());
        std::fputs(text.value().c_str(), stdout);
        return Done;
    }
    const auto changed = change(editor, arguments);
    if (!changed.ok()) return complain(changed.error());
    std::fputs(editor.notes().c_str(), stderr);
    return Done;
}

}  // namespace osmia::command
