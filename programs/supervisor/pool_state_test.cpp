#include "supervisor/pool_state.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace osmia::supervisor {
namespace {

using P = PoolPhase;
using E = PoolEvent;
using A = PoolAction;

std::vector<P> phases() {
    std::vector<P> all;
    for (int i = 0; i <= static_cast<int>(P::Last); ++i) all.push_back(static_cast<P>(i));
    return all;
}

std::vector<E> events() {
    std::vector<E> all;
    for (int i = 0; i <= static_cast<int>(E::Last); ++i) all.push_back(static_cast<E>(i));
    return all;
}

std::string text_of(P phase, E event) {
    const PoolStep step = pool_step(phase, event);
    std::string text(name_of(step.next));
    for (const A action : step) text += std::string(" ") + std::string(name_of(action));
    return text;
}

bool takes_requests(P phase) { return phase != P::Stopped && phase != P::Failed; }
bool has_next(P phase) { return phase == P::Starting || phase == P::Replacing || phase == P::ReplacingAgain; }
bool has_current(P phase) { return phase == P::Running || phase == P::Replacing || phase == P::ReplacingAgain; }

// Every pair of the table that does anything, in a second hand: a change must be made twice to pass.
TEST(PoolState, DoesExactlyWhatTheTableSays) {
    const std::map<std::pair<P, E>, std::string> expected{
        {{P::Stopped, E::StartAsked}, "Idle OpenQueue AnswerDone"},
        {{P::Failed, E::StartAsked}, "Idle OpenQueue AnswerDone"},
        {{P::Failed, E::StopAsked}, "Stopped CloseQueue"},
        {{P::Idle, E::WorkWaits}, "Starting StartNext"},
        {{P::Idle, E::RecycleAsked}, "Idle AnswerDone"},
        {{P::Idle, E::ChangeAccepted}, "Idle AnswerDone"},
        {{P::Idle, E::RecycleInTurn}, "Idle AnswerDone"},
        {{P::Idle, E::StartAsked}, "Idle AnswerDone"},
        {{P::Idle, E::StopAsked}, "Stopped CloseQueue"},
        {{P::Idle, E::TooManyFailures}, "Failed FailQueue AnswerFailed"},
        {{P::Starting, E::NextReady}, "Running PromoteNext AnswerDone"},
        {{P::Starting, E::NextFailed}, "Starting StartNext"},
        {{P::Starting, E::ChangeAccepted}, "Starting EndNext StartNext"},
        {{P::Starting, E::RecycleInTurn}, "Starting EndNext StartNext"},
        {{P::Starting, E::StartAsked}, "Starting AnswerDone"},
        {{P::Starting, E::StopAsked}, "Stopped CloseQueue EndNext AnswerFailed"},
        {{P::Starting, E::TooManyFailures}, "Failed FailQueue EndNext AnswerFailed"},
        {{P::Running, E::CurrentGone}, "Idle"},
        {{P::Running, E::RecycleAsked}, "Replacing StartNext"},
        {{P::Running, E::ChangeAccepted}, "Replacing StartNext"},
        {{P::Running, E::RecycleInTurn}, "Emptying RetireCurrent"},
        {{P::Running, E::StartAsked}, "Running AnswerDone"},
        {{P::Running, E::StopAsked}, "Stopped CloseQueue RetireCurrent"},
        {{P::Running, E::IdleExpired}, "Idle RetireCurrent"},
        {{P::Running, E::TooManyFailures}, "Failed FailQueue RetireCurrent"},
        {{P::Replacing, E::NextReady}, "Running ReplaceCurrent AnswerDone"},
        {{P::Replacing, E::NextFailed}, "Running AnswerFailed"},
        {{P::Replacing, E::CurrentGone}, "Starting"},
        {{P::Replacing, E::ChangeAccepted}, "ReplacingAgain"},
        {{P::Replacing, E::RecycleInTurn}, "Emptying EndNext RetireCurrent"},
        {{P::Replacing, E::StopAsked}, "Stopped CloseQueue EndNext RetireCurrent AnswerFailed"},
        {{P::Replacing, E::TooManyFailures}, "Failed FailQueue EndNext RetireCurrent AnswerFailed"},
        {{P::ReplacingAgain, E::NextReady}, "Replacing ReplaceCurrent StartNext"},
        {{P::ReplacingAgain, E::NextFailed}, "Replacing StartNext"},
        {{P::ReplacingAgain, E::CurrentGone}, "Starting EndNext StartNext"},
        {{P::ReplacingAgain, E::RecycleInTurn}, "Emptying EndNext RetireCurrent"},
        {{P::ReplacingAgain, E::StopAsked}, "Stopped CloseQueue EndNext RetireCurrent AnswerFailed"},
        {{P::ReplacingAgain, E::TooManyFailures}, "Failed FailQueue EndNext RetireCurrent AnswerFailed"},
        {{P::Emptying, E::CurrentDrained}, "Starting StartNext"},
        {{P::Emptying, E::StopAsked}, "Stopped CloseQueue AnswerFailed"},
        {{P::Emptying, E::TooManyFailures}, "Failed FailQueue AnswerFailed"},
    };
    for (const P phase : phases()) {
        for (const E event : events()) {
            const auto found = expected.find({phase, event});
            EXPECT_EQ(text_of(phase, event), found == expected.end() ? std::string(name_of(phase)) : found->second)
                << name_of(phase) << " x " << name_of(event);
        }
    }
}

// Invariants that hold for every pair, whatever the rows say.
TEST(PoolState, NeverLosesOrDoublesAGeneration) {
    for (const P phase : phases()) {
        for (const E event : events()) {
            const PoolStep step = pool_step(phase, event);
            // What the event itself says about the generations.
            bool next = has_next(phase) && event != E::NextFailed;
            bool current = has_current(phase) && event != E::CurrentGone;
            for (const A action : step) {
                if (action == A::EndNext) next = false;
                if (action == A::StartNext) {
                    EXPECT_FALSE(next) << name_of(phase) << " x " << name_of(event) << " starts over a starting generation";
                    next = true;
                }
                if (action == A::RetireCurrent) current = false;
                if (action == A::PromoteNext || action == A::ReplaceCurrent) {
                    EXPECT_EQ(current, action == A::ReplaceCurrent) << name_of(phase) << " x " << name_of(event);
                    EXPECT_TRUE(next) << name_of(phase) << " x " << name_of(event);
                    next = false;
                    current = true;
                }
            }
            EXPECT_EQ(next, has_next(step.next)) << name_of(phase) << " x " << name_of(event);
            EXPECT_EQ(current, has_current(step.next)) << name_of(phase) << " x " << name_of(event);
        }
    }
}

TEST(PoolState, TellsTheListenerWheneverTakingRequestsChanges) {
    for (const P phase : phases()) {
        for (const E event : events()) {
            const PoolStep step = pool_step(phase, event);
            const std::multiset<A> actions(step.begin(), step.end());
            const auto where = std::string(name_of(phase)) + " x " + std::string(name_of(event));
            EXPECT_EQ(actions.count(A::OpenQueue) == 1, !takes_requests(phase) && takes_requests(step.next)) << where;
            EXPECT_EQ(actions.count(A::CloseQueue) == 1, phase != P::Stopped && step.next == P::Stopped) << where;
            EXPECT_EQ(actions.count(A::FailQueue) == 1, phase != P::Failed && step.next == P::Failed) << where;
        }
    }
}

TEST(PoolState, EndsNobodysWaitWithoutAnAnswer) {
    // Who waits for a recycle is answered at the latest when the pool leaves the phases that replace.
    for (const P phase : {P::Replacing, P::ReplacingAgain, P::Emptying, P::Starting}) {
        for (const E event : events()) {
            const PoolStep step = pool_step(phase, event);
            const bool still_waiting = has_next(step.next) || step.next == P::Emptying;
            const bool answered = std::count(step.begin(), step.end(), A::AnswerDone) + std::count(step.begin(), step.end(), A::AnswerFailed) > 0;
            EXPECT_TRUE(still_waiting || answered) << name_of(phase) << " x " << name_of(event);
        }
    }
}

TEST(PoolState, ManyRequestsToRecycleStartOneGeneration) {
    P phase = P::Running;
    int starts = 0;
    for (int i = 0; i < 10; ++i) {
        const PoolStep step = pool_step(phase, E::RecycleAsked);
        starts += static_cast<int>(std::count(step.begin(), step.end(), A::StartNext));
        phase = step.next;
    }
    EXPECT_EQ(starts, 1);
    EXPECT_EQ(pool_step(phase, E::NextReady).next, P::Running);
}

TEST(PoolState, HasThreePublicStates) {
    std::set<std::string_view> states;
    for (const P phase : phases()) states.insert(public_state(phase));
    EXPECT_EQ(states, (std::set<std::string_view>{"started", "stopped", "failed"}));
}

}  // namespace
}  // namespace osmia::supervisor
