// Log files: opened here, under the server's own identity, and written by the listener, which could not open them. They
// are never read.
#include <fcntl.h>
#include <sys/stat.h>

#include "base/files.h"
#include "supervisor/log_file_plan.h"
#include "supervisor/server.h"

namespace osmia::supervisor {

namespace {

/// The listener's id for the log of what it answers itself.
constexpr std::uint32_t ErrorLogSite = 0;
/// A listener that asks for the same log more often than this is not answered: it asks again by itself.
constexpr std::chrono::milliseconds MinLogInterval{20};
/// The same trouble with a log is told no more often.
constexpr std::chrono::minutes TroubleInterval{1};

Result<UniqueFd> open_log(const std::string& folder, const std::string& name) {
    OSMIA_TRY_VOID(make_directories(folder, 0750));
    UniqueFd fd(::open((folder + "/" + name).c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0640));
    if (!fd) return errno_error(folder + "/" + name);
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
        return make_error(ErrorKind::Invalid, "{}/{} is no regular file", folder, name);
    }
    return fd;
}

std::uint64_t size_of(const UniqueFd& fd) {
    struct stat status {};
    return ::fstat(fd.get(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

}  // namespace

std::string Server::log_title(std::uint32_t site_id) const {
    const auto* site = accepted_.find_site(site_id);
    return site_id == ErrorLogSite ? "the error log" : fmt::format("the access log of site {}", site == nullptr ? "?" : site->name);
}

void Server::on_listener(ListenerId id, const wire::LogWanted& message) {
    const auto now = EventLoop::Clock::now();
    const auto* site = accepted_.find_site(message.site_id);
    if (message.site_id != ErrorLogSite && (site == nullptr || !site->log_file.enabled)) return;
    LogNotes& notes = log_notes_[message.site_id];
    if (notes.listener == id && now - notes.opened < MinLogInterval) return;
    notes.listener = id;
    notes.opened = now;
    const LogFilePlan plan = message.site_id == ErrorLogSite
                                 ? plan_error_log(options_.folders.logs())
                                 : plan_access_log(site->log_file, site->id, options_.folders.logs(), ::time(nullptr));
    const auto file = open_log(plan.folder, plan.name.empty() ? choose_numbered(plan) : plan.name);
    if (!file.ok()) {
        tell_log_trouble(message.site_id, log_title(message.site_id) + " is not written: " + file.error().message);
        return;
    }
    const int fd = file.value().get();
    listeners_->send_to(id, wire::LogFile{message.site_id, plan.valid_until_s, plan.max_bytes, size_of(file.value())}, std::span(&fd, 1));
}

void Server::on_listener(const wire::LogLinesLost& message) {
    if (message.site_id != ErrorLogSite && accepted_.find_site(message.site_id) == nullptr) return;
    auto& lost = log_notes_[message.site_id].lost;
    lost += message.lines;
    if (tell_log_trouble(message.site_id, fmt::format("{} lacks {} lines that could not be written", log_title(message.site_id), lost))) lost = 0;
}

bool Server::tell_log_trouble(std::uint32_t site_id, const std::string& text) {
    const auto now = EventLoop::Clock::now();
    auto& told = log_notes_[site_id].told;
    if (told && now - *told < TroubleInterval) return false;
    told = now;
    output_.problem(text);
    return true;
}

}  // namespace osmia::supervisor
