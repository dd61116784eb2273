#include "http2/server_session.h"

#include <nghttp2/nghttp2.h>

#include <array>
#include <cstring>
#include <unordered_map>
#include <unordered_set>

#include "base/result.h"
#include "http/ascii.h"

namespace osmia::http2 {

namespace {

/// The payload of the PING that follows announce_end().
constexpr std::uint8_t EndPing[8] = {'O', 's', 'm', 'i', 'a', 'e', 'n', 'd'};

template <auto Free>
struct Freeing {
    void operator()(auto* object) const { Free(object); }
};
using SessionPointer = std::unique_ptr<nghttp2_session, Freeing<nghttp2_session_del>>;
using CallbacksPointer = std::unique_ptr<nghttp2_session_callbacks, Freeing<nghttp2_session_callbacks_del>>;
using OptionPointer = std::unique_ptr<nghttp2_option, Freeing<nghttp2_option_del>>;

std::string_view text(const std::uint8_t* bytes, std::size_t size) { return {reinterpret_cast<const char*>(bytes), size}; }

}  // namespace

/// The engine and what is counted beside it.
struct ServerSession::Native {
    Native(const Limits& its_limits, SessionEvents& its_events) : limits(its_limits), events(its_events), guard(its_limits) {}

    void flooded(Flood what) {
        if (counters.flood != Flood::None) return;
        counters.flood = what;
        nghttp2_session_terminate_session(session.get(), NGHTTP2_ENHANCE_YOUR_CALM);
    }
    void take(Flood what) {
        if (!guard.take(what, now_us)) flooded(what);
    }

    const Limits limits;
    SessionEvents& events;
    FloodGuard guard;
    SessionPointer session;
    SessionCounters counters;
    std::int64_t now_us = 0;
    std::unordered_set<StreamId> open;  ///< told of by on_request(), not yet by on_stream_closed()
    // The head that is being received: only one can be at a time.
    RequestHead head;
    bool head_too_large = false;
    bool in_head = false;
    bool end_seen = false;
};

namespace {

using Native = ServerSession::Native;

Native& of(void* user_data) { return *static_cast<Native*>(user_data); }

bool is_empty(const nghttp2_frame_hd& header) {
    switch (header.type) {
        case NGHTTP2_DATA: return header.length == 0 && (header.flags & NGHTTP2_FLAG_END_STREAM) == 0;
        case NGHTTP2_HEADERS:
        case NGHTTP2_CONTINUATION: return header.length == 0 && (header.flags & NGHTTP2_FLAG_END_HEADERS) == 0;
        default: return false;
    }
}

int on_begin_frame(nghttp2_session*, const nghttp2_frame_hd* header, void* user_data) {
    Native& native = of(user_data);
    if (is_empty(*header)) native.take(Flood::EmptyFrames);
    switch (header->type) {
        case NGHTTP2_DATA:
        case NGHTTP2_HEADERS:
        case NGHTTP2_CONTINUATION:
        case NGHTTP2_RST_STREAM:
        case NGHTTP2_GOAWAY: break;
        case NGHTTP2_WINDOW_UPDATE: native.take(Flood::WindowUpdates); break;
        case NGHTTP2_PRIORITY:
            // RFC 9113 section 6.3; the engine, which heeds RFC 9218 instead, would pass over it.
            if (header->stream_id == 0) nghttp2_session_terminate_session(native.session.get(), NGHTTP2_PROTOCOL_ERROR);
            native.take(Flood::Control);
            break;
        default: native.take(Flood::Control); break;
    }
    return 0;
}

int on_begin_headers(nghttp2_session*, const nghttp2_frame*, void* user_data) {
    Native& native = of(user_data);
    native.head.clear();
    native.head_too_large = false;
    native.in_head = true;
    return 0;
}

int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size, const std::uint8_t* value,
              std::size_t value_size, std::uint8_t, void* user_data) {
    Native& native = of(user_data);
    // Trailers are validated by the engine and left out.
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    const http::HeadLimits& limits = native.limits.head;
    const std::size_t most = std::size_t{limits.request_line_bytes} + limits.field_section_bytes;
    const bool is_pseudo = name_size > 0 && name[0] == ':';
    // Field lines as HTTP/1.1 would have them count, not HPACK's 32 bytes for each.
    if (native.head.list_size() + name_size + value_size - 28 * native.head.field_count() > most ||
        (!is_pseudo && native.head.field_count() >= limits.field_count)) {
        native.head_too_large = true;
        return 0;
    }
    native.head.add(text(name, name_size), text(value, value_size));
    return 0;
}

/// RFC 9113 section 8.2.1: malformed. The engine would leave the field out.
int on_invalid_header(nghttp2_session* session, const nghttp2_frame* frame, const std::uint8_t*, std::size_t, const std::uint8_t*, std::size_t,
                      std::uint8_t, void*) {
    nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id, NGHTTP2_PROTOCOL_ERROR);
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
    Native& native = of(user_data);
    const bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    native.in_head = false;
    switch (frame->hd.type) {
        case NGHTTP2_HEADERS:
            if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
                ++native.counters.requests;
                native.open.insert(frame->hd.stream_id);
                native.events.on_request(frame->hd.stream_id, native.head, ends, native.head_too_large);
                if (ends && native.open.contains(frame->hd.stream_id)) native.events.on_request_end(frame->hd.stream_id);
                break;
            }
            [[fallthrough]];
        case NGHTTP2_DATA:
            if (ends && native.open.contains(frame->hd.stream_id)) native.events.on_request_end(frame->hd.stream_id);
            break;
        case NGHTTP2_RST_STREAM:
            ++native.counters.resets;
            native.take(Flood::Resets);
            break;
        case NGHTTP2_PRIORITY_UPDATE:
            // RFC 9218 section 7.1.
            if (static_cast<const nghttp2_ext_priority_update*>(frame->ext.payload)->stream_id == 0) {
                nghttp2_session_terminate_session(native.session.get(), NGHTTP2_PROTOCOL_ERROR);
            }
            break;
        case NGHTTP2_PING:
            if ((frame->hd.flags & NGHTTP2_FLAG_ACK) != 0 && std::memcmp(frame->ping.opaque_data, EndPing, sizeof EndPing) == 0) native.end_seen = true;
            break;
        default: break;
    }
    return 0;
}

