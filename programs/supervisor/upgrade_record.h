/// \file
/// What is known of an upgrade; outlives the supervisors that take part in it.
#pragma once

#include <string>

#include "wire/message_codec.h"

namespace osmia::supervisor {

enum class UpgradePhase : std::uint8_t {
    None,
    Requested,  ///< the old supervisor has made room
    Running,    ///< the new one replaces listener and workers
    Failing,    ///< the new one has given up; the one before comes back
    Done,
    Failed,
    Last = Failed,
};

struct UpgradeRecord {
    UpgradePhase phase = UpgradePhase::None;
    std::string from;  ///< the folder of the programs before
    std::string to;
    std::string text;  ///< for the operator
    void fields(auto& archive) { archive(from); archive(to); archive(text); archive(phase); }
};

/// The word of the command line: "none", "running", "done" or "failed".
inline std::string_view public_state(UpgradePhase phase) {
    constexpr std::string_view Words[] = {"none", "running", "running", "running", "done", "failed"};
    return Words[static_cast<std::size_t>(phase)];
}

}  // namespace osmia::supervisor
