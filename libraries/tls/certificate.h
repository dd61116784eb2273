/// \file
/// A server's certificate with its chain and private key, read from PEM or PKCS#12 (PFX) text.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace osmia::tls {

/// A certificate or key file has at most this many bytes.
inline constexpr std::size_t MaxCertificateFile = 256 * 1024;
/// Certificates in a chain, the server's own included.
inline constexpr std::size_t MaxChainLength = 10;

/// What a certificate says, for lists and server variables. Texts are one line, printable and bounded.
struct CertificateFacts {
    std::string subject;               ///< "CN=www.example.org", RFC 2253 order as IIS prints it
    std::string issuer;
    std::vector<std::string> names;    ///< DNS names and addresses of subjectAltName, at most 100
    std::int64_t not_before = 0;       ///< seconds since 1970
    std::int64_t not_after = 0;
    std::string key;                   ///< "RSA 2048", "EC 256"
    std::uint32_t key_bits = 0;
    std::string fingerprint;           ///< SHA-256, lower-case hexadecimal
};

/// One usable identity. Owns key and chain; the key never leaves the library. Immutable.
class Certificate {
public:
    /// Reads \a file (PEM: certificate, then its chain, perhaps the key; or a PKCS#12 container without password) and
    /// \a key_file (PEM; empty: the key is in \a file). Invalid says in an administrator's words what is wrong: no
    /// certificate, no key, a key with a password, a key of another certificate, one too weak to be accepted.
    static Result<std::shared_ptr<const Certificate>> read(std::string_view file, std::string_view key_file);
    ~Certificate();

    const CertificateFacts& facts() const { return facts_; }

    struct Parts;
    const Parts& parts() const { return *parts_; }

private:
    Certificate() = default;
    std::unique_ptr<Parts> parts_;
    CertificateFacts facts_;
};

}  // namespace osmia::tls
