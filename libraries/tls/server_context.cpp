#include "tls/server_context.h"

#include <openssl/core_names.h>
#include <openssl/rand.h>

#include <cstring>
#include <string_view>

#include "tls/certificate_parts.h"
#include "tls/server_context_native.h"

namespace osmia::tls {

namespace {

// Mozilla's intermediate list, version 5.7, without its finite-field suites: their handshakes cost a server many times
// what they cost a client. TLS 1.3's suites are OpenSSL's own three.
constexpr const char* Suites =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* Groups = "X25519:P-256:P-384";

/// RFC 5077 section 4, with AES-256-CBC and HMAC-SHA256.
int on_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac, int encrypt) {
    const auto& keys = *static_cast<const TicketKeys*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    bool is_current = true;
    const TicketKeys::Key* key = encrypt ? &keys.current() : keys.find(std::span<const unsigned char, 16>(name, 16), is_current);
    if (key == nullptr) return 0;  // no such key any more: a whole handshake
    if (encrypt) {
        std::memcpy(name, key->name.data(), key->name.size());
        if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1) return -1;
    }
    auto mac_key = key->mac;
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, mac_key.data(), mac_key.size()),
                                     OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
    const int ready = encrypt ? EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key->cipher.data(), iv)
                              : EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key->cipher.data(), iv);
    if (ready != 1 || EVP_MAC_CTX_set_params(mac, parameters) != 1) return -1;
    return is_current ? 1 : 2;
}

/// Our preference, not the client's: HTTP/2 where the binding allows it.
int on_alpn(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in, unsigned in_size, void* http2) {
    static constexpr unsigned char Both[] = "\x02h2\x08http/1.1";
    const unsigned skipped = http2 != nullptr ? 0 : 3;
    unsigned char* chosen = nullptr;
    const int outcome = SSL_select_next_proto(&chosen, size, Both + skipped, sizeof Both - 1 - skipped, in, in_size);
    if (outcome != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;  // RFC 7301 section 3.2
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

Error ssl_error(std::string_view what) { return make_error(ErrorKind::Invalid, "{}: {}", what, take_error()); }

}  // namespace

ContextPointer make_context(const TicketKeys& keys) {
    start_library();
    ContextPointer context(SSL_CTX_new(TLS_server_method()));
    OSMIA_CHECK(context != nullptr, "SSL_CTX_new");
    SSL_CTX* ctx = context.get();
    const bool set = SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 && SSL_CTX_set_cipher_list(ctx, Suites) == 1 &&
                     SSL_CTX_set1_groups_list(ctx, Groups) == 1;
    OSMIA_CHECK(set, "OpenSSL knows the suites and groups");
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_timeout(ctx, TicketKeySeconds);
    SSL_CTX_set_num_tickets(ctx, 1);
    SSL_CTX_set_read_ahead(ctx, 1);
    SSL_CTX_set_app_data(ctx, const_cast<TicketKeys*>(&keys));
    SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, on_ticket);
    return context;
}

ServerContext::~ServerContext() = default;

Result<std::shared_ptr<const ServerContext>> ServerContext::create(std::shared_ptr<const Certificate> certificate, const TicketKeys& keys,
                                                                   const ContextOptions& options) {
    auto native = std::make_unique<Native>();
    native->context = make_context(keys);
    SSL_CTX* ctx = native->context.get();
    const auto& parts = certificate->parts();
    if (SSL_CTX_use_certificate(ctx, parts.leaf.get()) != 1) return ssl_error("the certificate is refused");
    if (SSL_CTX_use_PrivateKey(ctx, parts.key.get()) != 1) return ssl_error("the private key is refused");
    for (const auto& one : parts.chain) {
        if (SSL_CTX_add1_chain_cert(ctx, one.get()) != 1) return ssl_error("a certificate of the chain is refused");
    }
    if (!options.tls13) SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_alpn_select_cb(ctx, on_alpn, options.http2 ? native.get() : nullptr);
    std::shared_ptr<ServerContext> made(new ServerContext);
    made->certificate_ = std::move(certificate);
    made->options_ = options;
    made->native_ = std::move(native);
    return std::shared_ptr<const ServerContext>(std::move(made));
}

}  // namespace osmia::tls