/// A malformed request costs what a reset costs: the engine answers it with one.
int on_invalid_frame(nghttp2_session*, const nghttp2_frame* frame, int error, void* user_data) {
    Native& native = of(user_data);
    native.in_head = false;
    if (error == NGHTTP2_ERR_REFUSED_STREAM) ++native.counters.refused;
    if (frame->hd.stream_id != 0) native.take(Flood::Resets);
    return 0;
}

int on_data(nghttp2_session* session, std::uint8_t, std::int32_t stream, const std::uint8_t* data, std::size_t size, void* user_data) {
    Native& native = of(user_data);
    if (native.open.contains(stream)) native.events.on_content(stream, text(data, size));
    else nghttp2_session_consume_connection(session, size);
    return 0;
}

int on_stream_close(nghttp2_session*, std::int32_t stream, std::uint32_t code, void* user_data) {
    Native& native = of(user_data);
    if (native.open.erase(stream) != 0) native.events.on_stream_closed(stream, code);
    return 0;
}

int on_frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
    if (frame->hd.type == NGHTTP2_DATA) of(user_data).guard.allow(Flood::WindowUpdates, 2);
    return 0;
}

ssize_t read_content(nghttp2_session*, std::int32_t stream, std::uint8_t* target, std::size_t size, std::uint32_t* flags, nghttp2_data_source*,
                     void* user_data) {
    bool ends = false;
    const auto got = of(user_data).events.read_content(stream, {reinterpret_cast<char*>(target), size}, ends);
    if (got < 0) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    if (got == 0 && !ends) return NGHTTP2_ERR_DEFERRED;
    if (ends) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return got;
}

/// The engine gives up without a word; the client is told why all the same.
void on_fatal(Native& native, int error) {
    const bool is_flood = error == NGHTTP2_ERR_FLOODED || error == NGHTTP2_ERR_TOO_MANY_CONTINUATIONS;
    if (is_flood && native.counters.flood == Flood::None) {
        native.counters.flood = error == NGHTTP2_ERR_FLOODED ? Flood::Control : Flood::Continuations;
    }
    nghttp2_session_terminate_session(native.session.get(), is_flood ? NGHTTP2_ENHANCE_YOUR_CALM : NGHTTP2_PROTOCOL_ERROR);
}

