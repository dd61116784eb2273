/// \file
/// How one of Osmia's programs starts another: the contract between spawn and main().
///
/// The child's control socket is descriptor 3 (an AF_UNIX SOCK_SEQPACKET end, non-blocking); no other descriptor beyond
/// 2 is open. Standard input is /dev/null; a worker's standard output and error are pipes that the supervisor reads, the
/// others' are the server's own. The child leads a session of its own, has default signal actions and an empty signal
/// mask. Command lines, for people who look at `ps` only: `osmia-listener http`, `osmia-worker POOL`. End of file on the
/// control socket tells a worker or a listener to finish what it has and exit.
///
/// Environment: OSMIA_CONTROL_FD is "3". A worker also has OSMIA_POOL (the pool's name), OSMIA_DATA (the folder under
/// which each application has its own, see application_data_folder()), in a pool with one application also
/// OSMIA_APPLICATION_DATA (that folder), TMPDIR (a folder of this process, removed after its death) and the pool's
/// <environmentVariables>.
#pragma once

#include <string>
#include <string_view>

namespace osmia::wire {

/// The child's end of its control socket.
inline constexpr int ControlDescriptor = 3;

/// A site's name or an application's path ("/", "/shop/api") as one file name: "/" is "ROOT", further slashes, percent
/// signs and a leading dot are percent-encoded, so that two names never meet.
inline std::string data_folder_name(std::string_view name) {
    if (name == "/") return "ROOT";
    if (name.starts_with('/')) name.remove_prefix(1);
    std::string text;
    for (const char c : name) {
        constexpr const char* Digits = "0123456789ABCDEF";
        const auto code = static_cast<unsigned char>(c);
        const bool plain = c != '/' && c != '%' && code >= 0x20 && !(c == '.' && text.empty());
        if (plain) {
            text += c;
        } else {
            text += '%';
            text += Digits[code >> 4];
            text += Digits[code & 15];
        }
    }
    return text == "ROOT" ? "%52OOT" : text;
}

/// The folder that an application may write to: \a data is OSMIA_DATA.
inline std::string application_data_folder(const std::string& data, std::string_view site, std::string_view application) {
    return data + "/" + data_folder_name(site) + "/" + data_folder_name(application);
}

}  // namespace osmia::wire
