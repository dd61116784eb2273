/// \file
/// What a Certificate is made of. Internal to the library.
#pragma once

#include <vector>

#include "tls/certificate.h"
#include "tls/openssl_types.h"

namespace osmia::tls {

struct Certificate::Parts {
    CertificatePointer leaf;
    KeyPointer key;
    std::vector<CertificatePointer> chain;  ///< without the leaf
};

}  // namespace osmia::tls