CallbacksPointer make_callbacks() {
    nghttp2_session_callbacks* made = nullptr;
    OSMIA_CHECK(nghttp2_session_callbacks_new(&made) == 0, "memory for callbacks");
    nghttp2_session_callbacks_set_on_begin_frame_callback(made, on_begin_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(made, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(made, on_header);
    nghttp2_session_callbacks_set_on_invalid_header_callback(made, on_invalid_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made, on_frame);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(made, on_invalid_frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, on_stream_close);
    nghttp2_session_callbacks_set_on_frame_send_callback(made, on_frame_sent);
    return CallbacksPointer(made);
}

OptionPointer make_options(const Limits& limits) {
    nghttp2_option* made = nullptr;
    OSMIA_CHECK(nghttp2_option_new(&made) == 0, "memory for options");
    nghttp2_option_set_no_auto_window_update(made, 1);
    nghttp2_option_set_max_continuations(made, limits.continuations);
    nghttp2_option_set_max_settings(made, limits.settings_entries);
    nghttp2_option_set_builtin_recv_extension_type(made, NGHTTP2_PRIORITY_UPDATE);
    nghttp2_option_set_stream_reset_rate_limit(made, 1'000'000, 1'000'000);  // ours tells the time that it is given
    return OptionPointer(made);
}

}  // namespace

ServerSession::ServerSession(const Limits& limits, SessionEvents& events) : native_(std::make_unique<Native>(limits, events)) {
    static const CallbacksPointer callbacks = make_callbacks();
    const OptionPointer options = make_options(limits);
    nghttp2_session* made = nullptr;
    OSMIA_CHECK(nghttp2_session_server_new2(&made, callbacks.get(), native_.get(), options.get()) == 0, "memory for an HTTP/2 session");
    native_->session.reset(made);
    const std::array settings{
        nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.concurrent_streams},
        nghttp2_settings_entry{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.stream_window},
        nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.head.request_line_bytes + limits.head.field_section_bytes},
        // RFC 9218: urgency and increments instead of RFC 7540's tree.
        nghttp2_settings_entry{NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
    };
    nghttp2_submit_settings(made, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
    nghttp2_session_set_local_window_size(made, NGHTTP2_FLAG_NONE, 0, static_cast<std::int32_t>(limits.connection_window));
}

ServerSession::~ServerSession() = default;

bool ServerSession::receive(std::span<const char> bytes, std::int64_t now_us) {
    native_->now_us = now_us;
    const ssize_t used = nghttp2_session_mem_recv(native_->session.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    if (used < 0) on_fatal(*native_, static_cast<int>(used));
    return used >= 0 && nghttp2_session_want_read(native_->session.get()) != 0;
}

std::string_view ServerSession::produce() {
    const std::uint8_t* data = nullptr;
    const ssize_t size = nghttp2_session_mem_send(native_->session.get(), &data);
    return size <= 0 ? std::string_view() : text(data, static_cast<std::size_t>(size));
}

bool ServerSession::is_in_head() const { return native_->in_head; }

bool ServerSession::is_over() const {
    return nghttp2_session_want_read(native_->session.get()) == 0 && nghttp2_session_want_write(native_->session.get()) == 0;
}

namespace {

/// A status and fields in the engine's form. Valid until the next one is made.
class FieldList {
public:
    FieldList(unsigned status, std::span<const ResponseField> fields) {
        code_ = {static_cast<char>('0' + status / 100 % 10), static_cast<char>('0' + status / 10 % 10), static_cast<char>('0' + status % 10)};
        std::size_t size = 0;
        for (const ResponseField& field : fields) size += field.name.size();
        names().resize(size);
        list().clear();
        add(":status", {code_.data(), code_.size()});
        char* at = names().data();
        for (const ResponseField& field : fields) {
            const std::string_view lower(at, field.name.size());
            for (const char c : field.name) *at++ = http::to_lower(c);
            add(lower, field.value);
        }
    }
    const nghttp2_nv* data() const { return list().data(); }
    std::size_t size() const { return list().size(); }

private:
    static std::string& names() {
        thread_local std::string text;
        return text;
    }
    static std::vector<nghttp2_nv>& list() {
        thread_local std::vector<nghttp2_nv> fields;
        return fields;
    }
    // The engine's type lacks const; it copies.
    static std::uint8_t* bytes(std::string_view text) { return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data())); }
    static void add(std::string_view name, std::string_view value) {
        list().push_back({bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    std::array<char, 3> code_;
};

}  // namespace

void ServerSession::submit_response(StreamId stream, unsigned status, std::span<const ResponseField> fields, bool has_content) {
    const FieldList list(status, fields);
    nghttp2_data_provider provider{};
    provider.read_callback = read_content;
    nghttp2_submit_response(native_->session.get(), stream, list.data(), list.size(), has_content ? &provider : nullptr);
}

void ServerSession::submit_informational(StreamId stream, unsigned status, std::span<const ResponseField> fields) {
    const FieldList list(status, fields);
    nghttp2_submit_headers(native_->session.get(), NGHTTP2_FLAG_NONE, stream, nullptr, list.data(), list.size(), nullptr);
}

void ServerSession::resume(StreamId stream) { nghttp2_session_resume_data(native_->session.get(), stream); }

void ServerSession::reset(StreamId stream, ErrorCode code) {
    nghttp2_submit_rst_stream(native_->session.get(), NGHTTP2_FLAG_NONE, stream, static_cast<std::uint32_t>(code));
}

void ServerSession::consume(StreamId stream, std::size_t size) {
    if (size > 0) nghttp2_session_consume(native_->session.get(), stream, size);
}

bool ServerSession::is_window_closed(StreamId stream) const {
    return nghttp2_session_get_stream_remote_window_size(native_->session.get(), stream) <= 0 ||
           nghttp2_session_get_remote_window_size(native_->session.get()) <= 0;
}

void ServerSession::announce_end() {
    nghttp2_submit_shutdown_notice(native_->session.get());
    nghttp2_submit_ping(native_->session.get(), NGHTTP2_FLAG_NONE, EndPing);
}

void ServerSession::finish_streams() {
    nghttp2_submit_goaway(native_->session.get(), NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(native_->session.get()), NGHTTP2_NO_ERROR, nullptr, 0);
}

bool ServerSession::end_was_seen() const { return native_->end_seen; }

void ServerSession::fail(ErrorCode code) { nghttp2_session_terminate_session(native_->session.get(), static_cast<std::uint32_t>(code)); }

const SessionCounters& ServerSession::counters() const { return native_->counters; }

}  // namespace osmia::http2
