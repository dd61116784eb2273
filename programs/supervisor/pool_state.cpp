#include "supervisor/pool_state.h"

#include <array>

namespace osmia::supervisor {

namespace {

using enum PoolAction;
using P = PoolPhase;
using E = PoolEvent;

struct Row {
    PoolPhase phase;
    PoolEvent event;
    PoolPhase next;
    std::initializer_list<PoolAction> actions;
};

// Pairs that are missing change nothing. Reasons:
// - RecycleAsked while a generation is starting joins it (requests to recycle coalesce): that generation has the newest
//   code and configuration. ChangeAccepted does not join: what starts was given the old configuration.
// - WorkWaits in Emptying is not lost: the next generation starts there anyway.
// - NextFailed in Starting tries again at once; rapid-fail protection ends the series (TooManyFailures).
const Row Rows[] = {
    {P::Stopped, E::StartAsked, P::Idle, {OpenQueue, AnswerDone}},

    {P::Failed, E::StartAsked, P::Idle, {OpenQueue, AnswerDone}},
    {P::Failed, E::StopAsked, P::Stopped, {CloseQueue}},

    {P::Idle, E::WorkWaits, P::Starting, {StartNext}},
    {P::Idle, E::RecycleAsked, P::Idle, {AnswerDone}},
    {P::Idle, E::ChangeAccepted, P::Idle, {AnswerDone}},
    {P::Idle, E::RecycleInTurn, P::Idle, {AnswerDone}},
    {P::Idle, E::StartAsked, P::Idle, {AnswerDone}},
    {P::Idle, E::StopAsked, P::Stopped, {CloseQueue}},
    {P::Idle, E::TooManyFailures, P::Failed, {FailQueue, AnswerFailed}},

    {P::Starting, E::NextReady, P::Running, {PromoteNext, AnswerDone}},
    {P::Starting, E::NextFailed, P::Starting, {StartNext}},
    {P::Starting, E::ChangeAccepted, P::Starting, {EndNext, StartNext}},
    {P::Starting, E::RecycleInTurn, P::Starting, {EndNext, StartNext}},
    {P::Starting, E::StartAsked, P::Starting, {AnswerDone}},
    {P::Starting, E::StopAsked, P::Stopped, {CloseQueue, EndNext, AnswerFailed}},
    {P::Starting, E::TooManyFailures, P::Failed, {FailQueue, EndNext, AnswerFailed}},

    {P::Running, E::CurrentGone, P::Idle, {}},
    {P::Running, E::RecycleAsked, P::Replacing, {StartNext}},
    {P::Running, E::ChangeAccepted, P::Replacing, {StartNext}},
    {P::Running, E::RecycleInTurn, P::Emptying, {RetireCurrent}},
    {P::Running, E::StartAsked, P::Running, {AnswerDone}},
    {P::Running, E::StopAsked, P::Stopped, {CloseQueue, RetireCurrent}},
    {P::Running, E::IdleExpired, P::Idle, {RetireCurrent}},
    {P::Running, E::TooManyFailures, P::Failed, {FailQueue, RetireCurrent}},

    {P::Replacing, E::NextReady, P::Running, {ReplaceCurrent, AnswerDone}},
    {P::Replacing, E::NextFailed, P::Running, {AnswerFailed}},
    {P::Replacing, E::CurrentGone, P::Starting, {}},
    {P::Replacing, E::ChangeAccepted, P::ReplacingAgain, {}},
    {P::Replacing, E::RecycleInTurn, P::Emptying, {EndNext, RetireCurrent}},
    {P::Replacing, E::StartAsked, P::Replacing, {}},
    {P::Replacing, E::StopAsked, P::Stopped, {CloseQueue, EndNext, RetireCurrent, AnswerFailed}},
    {P::Replacing, E::TooManyFailures, P::Failed, {FailQueue, EndNext, RetireCurrent, AnswerFailed}},

    {P::ReplacingAgain, E::NextReady, P::Replacing, {ReplaceCurrent, StartNext}},
    {P::ReplacingAgain, E::NextFailed, P::Replacing, {StartNext}},
    {P::ReplacingAgain, E::CurrentGone, P::Starting, {EndNext, StartNext}},
    {P::ReplacingAgain, E::RecycleInTurn, P::Emptying, {EndNext, RetireCurrent}},
    {P::ReplacingAgain, E::StopAsked, P::Stopped, {CloseQueue, EndNext, RetireCurrent, AnswerFailed}},
    {P::ReplacingAgain, E::TooManyFailures, P::Failed, {FailQueue, EndNext, RetireCurrent, AnswerFailed}},

    {P::Emptying, E::CurrentDrained, P::Starting, {StartNext}},
    {P::Emptying, E::StopAsked, P::Stopped, {CloseQueue, AnswerFailed}},
    {P::Emptying, E::TooManyFailures, P::Failed, {FailQueue, AnswerFailed}},

    {P::Stopped, E::StopAsked, P::Stopped, {}},
};

constexpr std::size_t Phases = static_cast<std::size_t>(P::Last) + 1;
constexpr std::size_t Events = static_cast<std::size_t>(E::Last) + 1;
using Table = std::array<std::array<PoolStep, Events>, Phases>;

Table build_table() {
    Table table{};
    for (std::size_t phase = 0; phase < Phases; ++phase) {
        for (auto& step : table[phase]) step.next = static_cast<PoolPhase>(phase);
    }
    for (const Row& row : Rows) {
        PoolStep& step = table[static_cast<std::size_t>(row.phase)][static_cast<std::size_t>(row.event)];
        step.next = row.next;
        for (const PoolAction action : row.actions) step.actions[step.count++] = action;
    }
    return table;
}

}  // namespace

PoolStep pool_step(PoolPhase phase, PoolEvent event) {
    static const Table table = build_table();
    return table[static_cast<std::size_t>(phase)][static_cast<std::size_t>(event)];
}

std::string_view name_of(PoolPhase phase) {
    constexpr std::string_view Names[] = {"Stopped", "Failed",    "Idle",           "Starting",
                                          "Running", "Replacing", "ReplacingAgain", "Emptying"};
    return Names[static_cast<std::size_t>(phase)];
}

std::string_view name_of(PoolEvent event) {
    constexpr std::string_view Names[] = {"WorkWaits",      "NextReady",     "NextFailed", "CurrentGone", "RecycleAsked",
                                          "ChangeAccepted", "RecycleInTurn", "StopAsked",  "StartAsked",  "IdleExpired",
                                          "TooManyFailures", "CurrentDrained"};
    return Names[static_cast<std::size_t>(event)];
}

std::string_view name_of(PoolAction action) {
    constexpr std::string_view Names[] = {"StartNext", "EndNext",   "PromoteNext", "ReplaceCurrent", "RetireCurrent", "OpenQueue",
                                          "CloseQueue", "FailQueue", "AnswerDone",  "AnswerFailed"};
    return Names[static_cast<std::size_t>(action)];
}

std::string_view public_state(PoolPhase phase) {
    if (phase == PoolPhase::Stopped) return "stopped";
    if (phase == PoolPhase::Failed) return "failed";
    return "started";
}

}  // namespace osmia::supervisor
