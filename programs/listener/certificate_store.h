/// \file
/// The certificates of https bindings, by the supervisor's numbers. The only place that has private keys.
#pragma once

#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/unique_fd.h"
#include "tls/session.h"
#include "wire/listener_to_supervisor.h"
#include "wire/supervisor_to_listener.h"

namespace osmia::listener {

/// Reads files that arrive as descriptors, keeps what is usable. Reactor's thread only; outlives every session.
class CertificateStore {
public:
    explicit CertificateStore(std::int64_t now_seconds);

    /// Between BeginSnapshot and CommitSnapshot: one binding's files. Files that cannot be used leave the certificate
    /// before in use.
    void add(const wire::SnapshotCertificate& message, std::vector<UniqueFd> fds);
    /// Forgets what the snapshot did not mention. \a is_used tells whether a binding names the number.
    template <class IsUsed>
    void keep(IsUsed&& is_used) {
        std::erase_if(entries_, [&](const auto& item) { return !is_used(item.first); });
    }
    bool empty() const { return entries_.empty(); }

    /// Null: the binding has no usable certificate.
    std::shared_ptr<const tls::ServerContext> find(std::uint32_t certificate_id) const;
    const tls::SessionFactory& sessions() const { return factory_; }
    /// Now and then: ticket keys grow old.
    void tick(std::int64_t now_seconds) { keys_.rotate(now_seconds); }
    std::vector<wire::ListedCertificate> list() const;

private:
    struct Entry {
        std::shared_ptr<const tls::ServerContext> context;
        std::string problem;
    };
    Result<std::shared_ptr<const tls::ServerContext>> make_context(const wire::SnapshotCertificate& message, const std::vector<UniqueFd>& fds,
                                                                   const std::shared_ptr<const tls::ServerContext>& before);

    tls::TicketKeys keys_;
    tls::SessionFactory factory_;
    std::unordered_map<std::uint32_t, Entry> entries_;
};

}  // namespace osmia::listener
