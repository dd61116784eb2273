/// \file
/// The application pool as a table: phase and event give the next phase and what to do. No I/O, no clock, no memory: the
/// mechanism beside it (pool.cpp) feeds events and carries the actions out.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace osmia::supervisor {

/// Where a pool stands. Workers that drain belong to no phase: they are on their way out whatever the pool does.
enum class PoolPhase : std::uint8_t {
    Stopped,         ///< an administrator stopped it (or autoStart is off); the listener answers 503
    Failed,          ///< stopped by rapid-fail protection; the listener answers 503
    Idle,            ///< takes requests, has no worker
    Starting,        ///< the first workers of a generation are starting, none is ready
    Running,         ///< at least one worker is ready
    Replacing,       ///< workers are ready, the next generation is starting beside them
    ReplacingAgain,  ///< the same, and what the next generation was started with is out of date already
    Emptying,        ///< overlap is not allowed: the old generation drains before the next starts
    Last = Emptying,
};

enum class PoolEvent : std::uint8_t {
    WorkWaits,         ///< requests wait and no worker can take them, or the pool must always run
    NextReady,         ///< the generation being started is ready
    NextFailed,        ///< the whole generation being started has died or took too long
    CurrentGone,       ///< the last ready worker has died
    RecycleAsked,      ///< by an administrator, a limit or a worker
    ChangeAccepted,    ///< the pool's configuration or code has changed
    RecycleInTurn,     ///< RecycleAsked or ChangeAccepted where overlap is not allowed
    StopAsked,
    StartAsked,
    IdleExpired,       ///< the workers had nothing to do for idleTimeout
    TooManyFailures,   ///< rapid-fail protection
    CurrentDrained,    ///< every draining worker of the pool has ended
    Last = CurrentDrained,
};

enum class PoolAction : std::uint8_t {
    StartNext,       ///< start a new generation
    EndNext,         ///< end the generation being started; it has served nobody
    PromoteNext,     ///< the new generation takes requests
    ReplaceCurrent,  ///< the same, and then the old generation is retired: there is always one that takes requests
    RetireCurrent,   ///< the ready workers get no more requests, finish, and exit
    OpenQueue,       ///< the listener queues requests for the pool
    CloseQueue,      ///< the listener answers 503: stopped
    FailQueue,       ///< the listener answers 503: failed
    AnswerDone,      ///< whoever waits for a start or a recycle is told that it is done
    AnswerFailed,    ///< ... that it failed
    Last = AnswerFailed,
};

/// What one event does in one phase. At most MaxActions actions, carried out in order.
struct PoolStep {
    static constexpr std::size_t MaxActions = 4;


    PoolPhase next = PoolPhase::Stopped;
    std::uint8_t count = 0;
    PoolAction actions[MaxActions] = {};

    const PoolAction* begin() const { return actions; }
    const PoolAction* end() const { return actions + count; }
};

/// The table. Defined for every pair; an event without meaning in a phase leaves it as it is.
PoolStep pool_step(PoolPhase phase, PoolEvent event);

std::string_view name_of(PoolPhase phase);
std::string_view name_of(PoolEvent event);
std::string_view name_of(PoolAction action);

/// The word of the command line: "started", "stopped" or "failed".
std::string_view public_state(PoolPhase phase);

}  // namespace osmia::supervisor
