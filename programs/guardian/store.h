/// \file
/// What the guardian keeps for a supervisor that may die: descriptors and pieces of state, each under a name.
#pragma once

#include <map>
#include <string>

#include "base/unique_fd.h"
#include "wire/guardian.h"

namespace osmia::guardian {

/// Owns the descriptors it was given. One thread.
class Store {
public:
    /// Applies a StoreFd (with its descriptor), DropFd or StoreState. A StoreFd without a descriptor changes nothing.
    void apply(const wire::StoreFd& message, UniqueFd fd);
    void apply(const wire::DropFd& message) { fds_.erase(message.name); }
    void apply(const wire::StoreState& message);

    const std::map<std::string, UniqueFd>& fds() const { return fds_; }
    const std::map<std::string, std::string>& state() const { return state_; }

private:
    std::map<std::string, UniqueFd> fds_;
    std::map<std::string, std::string> state_;
};

}  // namespace osmia::guardian
