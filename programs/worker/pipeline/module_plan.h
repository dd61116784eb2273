/// \file
/// Which modules run at which stage, in which order: computed once per set of modules, looked up per request.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "worker/pipeline/stage.h"

namespace osmia::worker {

/// Order among the modules of one event. Equal priorities keep the order of <modules>.
enum class Priority : std::uint8_t { First, High, Medium, Low, Last };

/// A module of the worker, by its place in the worker's module table.
using ModuleIndex = std::uint16_t;

/// What a module asked for when it registered. Medium is the default priority everywhere.
struct Subscription {
    std::uint32_t events = 0;       ///< event_bit()s of events and loose events
    std::uint32_t post_events = 0;  ///< event_bit()s
    std::array<Priority, EventCount> priority;
    std::array<Priority, LooseEventCount> loose_priority;

    Subscription() {
        priority.fill(Priority::Medium);
        loose_priority.fill(Priority::Medium);
    }
};

/// The precomputed lists. A module without interest in a stage is not in its list, so it costs nothing there.
/// Immutable; shared by all requests of an application on any thread.
class ModulePlan {
public:
    struct Entry {
        ModuleIndex module;
        const Subscription* subscription;  ///< borrowed for the constructor only
    };
    /// \a modules in the order of <modules>.
    explicit ModulePlan(std::span<const Entry> modules);

    std::span<const ModuleIndex> at(Stage stage) const { return stages_[stage.index()]; }
    std::span<const ModuleIndex> at(LooseEvent event) const {
        return loose_[static_cast<std::size_t>(event)];
    }
    /// The first stage from \a index on at which a module wants to be called, or StageCount.
    std::size_t next_wanted(std::size_t index) const {
        const std::uint32_t later = index < StageCount ? wanted_ >> index << index : 0;
        return later == 0 ? StageCount : static_cast<std::size_t>(__builtin_ctz(later));
    }
    /// Whether a module is in the plan at all: a handler may name only such modules.
    bool has(ModuleIndex module) const { return module < present_.size() && present_[module]; }

private:
    std::array<std::vector<ModuleIndex>, StageCount> stages_;
    std::array<std::vector<ModuleIndex>, LooseEventCount> loose_;
    std::uint32_t wanted_ = 0;  ///< bit i: stage i has modules
    std::vector<bool> present_;
    static_assert(StageCount < 32);
};

}  // namespace osmia::worker
