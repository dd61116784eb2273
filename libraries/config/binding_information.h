/// \file
/// The bindingInformation of an http binding: `IP:PORT:HOST`, `*:PORT:HOST`, `[IPv6]:PORT:HOST` or `unix:PATH`.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "config/server_configuration.h"

namespace osmia::config {

/// A path in a unix binding may be this long: what the kernel's socket address holds, without the ending zero.
inline constexpr std::size_t max_unix_path = 107;
/// A host name may be this long (RFC 1035 section 2.3.4).
inline constexpr std::size_t max_host_name = 253;

/// Parses the text of an http binding. The error says which part is wrong.
Result<Binding> parse_binding_information(std::string_view text);

/// The text of a binding, as parse_binding_information takes it.
std::string format_binding_information(const Binding& binding);

}  // namespace osmia::config
