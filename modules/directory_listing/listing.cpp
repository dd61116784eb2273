#include "directory_listing/listing.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

namespace directory_listing {

namespace {

// What an URL for that name would open.
bool look_at(int folder, const char* name, struct stat& facts) {
    open_how how{};
    how.flags = O_PATH | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    const auto file = static_cast<int>(::syscall(SYS_openat2, folder, name, &how, sizeof how));
    if (file < 0) return false;
    const bool known = ::fstat(file, &facts) == 0;
    ::close(file);
    return known;
}

}  // namespace

bool read_listing(int folder, const std::function<bool(const std::string& name)>& is_hidden, Listing& listing) {
    const int own = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR* const stream = own < 0 ? nullptr : ::fdopendir(own);
    if (stream == nullptr) {
        if (own >= 0) ::close(own);
        return false;
    }
    while (const dirent* found = ::readdir(stream)) {
        Entry entry;
        entry.name = found->d_name;
        if (entry.name.front() == '.' || is_hidden(entry.name)) continue;
        struct stat facts {};
        if (!look_at(folder, found->d_name, facts)) continue;
        entry.folder = S_ISDIR(facts.st_mode);
        if (!entry.folder && !S_ISREG(facts.st_mode)) continue;
        if (listing.entries.size() == MaxEntries) {
            listing.truncated = true;
            break;
        }
        entry.size = static_cast<std::uint64_t>(facts.st_size);
        entry.modified = facts.st_mtim.tv_sec;
        listing.entries.push_back(std::move(entry));
    }
    ::closedir(stream);
    return true;
}

void sort_listing(Listing& listing, SortBy by, bool descending) {
    const auto less = [by](const Entry& a, const Entry& b) {
        if (by == SortBy::Size && a.size != b.size) return a.size < b.size;
        if (by == SortBy::Modified && a.modified != b.modified) return a.modified < b.modified;
        return a.name < b.name;
    };
    std::sort(listing.entries.begin(), listing.entries.end(), [&](const Entry& a, const Entry& b) {
        if (a.folder != b.folder) return a.folder;
        return descending ? less(b, a) : less(a, b);
    });
}

}  // namespace directory_listing
