#include "worker/pipeline/module_plan.h"

#include <algorithm>
#include <utility>

namespace osmia::worker {

namespace {

using Ranked = std::vector<std::pair<Priority, ModuleIndex>>;

std::vector<ModuleIndex> sorted(Ranked ranked, bool inverted) {
    std::stable_sort(ranked.begin(), ranked.end(), [inverted](const auto& a, const auto& b) {
        return inverted ? a.first > b.first : a.first < b.first;
    });
    std::vector<ModuleIndex> order;
    for (const auto& entry : ranked) order.push_back(entry.second);
    return order;
}

}  // namespace

ModulePlan::ModulePlan(std::span<const Entry> modules) {
    for (std::size_t event = 0; event < EventCount; ++event) {
        Ranked before, after;
        const std::uint32_t bit = event_bit(static_cast<Event>(event));
        for (const Entry& entry : modules) {
            const Priority priority = entry.subscription->priority[event];
            if ((entry.subscription->events & bit) != 0) before.emplace_back(priority, entry.module);
            if ((entry.subscription->post_events & bit) != 0) after.emplace_back(priority, entry.module);
        }
        stages_[event * 2] = sorted(std::move(before), false);
        stages_[event * 2 + 1] = sorted(std::move(after), false);
        for (const std::size_t stage : {event * 2, event * 2 + 1}) wanted_ |= stages_[stage].empty() ? 0 : 1u << stage;
    }
    for (std::size_t event = 0; event < LooseEventCount; ++event) {
        Ranked ranked;
        const auto loose = static_cast<LooseEvent>(event);
        for (const Entry& entry : modules) {
            if ((entry.subscription->events & event_bit(loose)) == 0) continue;
            ranked.emplace_back(entry.subscription->loose_priority[event], entry.module);
        }
        // IIS 7: priorities are inverted for RQ_SEND_RESPONSE, so that who comes first sees the response
        // last.
        loose_[event] = sorted(std::move(ranked), loose == LooseEvent::SendResponse);
    }
    for (const Entry& entry : modules) {
        if (present_.size() <= entry.module) present_.resize(entry.module + std::size_t{1});
        present_[entry.module] = true;
    }
}

}  // namespace osmia::worker
