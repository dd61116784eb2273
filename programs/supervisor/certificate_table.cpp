#include "supervisor/certificate_table.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "config/binding_information.h"

namespace osmia::supervisor {

void CertificateTable::configure(const config::ServerConfiguration& configuration) {
    entries_.clear();
    for (const auto& site : configuration.sites) {
        for (const auto& binding : site.bindings) {
            if (!binding.is_https()) continue;
            Entry entry;
            entry.binding = config::format_binding_information(binding);
            entry.id = ids_.try_emplace(entry.binding, next_id_).first->second;
            if (entry.id == next_id_) ++next_id_;
            entry.site = site.name;
            entry.settings.certificate_id = entry.id;
            entry.settings.http2 = (binding.ssl_flags & config::ssl_flag::DisableHttp2) == 0;
            entry.settings.tls13 = (binding.ssl_flags & config::ssl_flag::DisableTls13) == 0;
            auto files = config::find_certificate(configuration, binding);
            if (files.ok()) entry.files = std::move(files).value();
            else entry.problem = files.error().message;
            entries_.push_back(std::move(entry));
        }
    }
}

const CertificateTable::Entry* CertificateTable::find(std::uint32_t id) const {
    const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& one) { return one.id == id; });
    return found == entries_.end() ? nullptr : &*found;
}

std::uint32_t CertificateTable::id_of(const std::string& binding) const {
    const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& one) { return one.binding == binding; });
    return found == entries_.end() ? 0 : found->id;
}

// A fifo or device in place of the file must not hold up the server.
Result<UniqueFd> CertificateTable::open_file(const std::string& path) {
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!fd) return errno_error(path);
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) return errno_error(path);
    if (!S_ISREG(status.st_mode)) return make_error(ErrorKind::Invalid, "{} is not a regular file", path);
    return fd;
}

void CertificateTable::open_all(const std::function<void(const wire::SnapshotCertificate&, std::vector<int> fds)>& send) {
    changing_.clear();
    for (Entry& entry : entries_) {
        if (entry.files.file.empty()) continue;
        entry.seen = look_at(entry.files);
        entry.problem.clear();
        auto file = open_file(entry.files.file);
        auto key = entry.files.key_file.empty() ? Result<UniqueFd>(UniqueFd()) : open_file(entry.files.key_file);
        for (const auto* opened : {&file, &key}) {
            if (!opened->ok()) entry.problem = opened->error().message;
        }
        if (!entry.problem.empty()) continue;
        std::vector<int> fds{file.value().get()};
        if (key.value()) fds.push_back(key.value().get());
        send(entry.settings, std::move(fds));
    }
}

std::string CertificateTable::look_at(const config::CertificateFiles& files) {
    std::string seen;
    for (const std::string* path : {&files.file, &files.key_file}) {
        struct stat status {};
        if (path->empty() || ::stat(path->c_str(), &status) != 0) {
            seen += "-;";
            continue;
        }
        seen += fmt::format("{}:{}:{}:{}.{:09};", status.st_dev, status.st_ino, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
    }
    return seen;
}

bool CertificateTable::have_changed() {
    std::string now, then;
    for (const Entry& entry : entries_) {
        if (entry.files.file.empty()) continue;
        now += look_at(entry.files);
        then += entry.seen;
    }
    if (now == then) {
        changing_.clear();
        return false;
    }
    const bool is_stable = now == changing_;
    changing_ = std::move(now);
    return is_stable;
}

}  // namespace osmia::supervisor
