#include "static_compression/compressed_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include "compression/encoder.h"

namespace static_compression {

namespace {

/// Files whose uses are counted; when there are more, the counts begin anew.
constexpr std::size_t MaxCounted = 4096;
/// When the limit is passed, copies go until this share of it is left.
constexpr std::uint64_t KeepPercent = 90;

// Two FNV-1a sums: names of 128 bits that nobody has a reason to make collide.
std::string hash(std::string_view text) {
    std::uint64_t a = 14695981039346656037ULL, b = 0x9e3779b97f4a7c15ULL;
    for (const char c : text) {
        a = (a ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
        b = (b ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL + (b >> 29);
    }
    std::array<char, 33> out{};
    std::snprintf(out.data(), out.size(), "%016llx%016llx", static_cast<unsigned long long>(a), static_cast<unsigned long long>(b));
    return out.data();
}

bool write_all(int file, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file, bytes.data(), bytes.size());
        if (written <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

bool compress(int from, int to, const Wanted& wanted) {
    const auto encoder = compression::Encoder::create(wanted.scheme, wanted.level);
    if (encoder == nullptr) return false;
    std::array<char, 65536> buffer;
    std::string out;
    for (off_t at = 0;;) {
        const ssize_t got = ::pread(from, buffer.data(), buffer.size(), at);
        if (got < 0) return false;
        const auto after = got == 0 ? compression::Encoder::After::End : compression::Encoder::After::Nothing;
        if (!encoder->encode({buffer.data(), static_cast<std::size_t>(got)}, after, out) || !write_all(to, out)) return false;
        if (got == 0) return true;
        out.clear();
        at += got;
    }
}

}  // namespace

std::string Wanted::key() const {
    return hash(path + '\0' + etag + '\0' + std::to_string(level)) + "." + scheme;
}

CompressedFiles::CompressedFiles(std::string folder, std::uint64_t max_bytes) : folder_(std::move(folder)), max_bytes_(max_bytes) {
    ::mkdir(folder_.c_str(), 0700);
    struct stat facts {};
    works_ = ::lstat(folder_.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode) && facts.st_uid == ::geteuid() && (facts.st_mode & 022) == 0;
    if (works_) load();
}

// Copies of an earlier worker, and what one left unfinished.
void CompressedFiles::load() {
    DIR* const stream = ::opendir(folder_.c_str());
    if (stream == nullptr) return;
    while (const dirent* found = ::readdir(stream)) {
        const std::string name = found->d_name;
        struct stat facts {};
        if (::fstatat(::dirfd(stream), found->d_name, &facts, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(facts.st_mode)) continue;
        if (name.ends_with(".new")) {
            ::unlinkat(::dirfd(stream), found->d_name, 0);
        } else {
            add(name, static_cast<std::uint64_t>(facts.st_size));
        }
    }
    ::closedir(stream);
}

void CompressedFiles::add(const std::string& key, std::uint64_t size) {
    bytes_ += size;
    copies_[key] = {size, ++clock_};
    if (bytes_ <= max_bytes_) return;
    while (bytes_ > max_bytes_ / 100 * KeepPercent && !copies_.empty()) {
        const auto oldest = std::min_element(copies_.begin(), copies_.end(), [](const auto& a, const auto& b) {
            return a.second.last_use < b.second.last_use;
        });
        ::unlink(path_of(oldest->first).c_str());
        bytes_ -= oldest->second.size;
        copies_.erase(oldest);
    }
}

int CompressedFiles::open(const Wanted& wanted, std::uint64_t& size) {
    const std::string key = wanted.key();
    {
        const std::lock_guard lock(mutex_);
        const auto found = copies_.find(key);
        if (found == copies_.end()) return -1;
        found->second.last_use = ++clock_;
        size = found->second.size;
    }
    const int file = ::open(path_of(key).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat facts {};
    if (file >= 0 && ::fstat(file, &facts) == 0 && static_cast<std::uint64_t>(facts.st_size) == size) return file;
    if (file >= 0) ::close(file);
    const std::lock_guard lock(mutex_);
    if (const auto found = copies_.find(key); found != copies_.end()) {
        bytes_ -= found->second.size;
        copies_.erase(found);
    }
    return -1;
}

bool CompressedFiles::is_due(const Wanted& wanted, unsigned threshold, std::chrono::milliseconds period) {
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock(mutex_);
    if (uses_.size() >= MaxCounted) std::erase_if(uses_, [](const auto& entry) { return !entry.second.being_made; });
    Uses& uses = uses_[wanted.key()];
    if (uses.being_made) return false;
    if (uses.count == 0 || now - uses.since > period) uses = {0, now, false};
    if (++uses.count < threshold) return false;
    uses.being_made = true;
    return true;
}

void CompressedFiles::make(const Wanted& wanted, int file) {
    const std::string key = wanted.key(), unfinished = path_of(key) + ".new";
    const int to = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct stat facts {};
    const bool whole = to >= 0 && compress(file, to, wanted) && ::fstat(to, &facts) == 0;
    if (to >= 0) ::close(to);
    const bool there = whole && ::rename(unfinished.c_str(), path_of(key).c_str()) == 0;
    if (!there && to >= 0) ::unlink(unfinished.c_str());
    const std::lock_guard lock(mutex_);
    uses_.erase(key);
    if (there) add(key, static_cast<std::uint64_t>(facts.st_size));
}

}  // namespace static_compression
