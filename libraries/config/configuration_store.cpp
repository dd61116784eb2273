#include "config/configuration_store.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>

#include "base/files.h"
#include "config/xml_document.h"

namespace osmia::config {
namespace {

constexpr int max_tries = 10;

Result<std::string> real_path(const std::string& path) {
    char buffer[PATH_MAX];
    if (::realpath(path.c_str(), buffer) != nullptr) return std::string(buffer);
    if (errno != ENOENT) return errno_error(path);
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    if (::realpath(folder.c_str(), buffer) == nullptr) return errno_error(folder);
    return std::string(buffer) + '/' + path.substr(slash == std::string::npos ? 0 : slash + 1);
}

Result<UniqueFd> lock_folder(const std::string& folder) {
    UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return errno_error(folder);
    const auto deadline = std::chrono::steady_clock::now() + max_wait_for_writers;
    while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) return errno_error(folder);
        if (std::chrono::steady_clock::now() > deadline) {
            return make_error(ErrorKind::Busy, "{}: another writer has held the folder for {} s", folder, max_wait_for_writers.count());
        }
        constexpr int retry_milliseconds = 2;
        ::poll(nullptr, 0, retry_milliseconds);
    }
    return fd;
}

bool is_same(const struct stat& left, const struct stat& right) {
    return left.st_dev == right.st_dev && left.st_ino == right.st_ino && left.st_size == right.st_size &&
           left.st_mtim.tv_sec == right.st_mtim.tv_sec && left.st_mtim.tv_nsec == right.st_mtim.tv_nsec;
}

/// The state of a file; st_ino 0 when there is none.
Result<struct stat> state_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0) return status;
    if (errno != ENOENT) return errno_error(path);
    status = {};
    return status;
}

/// Writes a file that is not yet there under its name.
Result<void> write_beside(const std::string& temporary, BorrowedFd fd, std::string_view bytes, const struct stat& old, unsigned mode) {
    OSMIA_TRY_VOID(write_all(fd, bytes));
    if (old.st_ino != 0 && (old.st_uid != ::geteuid() || old.st_gid != ::getegid())) {
        if (::fchown(fd.get(), old.st_uid, old.st_gid) != 0) return errno_error(temporary);
    }
    if (::fchmod(fd.get(), old.st_ino != 0 ? old.st_mode & 07777 : mode) != 0) return errno_error(temporary);
    if (::fsync(fd.get()) != 0) return errno_error(temporary);
    return {};
}

enum class Replaced { Yes, ChangedMeanwhile };

Result<Replaced> replace(const std::string& path, std::string_view bytes, const struct stat& old, BorrowedFd folder, unsigned mode) {
    std::string temporary = path + ".XXXXXX";
    const UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!fd) return errno_error(temporary);
    auto written = write_beside(temporary, fd, bytes, old, mode);
    const auto now = written.ok() ? state_of(path) : Result<struct stat>(written.error());
    if (now.ok() && is_same(now.value(), old)) {
        if (::rename(temporary.c_str(), path.c_str()) == 0) {
            ::fsync(folder.get());
            return Replaced::Yes;
        }
        written = errno_error(path);
    }
    ::unlink(temporary.c_str());
    if (!now.ok()) return now.error();
    if (!written.ok()) return written.error();
    return Replaced::ChangedMeanwhile;
}

}  // namespace

Result<void> change_file(const std::string& given_path, const FileChange& change, unsigned mode) {
    const std::string path = OSMIA_TRY(real_path(given_path));
    const UniqueFd folder = OSMIA_TRY(lock_folder(path.substr(0, path.rfind('/') + 1)));
    for (int count = 0; count < max_tries; ++count) {
        const struct stat old = OSMIA_TRY(state_of(path));
        const std::string bytes = old.st_ino == 0 ? std::string() : OSMIA_TRY(read_file(path, max_configuration_bytes));
        const std::string changed = OSMIA_TRY(change(bytes));
        if (old.st_ino != 0 && changed == bytes) return {};
        if (OSMIA_TRY(replace(path, changed, old, folder, mode)) == Replaced::Yes) return {};
    }
    return make_error(ErrorKind::Busy, "{}: somebody else keeps changing the file", path);
}

}  // namespace osmia::config
