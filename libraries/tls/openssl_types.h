/// \file
/// Owners of OpenSSL's objects. Internal to the library.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace osmia::tls {

template <auto Free>
struct Freeing {
    void operator()(auto* object) const { Free(object); }
};

using BioPointer = std::unique_ptr<BIO, Freeing<BIO_free_all>>;
using ContextPointer = std::unique_ptr<SSL_CTX, Freeing<SSL_CTX_free>>;
using KeyPointer = std::unique_ptr<EVP_PKEY, Freeing<EVP_PKEY_free>>;
using CertificatePointer = std::unique_ptr<X509, Freeing<X509_free>>;
using SslPointer = std::unique_ptr<SSL, Freeing<SSL_free>>;

/// Starts OpenSSL once: its configuration file, which could name code to load, is never read.
void start_library();

/// The reason of the newest error in this thread's queue, and empties the queue.
std::string take_error();

}  // namespace osmia::tls
