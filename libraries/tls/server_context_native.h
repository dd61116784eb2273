/// \file
/// OpenSSL's side of contexts. Internal to the library.
#pragma once

#include "tls/openssl_types.h"
#include "tls/server_context.h"

namespace osmia::tls {

struct ServerContext::Native {
    ContextPointer context;
};

/// A context without a certificate, from which every session starts before its greeting is read.
ContextPointer make_context(const TicketKeys& keys);

}  // namespace osmia::tls
