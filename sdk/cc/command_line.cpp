#include "command_line.h"

#include <algorithm>
#include <array>

namespace osmia::cc {

namespace {

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    return text;
}

bool is_one_of(const std::string& text, std::initializer_list<const char*> list) {
    return std::any_of(list.begin(), list.end(), [&](const char* entry) { return text == entry; });
}

bool begins_with_one_of(const std::string& text, std::initializer_list<const char*> list) {
    return std::any_of(list.begin(), list.end(), [&](const char* entry) { return text.starts_with(entry); });
}

/// Goes through the arguments once.
class Parser {
public:
    explicit Parser(const std::vector<std::string>& arguments) : arguments_(arguments) {}

    std::optional<Request> run(std::string& error) {
        while (next_ < arguments_.size() && error_.empty()) {
            const std::string& argument = arguments_[next_++];
            if (argument.starts_with("-") && argument != "-") {
                option(argument);
            } else {
                file(argument);
            }
        }
        if (error_.empty()) finish();
        error = error_;
        if (!error_.empty()) return std::nullopt;
        return std::move(request_);
    }

private:
    std::string value_of(const std::string& option) {
        if (next_ < arguments_.size()) return arguments_[next_++];
        error_ = option + " needs a value";
        return {};
    }

    void option(const std::string& argument) {
        if (argument == "-o") {
            request_.output = value_of(argument);
        } else if (argument == "-c") {
            request_.compile_only = true;
        } else if (argument == "-v") {
            request_.verbose = true;
        } else if (argument == "--help") {
            request_.help = true;
        } else if (argument == "--version") {
            request_.version = true;
        } else if (argument == "-shared" || argument == "-fPIC" || argument == "-fpic") {
            // always so
        } else if (!include_option(argument)) {
            other_option(argument);
        }
    }

    bool include_option(const std::string& argument) {
        for (const char* name : {"-isystem", "-iquote", "-idirafter", "-I"}) {
            if (!argument.starts_with(name)) continue;
            std::string folder = argument.substr(std::string(name).size());
            if (folder.empty()) folder = value_of(argument);
            request_.include_folders.push_back(folder);
            request_.compile_options.insert(request_.compile_options.end(), {name, folder});
            return true;
        }
        return false;
    }

    void other_option(const std::string& argument) {
        if (is_one_of(argument, {"-l", "-L", "-Xlinker", "-u", "-T"})) {
            request_.link_inputs.push_back(argument);
            request_.link_inputs.push_back(value_of(argument));
        } else if (is_one_of(argument, {"-D", "-U", "-include", "-imacros", "-x"})) {
            request_.compile_options.push_back(argument);
            request_.compile_options.push_back(value_of(argument));
        } else if (begins_with_one_of(argument,
                                      {"-l", "-L", "-Wl,", "-u", "-static", "-nostd", "-rdynamic"})) {
            request_.link_inputs.push_back(argument);
        } else if (begins_with_one_of(argument, {"-fsanitize", "-pthread", "--coverage", "-flto"})) {
            request_.compile_options.push_back(argument);
            request_.link_inputs.push_back(argument);
        } else {
            request_.compile_options.push_back(argument);
        }
    }

    void file(const std::string& argument) {
        std::filesystem::path path = argument;
        std::string ending = lower(path.extension().string());
        if (auto language = language_of(path)) {
            request_.sources.push_back({path, *language});
        } else if (ending == ".def") {
            request_.definition_files.push_back(path);
        } else if (is_one_of(ending, {".o", ".obj", ".a", ".so", ".lo"}) ||
                   argument.find(".so.") != std::string::npos) {
            request_.link_inputs.push_back(argument);
        } else {
            error_ = argument + ": neither a source (.c .cpp .cxx .cc), an object, a library nor a .def file";
        }
    }

    void finish() {
        if (request_.help || request_.version) return;
        if (request_.sources.empty() && (request_.compile_only || request_.link_inputs.empty())) {
            error_ = "no source file";
        } else if (request_.compile_only && request_.sources.size() > 1 && !request_.output.empty()) {
            error_ = "-o with -c takes one source file";
        } else if (request_.output.empty() && !request_.compile_only) {
            default_output();
        }
    }

    void default_output() {
        if (request_.sources.empty()) {
            error_ = "-o is needed";
            return;
        }
        request_.output = request_.sources.front().path.stem().string() + ".so";
    }

    const std::vector<std::string>& arguments_;
    size_t next_ = 0;
    Request request_;
    std::string error_;
};

}  // namespace

std::optional<Language> language_of(const std::filesystem::path& file) {
    std::string ending = lower(file.extension().string());
    if (ending == ".c") return Language::C;
    if (is_one_of(ending, {".cpp", ".cxx", ".cc", ".c++"})) return Language::Cxx;
    return std::nullopt;
}

std::optional<Request> parse_command_line(const std::vector<std::string>& arguments, std::string& error) {
    return Parser(arguments).run(error);
}

}  // namespace osmia::cc
