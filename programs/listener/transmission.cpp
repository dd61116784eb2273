#include "listener/transmission.h"

#include <utility>

#include "listener/dispatcher.h"

namespace osmia::listener {

namespace {

/// ERROR_NETNAME_DELETED: what IIS logs when the client did not stay for the whole answer.
constexpr std::uint32_t ClientHasGone = 64;

}  // namespace

void Transmission::begin(std::int64_t first_byte_us) {
    forget();
    first_byte_us_ = first_byte_us;
    sent_ = received_ = 0;
}

void Transmission::attach(Exchange& exchange) {
    exchange_ = &exchange;
    exchange.transmission = this;
    exchange.first_byte_us = first_byte_us_;
}

void Transmission::end(Dispatcher& dispatcher, bool failed) {
    if (exchange_ == nullptr) return;
    Exchange& exchange = *std::exchange(exchange_, nullptr);
    exchange.transmission = nullptr;
    exchange.last_byte_us = monotonic_us();
    exchange.sent = sent_;
    exchange.received = received_;
    if (failed) exchange.client_status = ClientHasGone;
    dispatcher.transmission_over(exchange);
}

void Transmission::forget() {
    if (exchange_ != nullptr) exchange_->transmission = nullptr;
    exchange_ = nullptr;
}

}  // namespace osmia::listener
