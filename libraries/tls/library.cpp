#include <openssl/crypto.h>
#include <openssl/err.h>

#include "base/result.h"
#include "tls/openssl_types.h"

namespace osmia::tls {

void start_library() {
    static const bool started = OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, nullptr) == 1;
    OSMIA_CHECK(started, "OpenSSL starts");
}

std::string take_error() {
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    return reason == nullptr ? "unknown reason" : reason;
}

}  // namespace osmia::tls
