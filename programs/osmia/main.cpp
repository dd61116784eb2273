/// \file
/// osmia: what people type.
///
/// Privileges: the caller's. Opens: the control socket of a running server, or, for `serve`, the state folder and its
/// lock, and then becomes osmia-guardian; configuration files for the verbs that change them. Called appcmd, it speaks IIS's
/// command line. Loads nothing. Exit statuses: exit_status.h.
#include <unistd.h>

#include <cstdio>
#include <string_view>

#include "osmia/appcmd.h"
#include "osmia/arguments.h"
#include "osmia/check.h"
#include "osmia/control_client.h"
#include "osmia/exit_status.h"
#include "osmia/serve.h"

int main(int argc, char** argv) {
    using namespace osmia::command;
    const std::string_view name = argc > 0 ? argv[0] : "";
    if (name.substr(name.rfind('/') + 1) == "appcmd") return run_appcmd({argv + 1, argv + argc});
    const Arguments arguments = parse_arguments(argc, argv);
    if (const auto* serve = std::get_if<ServeArguments>(&arguments)) return run_serve(*serve);
    if (const auto* check = std::get_if<CheckArguments>(&arguments)) return run_check(*check);
    if (const auto* probe = std::get_if<ProbeArguments>(&arguments)) return run_probe(*probe);
    if (const auto* control = std::get_if<ControlArguments>(&arguments)) return run_control(*control);
    if (const auto* edit = std::get_if<EditArguments>(&arguments)) return run_edit(*edit);
    const auto& exit = std::get<Exit>(arguments);
    std::fputs(exit.text.c_str(), exit.status == Done ? stdout : stderr);
    return exit.status;
}
