#include "entries.h"

#include <sqlite3.h>

namespace guestbook {

namespace {

constexpr int BusyWaitMilliseconds = 5000;  // another worker of the pool may be writing

constexpr const char* kPrepare =
    "PRAGMA journal_mode = WAL;"
    "CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY, name TEXT NOT NULL, message TEXT NOT NULL,"
    " written_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')));";

struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

Statement prepare(sqlite3* database, const char* sql) {
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(database, sql, -1, &statement, nullptr);
    return Statement(statement);
}

void bind(const Statement& statement, int position, const std::string& text) {
    sqlite3_bind_text(statement.get(), position, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

std::string column(const Statement& statement, int number) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement.get(), number));
    return text ? std::string(text, static_cast<size_t>(sqlite3_column_bytes(statement.get(), number))) : std::string();
}

}  // namespace

void Entries::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Entries::Entries(const std::string& folder) {
    const std::string file = folder + "/guestbook.sqlite";
    sqlite3* database = nullptr;
    const int opened = sqlite3_open(file.c_str(), &database);
    database_.reset(database);
    if (opened == SQLITE_OK) sqlite3_busy_timeout(database, BusyWaitMilliseconds);
    if (opened != SQLITE_OK || !execute(kPrepare)) error_ = file + ": " + sqlite3_errmsg(database);
}

bool Entries::execute(const char* sql) { return sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK; }

bool Entries::add(const std::string& name, const std::string& message) {
    const std::lock_guard<std::mutex> lock(mutex_);
    Statement insert = prepare(database_.get(), "INSERT INTO entries (name, message) VALUES (?1, ?2)");
    if (!insert) return false;
    bind(insert, 1, name);
    bind(insert, 2, message);
    if (sqlite3_step(insert.get()) != SQLITE_DONE) return false;
    Statement trim = prepare(database_.get(), "DELETE FROM entries WHERE id <= (SELECT max(id) FROM entries) - ?1");
    if (!trim) return false;
    sqlite3_bind_int64(trim.get(), 1, static_cast<sqlite3_int64>(MaxEntriesKept));
    return sqlite3_step(trim.get()) == SQLITE_DONE;
}

bool Entries::read_newest(size_t count, std::vector<Entry>& entries) {
    const std::lock_guard<std::mutex> lock(mutex_);
    Statement select = prepare(database_.get(), "SELECT name, message, written_at FROM entries ORDER BY id DESC LIMIT ?1");
    if (!select) return false;
    sqlite3_bind_int64(select.get(), 1, static_cast<sqlite3_int64>(count));
    int step = SQLITE_ROW;
    while ((step = sqlite3_step(select.get())) == SQLITE_ROW) {
        entries.push_back({column(select, 0), column(select, 1), column(select, 2)});
    }
    return step == SQLITE_DONE;
}

}  // namespace guestbook
