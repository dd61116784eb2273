#include "supervisor/extension_keeper.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "supervisor/output_lines.h"
#include "supervisor/spawn.h"
#include "supervisor/worker.h"
#include "wire/process_start.h"

namespace osmia::supervisor {

namespace {

/// Files that wait to be read; more are asked for again by whoever saw them.
constexpr std::size_t MaxWaiting = 256;
constexpr std::size_t MaxShownText = 512;

bool is_plain_path(const std::string& path) {
    return path.starts_with('/') && path.size() < 4096 &&
           std::none_of(path.begin(), path.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

// Size of a memfd that nobody can change any more; nothing for anything else.
std::optional<std::size_t> sealed_size(const UniqueFd& fd) {
    struct stat facts;
    const int seals = ::fcntl(fd.get(), F_GET_SEALS);
    constexpr int Needed = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW;
    if (seals < 0 || (seals & Needed) != Needed || ::fstat(fd.get(), &facts) != 0) return std::nullopt;
    return static_cast<std::size_t>(facts.st_size);
}

Result<void> copy_out(const UniqueFd& source, const std::string& target) {
    const std::string fresh = target + ".new";
    {
        const UniqueFd file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
        if (!file) return errno_error(fresh);
        ::fchmod(file.get(), 0644);
        off_t offset = 0;
        for (std::size_t left = *sealed_size(source); left > 0;) {
            const ssize_t sent = ::sendfile(file.get(), source.get(), &offset, left);
            if (sent <= 0) return errno_error(fresh);
            left -= static_cast<std::size_t>(sent);
        }
    }
    if (::rename(fresh.c_str(), target.c_str()) != 0) return errno_error(target);
    return {};
}

std::string folder_name(const std::string& pool) {
    std::string out;
    for (const char c : pool) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
        out += plain ? std::string(1, c) : fmt::format("%{:02x}", static_cast<unsigned char>(c));
    }
    return out;
}

}  // namespace

std::string extension_folder(const state::Folders& folders, const std::string& pool) {
    return folders.extensions() + "/" + folder_name(pool);
}

ExtensionKeeper::ExtensionKeeper(Machinery& machinery, std::string pool, Events events)
    : machinery_(machinery), pool_(std::move(pool)), events_(std::move(events)), folder_(extension_folder(machinery.folders, pool_)) {
    const auto text = read_file(folder_ + "/" + wire::ExtensionManifestName);
    if (!text.ok()) return;
    auto manifest = wire::decode<wire::ExtensionManifestFile>(std::as_bytes(std::span(text.value())));
    if (manifest.ok()) manifest_ = std::get<0>(std::move(manifest).value());
}

ExtensionKeeper::~ExtensionKeeper() {
    for (const auto& [file, timer] : missing_) machinery_.loop.cancel(timer);
    if (running_ && running_->watch) running_->watch->send_signal(SIGKILL);
}

Result<void> ExtensionKeeper::configure(std::shared_ptr<const WorkerSettings> settings) {
    settings_ = std::move(settings);
    OSMIA_TRY_VOID(make_directories(folder_, 0750));
    if (!settings_->identity) return {};
    if (::chown(folder_.c_str(), 0, settings_->identity->gid) != 0) return errno_error(folder_);
    return {};
}

wire::StoredExtension* ExtensionKeeper::find(const std::string& file) {
    return const_cast<wire::StoredExtension*>(manifest_.find(file));
}

void ExtensionKeeper::loaded(const std::string& file, const std::string& hash) {
    const wire::StoredExtension* known = find(file);
    if (known == nullptr || known->files.front().hash != hash) collect(file);
}

void ExtensionKeeper::changed(const std::string& file) {
    // Only what is loaded is watched: a worker cannot name files as it likes.
    if (find(file) == nullptr && !events_.runs_other(file, "")) return;
    seen_to_change_.insert(file);
    collect(file);
}

void ExtensionKeeper::collect(const std::string& file) {
    if (!is_plain_path(file) || waiting_.size() >= MaxWaiting) return;
    if (std::find(waiting_.begin(), waiting_.end(), file) == waiting_.end()) waiting_.push_back(file);
    start_next();
}

void ExtensionKeeper::start_next() {
    while (!running_ && !waiting_.empty()) {
        const std::string file = waiting_.front();
        waiting_.pop_front();
        const auto started = start(file);
        if (!started.ok()) {
            running_.reset();
            machinery_.output.problem(fmt::format("pool {}: {} cannot be read: {}", pool_, file, started.error().message));
        }
    }
}

Result<void> ExtensionKeeper::start(const std::string& file) {
    auto [ours, theirs] = OSMIA_TRY(make_message_pair());
    SpawnRequest request;
    request.program = machinery_.programs.worker;
    request.arguments = {"--collect", file};
    request.environment = settings_->environment;
    request.control = theirs.get();
    request.identity = settings_->identity;
    auto spawned = OSMIA_TRY(spawn(request));
    const pid_t pid = spawned.pid;
    machinery_.records.add(pid);
    running_ = std::make_unique<Collection>();
    running_->file = file;
    running_->channel = std::make_unique<MessageChannel>(
        machinery_.loop, std::move(ours), [this](ReceivedMessage raw) { on_message(std::move(raw)); }, [](const Error&) {});
    running_->watch = std::make_unique<ProcessWatch>(machinery_.loop, pid, std::move(spawned.pidfd), [this, pid](std::optional<int>) {
        machinery_.records.remove(pid);
        // What it sent last may still wait in the socket.
        machinery_.loop.after({}, [this] { on_ended(); });
    });
    return {};
}

void ExtensionKeeper::on_message(ReceivedMessage raw) {
    if (!running_ || running_->outcome) return;
    auto decoded = wire::decode<wire::CollectorToSupervisor>(raw.bytes);
    bool valid = decoded.ok();
    if (valid && std::holds_alternative<wire::CollectedFile>(decoded.value())) {
        valid = on_file(std::get<wire::CollectedFile>(decoded.value()), std::move(raw.fds));
    } else if (valid) {
        running_->outcome = std::get<wire::Collected>(std::move(decoded).value());
    }
    if (valid) return;
    running_->outcome = wire::Collected{wire::CollectResult::CannotLoad, "the helper's message makes no sense"};
    running_->watch->send_signal(SIGKILL);
}

bool ExtensionKeeper::on_file(const wire::CollectedFile& message, std::vector<UniqueFd> fds) {
    Collection& now = *running_;
    if (fds.size() != 1 || !is_plain_path(message.path) || !wire::is_hash(message.hash)) return false;
    if (now.files.size() >= wire::MaxExtensionFiles || (now.files.empty() && message.path != now.file)) return false;
    std::size_t total = 0;
    now.files.push_back({message.path, message.hash});
    now.copies.push_back(std::move(fds.front()));
    for (const auto& copy : now.copies) {
        const auto size = sealed_size(copy);
        if (!size || *size > wire::MaxExtensionBytes) return false;
        total += *size;
    }
    return total <= wire::MaxExtensionBytes;
}

void ExtensionKeeper::on_ended() {
    const auto done = std::move(running_);
    if (done && done->outcome) judge(*done);
    start_next();
}

void ExtensionKeeper::judge(const Collection& done) {
    if (done.outcome->result == wire::CollectResult::Missing) return miss(done.file);
    if (const auto timer = missing_.extract(done.file)) machinery_.loop.cancel(timer.mapped());
    removable_.erase(done.file);
    if (done.outcome->result == wire::CollectResult::CannotLoad || done.files.empty()) return refuse(done);
    take(done);
}

void ExtensionKeeper::take(const Collection& done) {
    wire::StoredExtension* known = find(done.file);
    const bool same = known != nullptr && known->files == done.files;
    const bool hinted = seen_to_change_.erase(done.file) != 0;
    if (same && known->refused.empty()) return;
    if (known == nullptr && manifest_.extensions.size() >= wire::MaxStoredExtensions) return;
    // A worker tells its extension's hash, not those of its libraries.
    const bool has_libraries = done.files.size() > 1 || (known != nullptr && known->files.size() > 1);
    const bool libraries = has_libraries && (known == nullptr ? hinted : known->files.front() == done.files.front());
    const auto stored = store(done);
    if (!stored.ok()) {
        machinery_.output.problem(fmt::format("pool {}: no copy of {} is kept: {}", pool_, done.file, stored.error().message));
        return;
    }
    const bool runs_old = libraries ? events_.runs_other(done.file, "") : events_.runs_other(done.file, done.files.front().hash);
    if (!same && runs_old) events_.replaced(fmt::format("{} has changed", done.file));
}

void ExtensionKeeper::refuse(const Collection& done) {
    wire::StoredExtension* known = find(done.file);
    if (known == nullptr) return;  // whoever asks for it is told by the worker
    if (!done.files.empty() && known->refused == done.files) return;
    known->refused = done.files;
    if (const auto written = write_manifest(); !written.ok()) machinery_.output.problem(written.error().message);
    machinery_.output.problem(fmt::format("pool {}: {} cannot be loaded: {}; the version before goes on", pool_, done.file,
                                          printable(done.outcome->text, MaxShownText)));
}

void ExtensionKeeper::miss(const std::string& file) {
    if (find(file) == nullptr) return;
    if (removable_.erase(file) != 0) return remove(file);
    if (missing_.contains(file)) return;
    missing_[file] = machinery_.loop.after(RemovalWait, [this, file] {
        missing_.erase(file);
        removable_.insert(file);
        collect(file);
    });
}

void ExtensionKeeper::remove(const std::string& file) {
    std::erase_if(manifest_.extensions, [&](const auto& one) { return one.files.front().path == file; });
    if (const auto written = write_manifest(); !written.ok()) machinery_.output.problem(written.error().message);
    if (events_.runs_other(file, "")) events_.replaced(fmt::format("{} is gone", file));
}

Result<void> ExtensionKeeper::store(const Collection& done) {
    for (std::size_t i = 0; i < done.files.size(); ++i) {
        const std::string target = folder_ + "/" + done.files[i].hash;
        if (::access(target.c_str(), F_OK) != 0) OSMIA_TRY_VOID(copy_out(done.copies[i], target));
    }
    wire::StoredExtension* known = find(done.file);
    if (known == nullptr) known = &manifest_.extensions.emplace_back();
    *known = {done.files, {}};
    return write_manifest();
}

// The manifest first, then what nothing names any more: a worker that reads both finds one that fits.
Result<void> ExtensionKeeper::write_manifest() {
    const auto bytes = wire::encode<wire::ExtensionManifestFile>(manifest_);
    const std::string path = folder_ + "/" + wire::ExtensionManifestName;
    OSMIA_TRY_VOID(replace_file(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, 0644));
    std::set<std::string> named{wire::ExtensionManifestName};
    for (const auto& extension : manifest_.extensions) {
        for (const auto& file : extension.files) named.insert(file.hash);
    }
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder_, ignored)) {
        if (!named.contains(entry.path().filename().string())) std::filesystem::remove(entry.path(), ignored);
    }
    return {};
}

}  // namespace osmia::supervisor
