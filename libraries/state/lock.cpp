#include "state/lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "base/files.h"

namespace osmia::state {

namespace {

Error held_error(const std::string& path) {
    const std::string folder = path.substr(0, path.rfind('/'));
    auto holder = read_file(path, 32);
    std::string pid = holder.ok() ? std::move(holder).value() : std::string();
    while (!pid.empty() && pid.back() == '\n') pid.pop_back();
    return make_error(ErrorKind::Busy, "{} is in use by the server with pid {}", folder, pid.empty() ? "(unknown)" : pid);
}

}  // namespace

Result<UniqueFd> take_lock(const std::string& path, pid_t pid) {
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!fd) return errno_error(path);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK ? held_error(path) : errno_error(path);
    }
    if (::ftruncate(fd.get(), 0) != 0) return errno_error(path);
    OSMIA_TRY_VOID(write_all(fd, fmt::format("{}\n", pid)));
    return fd;
}

}  // namespace osmia::state
