/// \file
/// The variables that a gateway program gets (RFC 3875 section 4.1, and what PHP and others expect beside it).
#pragma once

#include <osmia_host.h>

#include <string>
#include <utility>
#include <vector>

namespace gateway {

using Variables = std::vector<std::pair<std::string, std::string>>;

/// Of one request. A Proxy header is left out (HTTP_PROXY would set a program's proxy), and so are headers with '_' in
/// their name, which could pass for others.
Variables request_variables(IHttpContext& context, IOsmiaContext& face);

/// The worker's environment without what is only the worker's.
Variables process_variables();

}  // namespace gateway
