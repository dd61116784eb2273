/// \file
/// What sessions of one https binding share: the certificate and the protocol's policy.
#pragma once

#include <memory>

#include "tls/certificate.h"
#include "tls/ticket_keys.h"

namespace osmia::tls {

/// What a binding's sslFlags change.
struct ContextOptions {
    bool http2 = true;   ///< offer HTTP/2 by ALPN
    bool tls13 = true;

    bool operator==(const ContextOptions&) const = default;
};

/// TLS 1.2 and 1.3 with the AEAD suites of Mozilla's intermediate list that use elliptic curves, no compression, no
/// renegotiation. Immutable and shared; sessions keep theirs alive.
class ServerContext {
public:
    /// \a keys must outlive every session.
    static Result<std::shared_ptr<const ServerContext>> create(std::shared_ptr<const Certificate> certificate, const TicketKeys& keys,
                                                               const ContextOptions& options);
    ~ServerContext();
    const CertificateFacts& facts() const { return certificate_->facts(); }
    const std::shared_ptr<const Certificate>& certificate() const { return certificate_; }
    const ContextOptions& options() const { return options_; }

    struct Native;
    const Native& native() const { return *native_; }

private:
    ServerContext() = default;
    std::shared_ptr<const Certificate> certificate_;
    ContextOptions options_;
    std::unique_ptr<Native> native_;
};

}  // namespace osmia::tls
