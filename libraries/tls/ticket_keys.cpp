#include "tls/ticket_keys.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>

#include "base/result.h"
#include "tls/openssl_types.h"

namespace osmia::tls {

namespace {

void fill(TicketKeys::Key& key) {
    const bool filled = RAND_bytes(key.name.data(), static_cast<int>(key.name.size())) == 1 &&
                        RAND_priv_bytes(key.cipher.data(), static_cast<int>(key.cipher.size())) == 1 &&
                        RAND_priv_bytes(key.mac.data(), static_cast<int>(key.mac.size())) == 1;
    OSMIA_CHECK(filled, "the system has random bytes");
}

}  // namespace

TicketKeys::TicketKeys(std::int64_t now) : made_(now) {
    start_library();
    fill(current_);
}

TicketKeys::~TicketKeys() {
    OPENSSL_cleanse(&current_, sizeof current_);
    OPENSSL_cleanse(&previous_, sizeof previous_);
}

void TicketKeys::rotate(std::int64_t now) {
    if (now - made_ < TicketKeySeconds) return;
    // After a long sleep even the current one is too old to open anything.
    has_previous_ = now - made_ < 2 * TicketKeySeconds;
    previous_ = current_;
    fill(current_);
    made_ = now;
}

const TicketKeys::Key* TicketKeys::find(std::span<const unsigned char, 16> name, bool& is_current) const {
    is_current = std::ranges::equal(name, current_.name);
    if (is_current) return &current_;
    return has_previous_ && std::ranges::equal(name, previous_.name) ? &previous_ : nullptr;
}

}  // namespace osmia::tls
