#include "worker/module_host/extension_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "base/files.h"
#include "base/unique_fd.h"
#include "worker/module_host/sha256.h"
#include "worker/module_host/shared_object.h"

namespace osmia::worker {

namespace {

/// A file at rest for so long is taken for written.
constexpr long long RestMilliseconds = 200;
/// How often a file that changes is looked at again.
constexpr int ReadAttempts = 25;
constexpr timespec BetweenAttempts{0, 50'000'000};

long long nanoseconds(const timespec& time) {
    return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

FileState state_of(const struct stat& facts) {
    return {S_ISREG(facts.st_mode),       facts.st_dev,
            facts.st_ino,                 facts.st_size,
            nanoseconds(facts.st_mtim),   nanoseconds(facts.st_ctim)};
}

// Where the owner reads, the kernel knows whether somebody has it open for writing.
bool is_open_for_writing(const UniqueFd& file) {
    if (::fcntl(file.get(), F_SETLEASE, F_RDLCK) != 0) return errno == EAGAIN;
    ::fcntl(file.get(), F_SETLEASE, F_UNLCK);
    return false;
}

Result<std::vector<std::byte>> read_once(const std::string& path, bool& stable) {
    stable = false;
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    struct stat before, after;
    if (!file || ::fstat(file.get(), &before) != 0) return errno_error(path);
    if (!S_ISREG(before.st_mode)) return make_error(ErrorKind::Invalid, "{}: not a regular file", path);
    if (static_cast<std::size_t>(before.st_size) > MaxSharedObjectBytes)
        return make_error(ErrorKind::Invalid, "{}: too large", path);
    if (!is_settled(state_of(before), RestMilliseconds) || is_open_for_writing(file)) return std::vector<std::byte>{};
    std::vector<std::byte> bytes(static_cast<std::size_t>(before.st_size));
    std::size_t got = 0;
    while (got < bytes.size()) {
        const ssize_t count = ::read(file.get(), bytes.data() + got, bytes.size() - got);
        if (count < 0) return errno_error(path);
        if (count == 0) break;
        got += static_cast<std::size_t>(count);
    }
    stable = got == bytes.size() && ::fstat(file.get(), &after) == 0 && state_of(before) == state_of(after);
    return bytes;
}

}  // namespace

FileState file_state(const std::string& path) {
    struct stat facts;
    return ::stat(path.c_str(), &facts) == 0 ? state_of(facts) : FileState{};
}

bool is_settled(const FileState& state, long long milliseconds) {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    const long long age = nanoseconds(now) - std::max(state.modified, state.changed);
    // A time in the future is some other clock's: nothing follows from it.
    return age < 0 || age >= milliseconds * 1'000'000;
}

bool DeployedFiles::has(const std::string& path) {
    return file_state(path).exists;
}

Result<std::vector<std::byte>> DeployedFiles::read(const std::string& path) {
    for (int attempt = 0; attempt < ReadAttempts; ++attempt) {
        bool stable = false;
        auto bytes = OSMIA_TRY(read_once(path, stable));
        if (stable) return bytes;
        ::nanosleep(&BetweenAttempts, nullptr);
    }
    return make_error(ErrorKind::Busy, "{}: the file is being written", path);
}

bool StoredFiles::has(const std::string& path) {
    return std::any_of(extension_.files.begin(), extension_.files.end(),
                       [&](const wire::StoredFile& file) { return file.path == path; });
}

Result<std::vector<std::byte>> StoredFiles::read(const std::string& path) {
    const auto file = std::find_if(extension_.files.begin(), extension_.files.end(),
                                   [&](const wire::StoredFile& one) { return one.path == path; });
    if (file == extension_.files.end() || !wire::is_hash(file->hash))
        return make_error(ErrorKind::NotFound, "{}: there is no copy", path);
    const auto text = OSMIA_TRY(read_file(folder_ + "/" + file->hash, wire::MaxExtensionBytes));
    const auto bytes = std::as_bytes(std::span(text));
    if (sha256_hex(bytes) != file->hash) return make_error(ErrorKind::Invalid, "{}: its copy is damaged", path);
    return std::vector<std::byte>(bytes.begin(), bytes.end());
}

wire::ExtensionManifest read_manifest(const std::string& folder) {
    if (folder.empty()) return {};
    const auto text = read_file(folder + "/" + wire::ExtensionManifestName);
    if (!text.ok()) return {};
    auto manifest = wire::decode<wire::ExtensionManifestFile>(std::as_bytes(std::span(text.value())));
    return manifest.ok() ? std::get<0>(std::move(manifest).value()) : wire::ExtensionManifest{};
}

}  // namespace osmia::worker
