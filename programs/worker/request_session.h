/// \file
/// RequestSession: the worker's way to the client of one request, whatever carries it.
///
/// wire_session.h speaks to a listener through shared memory; memory_session.h is the twin for tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "base/result.h"
#include "wire/request_head.h"
#include "wire/response_record.h"

namespace osmia::worker {

/// One request and the road back. Reading and writing may each be done by any thread, one at a time; the two
/// may overlap.
///
/// Order of a response: write_head() once (informational() before it), then write_body() and write_file(),
/// then end(), then done(), after which nothing may be called. An error of kind Closed means that the client
/// has gone; further writes fail in the same way and end() and done() are still due.
class RequestSession {
public:
    virtual ~RequestSession() = default;

    /// What the listener says of the request. Views live until done().
    virtual const wire::RequestView& request() const = 0;
    /// From here on a death of the process counts as an attempt at this request.
    virtual void mark_begun() = 0;
    virtual bool client_is_gone() const = 0;
    /// Whose connection numbers these are: another listener uses the same ones for its own.
    virtual std::uint64_t listener() const = 0;
    /// Later requests of this connection come to this worker, and its end will be told.
    virtual void bind_connection() = 0;

    /// Body bytes that are here already.
    virtual std::size_t body_available() const = 0;
    /// Waits for body bytes; 0 at the body's end. Closed when the client went away in the middle.
    virtual Result<std::size_t> read_body(std::span<std::byte> target) = 0;
    /// The same without waiting: \a done is called on a pool thread, never by this call. \a target stays
    /// valid until then.
    virtual void read_body_async(std::span<std::byte> target,
                                 std::function<void(Result<std::size_t>)> done) = 0;

    /// Ends a pending read_body_async(): its \a done gets Closed. False: none is pending, or it has its bytes.
    virtual bool cancel_read() = 0;

    virtual Result<void> write_head(const wire::ResponseHead& head) = 0;
    /// Waits for space; the bytes are copied.
    virtual Result<void> write_body(std::span<const std::byte> bytes) = 0;
    /// Sends \a length bytes of the file from \a offset. The descriptor stays the caller's and may be closed
    /// afterwards.
    virtual Result<void> write_file(int fd, std::uint64_t offset, std::uint64_t length) = 0;
    /// Sends what there is now; after end() too.
    virtual void flush() = 0;
    /// Calls \a done on a pool thread, never from this call, once the client's socket has taken all that was written
    /// and flushed before; Closed when it never will. One at a time.
    virtual void when_sent(std::function<void(Result<void>)> done) = 0;
    /// The response is complete; with \a abort the connection is cut instead, so that the client cannot take
    /// it for whole.
    virtual void end(bool abort) = 0;
    /// Closes the connection after this response; with \a reset at once.
    virtual void disconnect(bool reset) = 0;
    virtual void done(const wire::DoneFields& fields) = 0;
};

}  // namespace osmia::worker
