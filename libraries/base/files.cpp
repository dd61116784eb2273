#include "base/files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <climits>

namespace osmia {

Result<std::string> read_file(const std::string& path, std::size_t limit) {
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd) return errno_error(path);
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) return errno_error(path);
    if (!S_ISREG(status.st_mode)) return make_error(ErrorKind::Invalid, "{}: not a regular file", path);
    std::string content;
    char buffer[64 * 1024];
    for (;;) {
        const ssize_t size = ::read(fd.get(), buffer, sizeof buffer);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return errno_error(path);
        if (size == 0) return content;
        content.append(buffer, static_cast<std::size_t>(size));
        if (content.size() > limit) return make_error(ErrorKind::Invalid, "{}: larger than {} bytes", path, limit);
    }
}

Result<void> write_all(BorrowedFd fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t size = ::write(fd.get(), text.data(), text.size());
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return errno_error("write");
        text.remove_prefix(static_cast<std::size_t>(size));
    }
    return {};
}

Result<void> replace_file(const std::string& path, std::string_view content, unsigned mode) {
    std::string temporary = path + ".XXXXXX";
    UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!fd) return errno_error(temporary);
    auto written = write_all(fd, content);
    if (written.ok() && (::fchmod(fd.get(), mode) != 0 || ::fsync(fd.get()) != 0 ||
                         ::rename(temporary.c_str(), path.c_str()) != 0)) {
        written = errno_error(path);
    }
    if (!written.ok()) ::unlink(temporary.c_str());
    return written;
}

Result<void> make_directories(const std::string& path, unsigned mode) {
    for (std::size_t end = path.find('/', 1); end != std::string::npos; end = path.find('/', end + 1)) {
        const std::string parent = path.substr(0, end);
        if (::mkdir(parent.c_str(), 0755) != 0 && errno != EEXIST) return errno_error(parent);
    }
    if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) return errno_error(path);
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return errno_error(path);
    if (!S_ISDIR(status.st_mode)) return make_error(ErrorKind::Invalid, "{}: not a folder", path);
    return {};
}

Result<std::string> executable_folder() {
    char buffer[PATH_MAX];
    const ssize_t size = ::readlink("/proc/self/exe", buffer, sizeof buffer);
    if (size <= 0) return errno_error("/proc/self/exe");
    const std::string path(buffer, static_cast<std::size_t>(size));
    return path.substr(0, path.rfind('/'));
}

}  // namespace osmia
