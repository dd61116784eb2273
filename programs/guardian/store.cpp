#include "guardian/store.h"

namespace osmia::guardian {

void Store::apply(const wire::StoreFd& message, UniqueFd fd) {
    if (fd) fds_.insert_or_assign(message.name, std::move(fd));
}

void Store::apply(const wire::StoreState& message) {
    if (message.text.empty()) {
        state_.erase(message.key);
    } else {
        state_.insert_or_assign(message.key, message.text);
    }
}

}  // namespace osmia::guardian
