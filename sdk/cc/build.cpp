#include "build.h"

#include <stdlib.h>

#include <algorithm>
#include <iostream>
#include <stdexcept>

#include "definition_file.h"
#include "include_aliases.h"
#include "process.h"

namespace osmia::cc {

namespace fs = std::filesystem;

namespace {

void complain(const std::string& message) {
    std::cerr << "osmia-cc: " << message << '\n';
}

/// A folder of our own that goes away with us.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (fs::temp_directory_path() / "osmia-cc-XXXXXX").string();
        if (!mkdtemp(name.data())) throw std::runtime_error("cannot make a folder in " + name);
        path_ = name;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

/// One run: the sources, then the link, then the checks of the result.
class Build {
public:
    Build(const Request& request, const Sdk& sdk)
        : request_(request), sdk_(sdk), aliases_(temporary_.path() / "aliases", alias_folders()) {}

    int run() {
        if (!read_definition_files()) return 1;
        for (const Source& source : request_.sources) {
            if (int code = compile(source)) return code;
        }
        for (const std::string& warning : aliases_.warnings()) complain("warning: " + warning);
        return request_.compile_only ? 0 : link();
    }

private:
    std::vector<fs::path> alias_folders() const {
        std::vector<fs::path> folders = request_.include_folders;
        folders.push_back(sdk_.include_folder);
        return folders;
    }

    bool read_definition_files() {
        for (const fs::path& file : request_.definition_files) {
            auto text = read_file(file);
            if (!text) {
                complain("cannot read " + file.string());
                return false;
            }
            std::vector<Export> found = parse_definition_file(as_utf8(*text));
            exports_.insert(exports_.end(), found.begin(), found.end());
        }
        return true;
    }

    int compile(const Source& source) {
        auto bytes = read_file(source.path);
        if (!bytes) {
            complain("cannot read " + source.path.string());
            return 1;
        }
        std::string text = as_utf8(*bytes);
        aliases_.add_for(source.path, text);
        fs::path input = source.path;
        if (is_utf16(*bytes)) {
            input =
                temporary_.path() / (std::to_string(objects_.size()) + "-" + source.path.filename().string());
            write_file(input, text);
        }
        fs::path object = object_for(source);
        objects_.push_back(object.string());
        return execute(compile_command(source, input, object)).exit_code;
    }

    fs::path object_for(const Source& source) const {
        if (!request_.compile_only) return temporary_.path() / (std::to_string(objects_.size()) + ".o");
        return request_.output.empty() ? fs::path(source.path.stem().string() + ".o") : request_.output;
    }

    std::vector<std::string> compile_command(const Source& source, const fs::path& input,
                                             const fs::path& object) const {
        std::vector<std::string> command = compiler_command(source.language, exports_.empty());
        command.insert(command.end(), {"-I", aliases_.folder().string()});
        if (input != source.path) {
            command.insert(command.end(), {"-iquote", fs::absolute(source.path).parent_path().string()});
        }
        command.insert(command.end(), request_.compile_options.begin(), request_.compile_options.end());
        bool wants_warnings = std::any_of(request_.compile_options.begin(), request_.compile_options.end(),
                                          [](const std::string& option) { return option.starts_with("-W"); });
        if (!wants_warnings) command.push_back("-w");
        command.insert(command.end(),
                       {"-I", sdk_.include_folder.string(), "-c", input.string(), "-o", object.string()});
        return command;
    }

    int link() {
        Finished linked = execute(link_command(), Capture::Errors);
        std::cerr << linked.output;
        if (linked.exit_code == 0) return check_result();
        if (linked.output.find("`__wrap_") != std::string::npos) {
            complain(
                "a name behind __wrap_ is a wide function of glibc that has no 16-bit counterpart; "
                "WideCharToMultiByte and the narrow function do its work");
        }
        return linked.exit_code;
    }

    std::vector<std::string> link_command() const {
        std::vector<std::string> command = {"g++"};
        std::vector<std::string> options = linker_options();
        command.insert(command.end(), options.begin(), options.end());
        fs::path wraps = temporary_.path() / "wraps";
        write_file(wraps, wrap_options());
        command.push_back("-Wl,@" + wraps.string());
        for (const std::string& option : export_options()) command.push_back(option);
        command.insert(command.end(), {"-o", request_.output.string()});
        command.insert(command.end(), objects_.begin(), objects_.end());
        command.insert(command.end(), request_.link_inputs.begin(), request_.link_inputs.end());
        command.insert(command.end(),
                       {"-Wl,--no-as-needed", sdk_.runtime.string(), "-Wl,--as-needed", "-lm"});
        return command;
    }

    std::vector<std::string> export_options() const {
        if (exports_.empty()) return {};
        fs::path script = temporary_.path() / "exports";
        write_file(script, version_script(exports_));
        std::vector<std::string> options = {"-Wl,--version-script=" + script.string()};
        for (const Export& entry : exports_) {
            if (entry.internal_name != entry.name) {
                options.push_back("-Wl,--defsym=" + entry.name + "=" + entry.internal_name);
            }
            options.push_back("-Wl,--require-defined=" + entry.name);
        }
        return options;
    }

    int check_result() {
        std::string output = request_.output.string();
        auto wide =
            wide_cxx_symbols(execute({"nm", "-D", "--undefined-only", output}, Capture::Output).output);
        if (wide.empty()) return 0;
        for (const std::string& symbol : wide)
            complain("error: " + symbol + " of the C++ library has 32-bit characters");
        complain("std::wstring works here; wide streams, wide locales and their conversions do not exist");
        fs::remove(output);
        return 1;
    }

    Finished execute(const std::vector<std::string>& command, Capture capture = Capture::Nothing) const {
        if (request_.verbose) {
            for (const std::string& argument : command) std::cerr << argument << ' ';
            std::cerr << '\n';
        }
        Finished finished = osmia::cc::run(command, capture);
        if (finished.exit_code == 127)
            complain("cannot run " + command[0] + "; install Debian's package g++");
        return finished;
    }

    const Request& request_;
    const Sdk& sdk_;
    TemporaryFolder temporary_;
    IncludeAliases aliases_;
    std::vector<Export> exports_;
    std::vector<std::string> objects_;
};

}  // namespace

int build(const Request& request, const Sdk& sdk) {
    return Build(request, sdk).run();
}

}  // namespace osmia::cc
