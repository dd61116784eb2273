/// \file
/// From the records of a worker's response stream to the calls of a sink.
#pragma once

#include "listener/exchange.h"
#include "listener/worker_link.h"

namespace osmia::listener {

/// The most body bytes copied on behalf of one client that reads slowly, so that its slot can be freed.
inline constexpr std::size_t MaxHeldResponse = 256 * 1024;
/// A worker with this many requests: slow clients' answers are copied out although it still writes them.
inline constexpr std::uint32_t BusyRequests = 64;

enum class PumpOutcome {
    Waiting,   ///< no more records now, or the client is slow
    Finished,  ///< the Done record was read; the slot can be released
    Broken,    ///< no honest worker writes this
};

/// Moves what the worker has written for \a exchange to its sink, until records or the client's socket run out. With
/// \a hold_everything (the worker is dead) body bytes are copied when the client is slow, whatever their number: at
/// most one window.
PumpOutcome pump_response(WorkerLink& link, Exchange& exchange, wire::DoneFields& done, bool hold_everything);

}  // namespace osmia::listener
