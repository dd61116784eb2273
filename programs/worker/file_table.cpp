#include "worker/file_table.h"

#include <sys/stat.h>

namespace osmia::worker {

FileTable::Entry* FileTable::reusable_entry() {
    Entry* oldest = nullptr;
    for (Entry& entry : entries_) {
        if (!entry.used) return &entry;
        if (oldest != nullptr && entry.last_use > oldest->last_use) continue;
        std::erase_if(entry.marks, [this](const auto& mark) { return consumed_(mark); });
        if (entry.marks.empty()) oldest = &entry;
    }
    return oldest;
}

FileTable::Entry* FileTable::find_or_pass(int fd) {
    struct stat facts;
    if (::fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode)) return nullptr;
    // The listener keeps the size it saw, so a file that has changed is another one.
    for (Entry& entry : entries_) {
        if (entry.used && entry.inode == facts.st_ino && entry.device == facts.st_dev &&
            entry.size == facts.st_size && entry.seconds == facts.st_mtim.tv_sec &&
            entry.nanoseconds == facts.st_mtim.tv_nsec) {
            return &entry;
        }
    }
    Entry* entry = reusable_entry();
    if (entry == nullptr) return nullptr;
    const auto id = static_cast<std::uint32_t>(entry - entries_.data());
    if (!pass_(id, entry->generation + 1, fd).ok()) return nullptr;
    *entry = {true,
              facts.st_dev,
              facts.st_ino,
              facts.st_size,
              facts.st_mtim.tv_sec,
              facts.st_mtim.tv_nsec,
              entry->generation + 1,
              0,
              {}};
    return entry;
}

bool FileTable::with_number(int fd, const std::function<wire::WorkerEnd::WriteMark(Number)>& use) {
    /// Marks of a much used file are tidied when there are so many.
    constexpr std::size_t MarkLimit = 64;
    const std::lock_guard lock(mutex_);
    Entry* entry = find_or_pass(fd);
    if (entry == nullptr) return false;
    entry->last_use = ++clock_;
    if (entry->marks.size() >= MarkLimit)
        std::erase_if(entry->marks, [this](const auto& mark) { return consumed_(mark); });
    entry->marks.push_back(use({static_cast<std::uint32_t>(entry - entries_.data()), entry->generation}));
    return true;
}

}  // namespace osmia::worker
