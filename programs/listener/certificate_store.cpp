#include "listener/certificate_store.h"

#include <unistd.h>

#include <cstring>

namespace osmia::listener {

namespace {

/// The bytes of a file with a key in it; overwritten when they are no longer needed.
class SecretText {
public:
    ~SecretText() { ::explicit_bzero(text_.data(), text_.size()); }
    Result<void> read(BorrowedFd fd) {
        text_.resize(tls::MaxCertificateFile + 1);
        std::size_t used = 0;
        while (used < text_.size()) {
            const ssize_t size = ::pread(fd.get(), text_.data() + used, text_.size() - used, static_cast<off_t>(used));
            if (size < 0) return errno_error("reading it");
            if (size == 0) break;
            used += static_cast<std::size_t>(size);
        }
        text_.resize(used);
        return {};
    }
    std::string_view view() const { return text_; }

private:
    std::string text_;
};

std::string joined(const std::vector<std::string>& names) {
    constexpr std::size_t MaxNames = 1000;
    std::string text;
    for (const auto& name : names) {
        if (text.size() + name.size() > MaxNames) return text + " …";
        text += (text.empty() ? "" : " ") + name;
    }
    return text;
}

}  // namespace

CertificateStore::CertificateStore(std::int64_t now_seconds) : keys_(now_seconds), factory_(keys_) {}

Result<std::shared_ptr<const tls::ServerContext>> CertificateStore::make_context(const wire::SnapshotCertificate& message,
                                                                                 const std::vector<UniqueFd>& fds,
                                                                                 const std::shared_ptr<const tls::ServerContext>& before) {
    if (fds.empty() || fds.size() > 2) return make_error(ErrorKind::Invalid, "its files did not arrive");
    SecretText file, key;
    OSMIA_TRY_VOID(file.read(fds[0]));
    if (fds.size() == 2) OSMIA_TRY_VOID(key.read(fds[1]));
    auto certificate = OSMIA_TRY(tls::Certificate::read(file.view(), key.view()));
    const tls::ContextOptions options{message.http2, message.tls13};
    const bool is_same = before != nullptr && before->options() == options && before->facts().fingerprint == certificate->facts().fingerprint;
    if (is_same) return before;
    return tls::ServerContext::create(std::move(certificate), keys_, options);
}

void CertificateStore::add(const wire::SnapshotCertificate& message, std::vector<UniqueFd> fds) {
    Entry& entry = entries_[message.certificate_id];
    auto made = make_context(message, fds, entry.context);
    entry.problem = made.ok() ? std::string() : made.error().message;
    if (made.ok()) entry.context = std::move(made).value();
}

std::shared_ptr<const tls::ServerContext> CertificateStore::find(std::uint32_t certificate_id) const {
    const auto found = entries_.find(certificate_id);
    return found == entries_.end() ? nullptr : found->second.context;
}

std::vector<wire::ListedCertificate> CertificateStore::list() const {
    std::vector<wire::ListedCertificate> list;
    for (const auto& [id, entry] : entries_) {
        auto& item = list.emplace_back();
        item.certificate_id = id;
        item.problem = entry.problem;
        item.usable = entry.context != nullptr;
        if (!item.usable) continue;
        const tls::CertificateFacts& facts = entry.context->facts();
        item.subject = facts.subject;
        item.issuer = facts.issuer;
        item.names = joined(facts.names);
        item.key = facts.key;
        item.fingerprint = facts.fingerprint;
        item.not_before = facts.not_before;
        item.not_after = facts.not_after;
    }
    return list;
}

}  // namespace osmia::listener
