// Log files: opened here, under the server's own identity, and written by the listener, which could not open them.
#include <fcntl.h>

#include "base/files.h"
#include "supervisor/server.h"

namespace osmia::supervisor {

namespace {

/// The listener's id for the log of what it answers itself.
constexpr std::uint32_t ErrorLogSite = 0;

Result<UniqueFd> open_log(const std::string& folder, const std::string& name) {
    OSMIA_TRY_VOID(make_directories(folder, 0750));
    UniqueFd fd(::open((folder + "/" + name).c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640));
    if (!fd) return errno_error(folder + "/" + name);
    return fd;
}

}  // namespace

// Also after SIGUSR1: whoever rotates the files has renamed the old ones.
void Server::send_logs() {
    const auto log = open_log(options_.folders.logs() + "/HTTPERR", "httperr.log");
    if (!log.ok()) return output_.problem("no error log is written: " + log.error().message);
    const int fd = log.value().get();
    listeners_->send(wire::LogFile{ErrorLogSite}, std::span(&fd, 1));
}

}  // namespace osmia::supervisor
