#include "state/serve_options.h"

#include <array>
#include <utility>

namespace osmia::state {

namespace {

constexpr std::array<std::pair<std::string_view, ServeSource>, 3> Sources{{
    {"--config", ServeSource::ConfigurationFile},
    {"--folder", ServeSource::Folder},
    {"--extension", ServeSource::Extension},
}};

bool take_source(ServeOptions& options, const std::string& name, const std::string& value) {
    for (const auto& [argument, source] : Sources) {
        if (name != argument) continue;
        options.source = source;
        options.path = value;
        return true;
    }
    return false;
}

}  // namespace

bool ServeOptions::operator==(const ServeOptions& other) const {
    return folders.runtime == other.folders.runtime && folders.lasting == other.folders.lasting &&
           source == other.source && path == other.path && listen == other.listen &&
           watch == other.watch;
}

std::vector<std::string> to_arguments(const ServeOptions& options) {
    std::vector<std::string> arguments{"--runtime", options.folders.runtime, "--lasting", options.folders.lasting};
    for (const auto& [argument, source] : Sources) {
        if (source != options.source) continue;
        arguments.emplace_back(argument);
        arguments.push_back(options.path);
    }
    for (const auto& address : options.listen) {
        arguments.emplace_back("--listen");
        arguments.push_back(address);
    }
    if (!options.watch) arguments.insert(arguments.end(), {"--watch", "no"});
    return arguments;
}

Result<ServeOptions> from_arguments(std::span<const std::string> arguments) {
    ServeOptions options;
    if (arguments.size() % 2 != 0) return make_error(ErrorKind::Invalid, "an argument lacks its value");
    for (std::size_t i = 0; i < arguments.size(); i += 2) {
        const std::string& name = arguments[i];
        const std::string& value = arguments[i + 1];
        if (name == "--runtime") {
            options.folders.runtime = value;
        } else if (name == "--lasting") {
            options.folders.lasting = value;
        } else if (name == "--listen") {
            options.listen.push_back(value);
        } else if (name == "--watch" && value == "no") {
            options.watch = false;
        } else if (!take_source(options, name, value)) {
            return make_error(ErrorKind::Invalid, "unknown argument {}", name);
        }
    }
    if (options.folders.runtime.empty() || options.folders.lasting.empty() || options.path.empty()) {
        return make_error(ErrorKind::Invalid, "--runtime, --lasting and one of --config, --folder, --extension are needed");
    }
    return options;
}

}  // namespace osmia::state
