/// \file
/// Server variables: what GetServerVariable() of ISAPI and IHttpContext answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "worker/pipeline/exchange.h"

namespace osmia::worker {

/// The value of a variable, in UTF-8. Nothing: there is no such variable (ERROR_INVALID_INDEX). Known
/// variables without a value, like those of a client certificate that was not sent, are empty texts. Names
/// compare without case. HTTP_NAME and HEADER_NAME give request headers; ALL_HTTP and ALL_RAW give all of
/// them. The prefix UNICODE_ is the caller's business.
std::optional<std::string> server_variable(Exchange& exchange, std::string_view name);

/// PATH_INFO and PATH_TRANSLATED as the handler wants them: with a script processor and without allowPathInfo
/// the whole URL path and the script's file, otherwise what follows the script and the file that would be.
std::string path_info_variable(Exchange& exchange);
std::string path_translated_variable(Exchange& exchange);

}  // namespace osmia::worker
