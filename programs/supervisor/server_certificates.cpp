// Certificates: what the listener is given, what it says of them, and what an operator is told.
#include <time.h>

#include <algorithm>

#include "supervisor/server.h"

namespace osmia::supervisor {

void Server::send_certificates() {
    certificates_->open_all([this](const wire::SnapshotCertificate& settings, std::vector<int> fds) { listeners_->send(settings, fds); });
    for (const auto& entry : certificates_->entries()) {
        if (entry.problem.empty()) continue;
        if (std::exchange(told_certificates_[entry.binding], entry.problem) != entry.problem) {
            output_.problem(fmt::format("the https binding {} of site {}: {}", entry.binding, entry.site, entry.problem));
        }
    }
}

// Polling sees what inotify does not: a link somewhere on the path that points elsewhere, another machine's changes.
void Server::watch_certificates() {
    loop_.cancel(std::exchange(certificate_timer_, 0));
    if (certificates_->entries().empty()) return;
    // Many files: the looks stay below one in a millisecond.
    const auto interval = std::max<EventLoop::Clock::duration>(CertificateLookInterval, std::chrono::milliseconds(certificates_->entries().size()));
    certificate_timer_ = loop_.after(interval, [this] {
        certificate_timer_ = 0;
        if (listeners_->count() == 0 || !certificates_->have_changed()) return watch_certificates();
        output_.notice("Certificate files have changed: they are read again");
        send_snapshot();
    });
}

void Server::query_certificates(std::function<void(const std::vector<wire::ListedCertificate>&)> done) {
    if (listeners_->count() == 0) return done({});
    const std::uint64_t token = ++next_token_;
    const auto timer = loop_.after(ListenerAnswerWait, [this, token] {
        auto node = certificate_queries_.extract(token);
        if (!node.empty()) node.mapped().done(node.mapped().sum);
    });
    certificate_queries_[token] = {{}, std::move(done), timer};
    listeners_->send(wire::ListCertificates{token});
}

void Server::on_listener(const wire::CertificateList& message) {
    if (message.token == 0) {
        for (const auto& one : message.certificates) tell_certificate(one);
        return;
    }
    const auto found = certificate_queries_.find(message.token);
    if (found == certificate_queries_.end()) return;
    auto& sum = found->second.sum;
    // The listener has one for each that it was given, no more.
    if (sum.size() <= certificates_->entries().size()) sum.insert(sum.end(), message.certificates.begin(), message.certificates.end());
    if (!message.last) return;
    auto node = certificate_queries_.extract(found);
    loop_.cancel(node.mapped().timer);
    node.mapped().done(node.mapped().sum);
}

// The listener reports once a day and after each change, so one certificate is told of at most so often.
void Server::tell_certificate(const wire::ListedCertificate& one) {
    const auto* entry = certificates_->find(one.certificate_id);
    if (entry == nullptr) return;
    std::string text;
    const std::int64_t left = one.not_after - ::time(nullptr);
    const std::int64_t days = left / 86400;
    if (!one.problem.empty()) {
        text = fmt::format("{} cannot be used: {}{}", entry->files.file, one.problem.substr(0, 300),
                           one.usable ? "; the certificate before stays in use" : "; https connections are refused");
    } else if (left < 0) {
        text = fmt::format("the certificate {} has expired", entry->files.file);
    } else if (left < std::chrono::duration_cast<std::chrono::seconds>(CertificateExpiryNotice).count()) {
        text = fmt::format("the certificate {} expires in {} day{}", entry->files.file, days, days == 1 ? "" : "s");
    }
    const std::string stamp = text.empty() ? text : fmt::format("{} {}", ::time(nullptr) / 86400, text);
    if (std::exchange(told_certificates_[entry->binding], stamp) == stamp || text.empty()) return;
    output_.problem(fmt::format("the https binding {} of site {}: {}", entry->binding, entry->site, text));
}

}  // namespace osmia::supervisor
