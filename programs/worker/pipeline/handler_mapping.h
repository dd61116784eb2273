/// \file
/// From a request to the <handlers> entry that serves it, as IIS 7 does: the first entry whose verb, path and
/// resource type fit wins; access is judged afterwards.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "config/effective_configuration.h"

namespace osmia::worker {

enum class FileKind : std::uint8_t { Missing, File, Directory };

/// The handler of a request, or the status that refuses it.
struct HandlerMapping {
    const config::Handler* handler = nullptr;  ///< lives as long as the HandlersSection
    std::size_t script_length = 0;  ///< bytes of the URL path that name the script; the rest is the path info
    FileKind kind = FileKind::Missing;  ///< of the script, when the entry asked for it
    std::uint16_t status = 0;           ///< 0: there is a handler
    std::uint16_t substatus = 0;
};

/// What is at a prefix of the URL path (its first \a length bytes). Asked only when an entry's resource type
/// needs it.
using FileProbe = std::function<FileKind(std::size_t length)>;

/// Chooses the handler. \a is_local: the client is on this machine (the NoRemote bits of accessPolicy).
///
/// Refusals: 403.1 (execute or script access missing), 403.2 (read), 403.3 (write), 404.0 (nothing there, or
/// nothing that serves it), 405.0 (an entry for that path exists, but not for the verb).
///
/// \a after names an entry: only those behind it are asked. What a wildcard handler that passes a request on
/// wants (HSE_EXEC_URL_IGNORE_CURRENT_INTERCEPTOR); no such entry: all are.
HandlerMapping map_handler(const config::HandlersSection& section, std::string_view method,
                           std::string_view url_path, const FileProbe& probe, bool is_local,
                           std::string_view after = {});

/// Matches \a text against a pattern with '*' for any run of characters; letters in any case.
bool matches_wildcard(std::string_view pattern, std::string_view text);

}  // namespace osmia::worker
