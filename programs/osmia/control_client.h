/// \file
/// Commands to a running server, over its control socket.
#pragma once

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "osmia/arguments.h"

namespace osmia::command {

/// Asks the server on a state folder (nothing: the usual one). NotFound: none runs there.
Result<nlohmann::ordered_json> ask_server(const std::optional<std::string>& state, const nlohmann::ordered_json& request);

/// Sends the command, shows the answer, returns the exit status.
int run_control(const ControlArguments& arguments);

}  // namespace osmia::command
