#include "worker/pipeline/file_cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "http/date.h"
#include "worker/pipeline/beneath.h"

namespace osmia::worker {

namespace {

bool same_time(const timespec& a, const timespec& b) {
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool same_file(const struct stat& a, const struct stat& b) {
    return a.st_ino == b.st_ino && a.st_dev == b.st_dev && a.st_size == b.st_size && a.st_mode == b.st_mode &&
           same_time(a.st_mtim, b.st_mtim) && same_time(a.st_ctim, b.st_ctim);
}

// Time stamps advance in steps of a few milliseconds, and some file systems' in steps of two seconds.
bool is_young(const struct stat& facts) {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec - facts.st_ctim.tv_sec <= 2;
}

void describe(SiteFile& file) {
    std::array<char, http::DateLength> date{};
    http::format_date(file.facts.st_mtim.tv_sec, date);
    file.last_modified.assign(date.data(), date.size());
    const auto stamp = static_cast<std::uint64_t>(file.facts.st_mtim.tv_sec) * 1'000'000'000u +
                       static_cast<std::uint64_t>(file.facts.st_mtim.tv_nsec);
    file.etag = fmt::format("\"{:x}:{:x}\"", stamp, static_cast<std::uint64_t>(file.facts.st_size));
}

void read_content(SiteFile& file) {
    const auto size = static_cast<std::size_t>(file.facts.st_size);
    if (!S_ISREG(file.facts.st_mode) || size > MaxCachedContent) return;
    file.content.resize(size);
    const ssize_t got = size == 0 ? 0 : ::pread(file.fd.get(), file.content.data(), size, 0);
    struct stat after {};
    // What changes while it is read is left to whoever sends it.
    file.has_content = got == file.facts.st_size && ::fstat(file.fd.get(), &after) == 0 && same_file(after, file.facts);
    if (file.has_content) file.fd.reset();
}

}  // namespace

std::size_t FileCache::hash(const std::string& root, std::string_view relative) {
    return std::hash<std::string>()(root) * 31 + std::hash<std::string_view>()(relative);
}

std::shared_ptr<const SiteFile> FileCache::find(const std::string& root, std::string_view relative, Clock::time_point now) {
    const std::size_t key = hash(root, relative);
    std::shared_ptr<const SiteFile> known;
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = entries_.find(key);
            found != entries_.end() && found->second.relative == relative && found->second.root == root) {
            if (now - found->second.checked < Lifetime) return found->second.file;
            if (!found->second.young) known = found->second.file;
        }
    }
    auto file = std::make_shared<SiteFile>();
    file->fd = open_beneath(root, relative, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (!file->fd || ::fstat(file->fd.get(), &file->facts) != 0) return nullptr;
    if (!S_ISREG(file->facts.st_mode) && !S_ISDIR(file->facts.st_mode)) {
        errno = ENOENT;
        return nullptr;
    }
    Entry entry{root, std::string(relative), nullptr, now, is_young(file->facts)};
    if (known != nullptr && same_file(known->facts, file->facts)) {
        entry.file = std::move(known);
    } else {
        read_content(*file);
        describe(*file);
        if (S_ISDIR(file->facts.st_mode)) return file;
        entry.file = std::move(file);
    }
    auto result = entry.file;
    store(key, std::move(entry));
    return result;
}

void FileCache::drop(const SiteFile& file) {
    bytes_ -= file.content.size();
    descriptors_ -= file.fd ? 1 : 0;
}

void FileCache::store(std::size_t key, Entry entry) {
    const std::lock_guard lock(mutex_);
    const bool full = entries_.size() >= MaxCachedFiles || bytes_ + entry.file->content.size() > MaxCachedFileBytes ||
                      descriptors_ >= MaxCachedDescriptors;
    if (full) {
        entries_.clear();
        bytes_ = descriptors_ = 0;
    }
    Entry& place = entries_[key];
    if (place.file != nullptr) drop(*place.file);
    bytes_ += entry.file->content.size();
    descriptors_ += entry.file->fd ? 1 : 0;
    place = std::move(entry);
}

void FileCache::forget(Clock::time_point before) {
    const std::lock_guard lock(mutex_);
    std::erase_if(entries_, [&](const auto& one) {
        if (one.second.checked >= before) return false;
        drop(*one.second.file);
        return true;
    });
}

}  // namespace osmia::worker
