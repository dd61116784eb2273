#include "listener/response_pump.h"

#include "listener/access_log.h"

namespace osmia::listener {

namespace {

constexpr unsigned SwitchingProtocols = 101;

/// One run of the pump over one exchange.
class Pump {
public:
    Pump(WorkerLink& link, Exchange& exchange, wire::DoneFields& done, bool hold_everything)
        : link_(link), end_(link.end()), exchange_(exchange), done_(done), hold_everything_(hold_everything) {}

    PumpOutcome run() {
        wire::ListenerEnd::Record record{};
        PumpOutcome outcome = PumpOutcome::Waiting;
        bool more = true;
        while (more) {
            const auto found = end_.next_record(exchange_.slot, record);
            if (found == wire::ListenerEnd::Outcome::Broken) return PumpOutcome::Broken;
            if (found == wire::ListenerEnd::Outcome::Nothing) break;
            switch (handle(record)) {
                case Step::Next: break;
                case Step::Blocked: more = false; break;
                case Step::Done: outcome = PumpOutcome::Finished; more = false; break;
                case Step::Broken: return PumpOutcome::Broken;
            }
        }
        if (sink() != nullptr) sink()->on_flush();
        if (outcome != PumpOutcome::Waiting) return outcome;
        end_.release_consumed(exchange_.slot);
        // What the listener holds of a response that has ended is its own business.
        if (exchange_.ended || (sink() != nullptr && sink()->has_sent_all())) end_.report_sent(exchange_.slot);
        return outcome;
    }

private:
    enum class Step { Next, Blocked, Done, Broken };

    ResponseSink* sink() const { return exchange_.ended ? nullptr : exchange_.sink; }

    Step handle(const wire::ListenerEnd::Record& record) {
        switch (record.kind) {
            case wire::RecordKind::InformationalHead:
            case wire::RecordKind::Head: return on_head(record.kind == wire::RecordKind::InformationalHead);
            case wire::RecordKind::Body: return on_body();
            case wire::RecordKind::File: return on_file();
            case wire::RecordKind::Flush:
                end_.take_payload(exchange_.slot);
                if (sink() != nullptr) sink()->on_flush();
                return Step::Next;
            case wire::RecordKind::End: end_.take_payload(exchange_.slot); return on_end((record.flags & wire::RecordAbort) != 0);
            case wire::RecordKind::Done: return on_done();
            case wire::RecordKind::BindConnection:
                end_.take_payload(exchange_.slot);
                on_bind((record.flags & wire::RecordUnbind) == 0);
                return Step::Next;
            case wire::RecordKind::Disconnect:
                end_.take_payload(exchange_.slot);
                if (sink() != nullptr) sink()->on_disconnect((record.flags & wire::RecordAbort) != 0);
                return Step::Next;
        }
        return Step::Broken;
    }

    Step on_head(bool informational) {
        thread_local wire::ResponseHeadView head;
        if (!wire::decode_response_head(end_.take_payload(exchange_.slot), head)) return Step::Broken;
        if (informational != (head.status >= 100 && head.status < 200) || exchange_.head_seen) return Step::Broken;
        if (head.status == SwitchingProtocols) {
            // Nobody offered an upgrade (RFC 9110 section 7.8): what follows would be taken for HTTP.
            exchange_.head_seen = true;
            fail(http::ErrorReason::ConnectionAbandonedByAppPool);
            return Step::Next;
        }
        if (informational) {
            if (sink() != nullptr) sink()->on_informational(head);
            return Step::Next;
        }
        exchange_.head_seen = true;
        exchange_.status = head.status;
        exchange_.answered_us = monotonic_us();
        keep_logged_fields(exchange_, head);
        if (sink() != nullptr && !sink()->on_head(head)) fail(http::ErrorReason::ConnectionAbandonedByAppPool);
        return Step::Next;
    }

    void fail(http::ErrorReason reason) {
        ResponseSink* const receiver = sink();
        exchange_.ended = true;
        exchange_.status = 502;
        if (receiver != nullptr) receiver->on_failure(502, reason);
    }

    void on_bind(bool bind) {
        if (exchange_.sink != nullptr) {
            exchange_.sink->on_bind(bind ? &link_ : nullptr);
        } else if (bind) {
            link_.send_connection_closed(exchange_.fixed().connection_id);  // it closed before it could be bound
        }
    }

    Step on_body() {
        if (!exchange_.head_seen) return Step::Broken;
        iovec pieces[2];
        const int count = end_.payload_pieces(exchange_.slot, wire::ResponseWindowBytes, pieces);
        std::size_t size = 0;
        for (int i = 0; i < count; ++i) size += pieces[i].iov_len;
        if (sink() == nullptr) {
            if (size > 0) end_.consume(exchange_.slot, size);
            return Step::Next;
        }
        const std::size_t taken = sink()->is_blocked() ? 0 : sink()->on_body(pieces, count);
        if (taken > 0) end_.consume(exchange_.slot, taken);
        if (taken == size) return Step::Next;
        if (sink() != nullptr && !may_hold(size - taken)) return Step::Blocked;
        const int rest = end_.payload_pieces(exchange_.slot, wire::ResponseWindowBytes, pieces);
        if (sink() != nullptr) sink()->hold_body(pieces, rest);
        end_.consume(exchange_.slot, size - taken);
        return Step::Next;
    }

    /// A slow client keeps its slot only while the worker still writes: a finished answer is copied out. In a worker with
    /// much to do the unfinished ones are too, so that its threads find room for what they write.
    bool may_hold(std::size_t size) {
        if (hold_everything_) return true;
        return sink()->held_bytes() + size <= MaxHeldResponse && (end_.is_finished(exchange_.slot) || link_.active() >= BusyRequests);
    }

    Step on_file() {
        wire::FileRange range;
        const auto payload = end_.take_payload(exchange_.slot);
        if (!exchange_.head_seen || payload.size() != sizeof range) return Step::Broken;
        std::memcpy(&range, payload.data(), sizeof range);
        auto file = link_.find_file(range.file_id, range.generation);
        if (file == nullptr || range.offset > file->size) return Step::Broken;
        if (range.length == wire::UnknownLength) range.length = file->size - range.offset;
        if (range.length > file->size - range.offset) return Step::Broken;
        if (sink() != nullptr && range.length > 0) sink()->on_file(std::move(file), range.offset, range.length);
        return Step::Next;
    }

    Step on_end(bool abort) {
        ResponseSink* const receiver = sink();
        if (!exchange_.head_seen) {
            fail(http::ErrorReason::ConnectionAbandonedByAppPool);
        } else if (receiver != nullptr) {
            exchange_.ended = true;
            receiver->on_end(abort);
        }
        exchange_.ended = true;
        return Step::Next;
    }

    Step on_done() {
        const auto fields = wire::decode_done_fields(end_.take_payload(exchange_.slot));
        if (!fields) return Step::Broken;
        done_ = *fields;
        if (!exchange_.ended) on_end(exchange_.head_seen);
        return Step::Done;
    }

    WorkerLink& link_;
    wire::ListenerEnd& end_;
    Exchange& exchange_;
    wire::DoneFields& done_;
    bool hold_everything_;
};

}  // namespace

PumpOutcome pump_response(WorkerLink& link, Exchange& exchange, wire::DoneFields& done, bool hold_everything) {
    return Pump(link, exchange, done, hold_everything).run();
}

}  // namespace osmia::listener
