/// \file
/// The guestbook's entries in their SQLite file.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

struct sqlite3;

namespace guestbook {

constexpr size_t MaxEntriesKept = 1000;  ///< the oldest go

struct Entry {
    std::string name;
    std::string message;
    std::string written_at;  ///< UTC, as 2026-01-31T12:00:00Z
};

/// The open database. Every function may be called by any thread, by workers that overlap too.
class Entries {
public:
    /// Opens or makes guestbook.sqlite in \a folder. Check error().
    explicit Entries(const std::string& folder);

    /// Empty as long as everything went well; else why the database cannot be used.
    const std::string& error() const { return error_; }
    /// Keeps an entry, with the present time. False when the database refuses.
    bool add(const std::string& name, const std::string& message);
    /// The newest \a count entries, newest first. False when they cannot be read.
    bool read_newest(size_t count, std::vector<Entry>& entries);

private:
    struct Close {
        void operator()(sqlite3* database) const;
    };

    bool execute(const char* sql);

    std::mutex mutex_;
    std::unique_ptr<sqlite3, Close> database_;
    std::string error_;
};

}  // namespace guestbook
