#include "worker/pipeline/exchange.h"

#include <cstring>

#include "http/status.h"
#include "http_fields/content_length.h"
#include "worker/coarse_clock.h"
#include "worker/pipeline/beneath.h"
#include "worker/pipeline/error_page.h"

namespace osmia::worker {

Exchange::Exchange(RequestSession& session, SiteMap& sites, const WorkerFacts& facts)
    : session_(session),
      sites_(sites),
      facts_(facts),
      request_(session.request()),
      own_response_(std::make_unique<ResponseData>()),
      response_(own_response_.get()),
      content_length_(session.request().fixed().content_length) {}

Exchange::Exchange(Exchange& parent)
    : session_(parent.session_),
      sites_(parent.sites_),
      facts_(parent.facts_),
      request_(parent.request_.copy()),
      response_(parent.response_),
      send_hook_(parent.send_hook_),
      body_read_(parent.body_read_),
      content_length_(parent.content_length_),
      has_entity_(parent.has_entity_),
      is_child_(true) {}

const std::shared_ptr<const UrlTarget>& Exchange::no_target() {
    static const auto none = std::make_shared<const UrlTarget>();
    return none;
}

bool Exchange::is_local_client() {
    if (is_local_) return *is_local_;
    const bool unix_socket = (head().flags & wire::RequestIsUnixSocket) != 0;
    bool local = unix_socket || received().remote_address() == received().local_address();
    for (const auto& field : request_.fields()) {
        if (!local) break;
        local = !same_name(field.name, "Forwarded") && !same_name(field.name, "X-Forwarded-For") &&
                !same_name(field.name, "Via");
    }
    is_local_ = local;
    return local;
}

void Exchange::set_error(std::uint16_t status, std::uint16_t substatus, std::int32_t error) {
    if (response_->head_sent) return;
    response_->clear();
    response_->set_status(status, "", substatus, error);
}

bool Exchange::resolve() {
    if (target_->configuration != nullptr) earlier_.push_back(std::move(target_));
    target_ = sites_.find(head().site_id, request_.path());
    mapping_ = {};
    mapping_.script_length = request_.path().size();
    if (target_->site == nullptr || target_->configuration == nullptr) {
        set_error(404, 0);
        return false;
    }
    if (!target_->configuration->error) return admits();
    const auto& error = *target_->configuration->error;
    set_error(500, 19, static_cast<std::int32_t>(error.number));
    if (is_local_client()) response_->error_description = configuration_error_html(error);
    return false;
}

// What <serverRuntime> refuses before any module is asked.
bool Exchange::admits() {
    const config::ServerRuntimeSection& runtime = *target_->configuration->server_runtime;
    const std::uint64_t length = content_length_;
    if (!runtime.enabled) {
        set_error(503, 0);
    } else if (length != wire::UnknownLength && length > runtime.max_request_entity_allowed) {
        set_error(413, 1);
    } else {
        if (runtime.max_request_entity_allowed != 0xffffffff)
            limit_body(runtime.max_request_entity_allowed, 413, 1);
        return true;
    }
    return false;
}

void Exchange::limit_body(std::uint64_t bytes, std::uint16_t status, std::uint16_t substatus) {
    if (bytes >= body_limit_) return;
    body_limit_ = bytes;
    over_limit_status_ = status;
    over_limit_substatus_ = substatus;
}

Result<std::size_t> Exchange::count_body(std::size_t size) {
    body_read_ += size;
    if (body_read_ <= body_limit_) return size;
    over_limit_ = true;
    return make_error(ErrorKind::Invalid, "the request body is longer than {} bytes", body_limit_);
}

bool Exchange::map() {
    MappingCache* const cache = sites_.mappings();
    const auto& section = target_->configuration->handlers;
    const MappingCache::Key key{head().site_id, is_local_client(), request_.method(), request_.path()};
    const auto now = coarse_now();
    const bool cached = cache != nullptr && skipped_handlers_.empty();
    if (cached) {
        if (const auto known = cache->find(key, section.get(), now)) {
            mapping_ = *known;
            return true;
        }
    }
    const std::string& root = target_->place.directory->physical_path;
    const auto probe = [&](std::size_t length) {
        const std::size_t start = std::min(target_->place.directory_length, length);
        const std::string_view below = key.path.substr(start, length - start);
        const FileKind kind = probe_beneath(root, below);
        if (kind != FileKind::Missing || below.empty() || below == "/") return kind;
        return sites_.has_copy(root + (root.ends_with('/') ? std::string(below.substr(1)) : std::string(below)))
                   ? FileKind::File
                   : kind;
    };
    mapping_ = map_handler(*section, key.method, key.path, probe, key.is_local, skipped_handlers_);
    if (mapping_.status == 0) {
        if (cached) cache->store(key, section, mapping_, now);
        return true;
    }
    set_error(mapping_.status, mapping_.substatus);
    mapping_.script_length = key.path.size();
    return false;
}

std::string Exchange::physical_path() const {
    if (target_->place.directory == nullptr) return {};
    std::string path = target_->place.directory->physical_path;
    const std::string_view below = script_beneath();
    if (!below.empty() && below.front() != '/' && !path.ends_with('/')) path += '/';
    path += path.ends_with('/') && below.starts_with('/') ? below.substr(1) : below;
    return path;
}

std::string Exchange::map_path(std::string_view url_path) {
    if (target_->site == nullptr) return {};
    return config::map_url(*target_->site, url_path).physical_path;
}

std::size_t Exchange::body_available() {
    return request_.inserted_body().size() + (has_entity_ ? 0 : session_.body_available());
}

Result<std::size_t> Exchange::read_body(std::span<std::byte> target) {
    if (std::string& inserted = request_.inserted_body(); !inserted.empty()) {
        const std::size_t size = std::min(inserted.size(), target.size());
        std::memcpy(target.data(), inserted.data(), size);
        inserted.erase(0, size);
        return size;
    }
    if (has_entity_) return std::size_t{0};
    return count_body(OSMIA_TRY(session_.read_body(target)));
}

void Exchange::read_body_async(std::span<std::byte> target, std::function<void(Result<std::size_t>)> done) {
    session_.read_body_async(target, [this, done = std::move(done)](Result<std::size_t> result) {
        done(result.ok() ? count_body(result.value()) : std::move(result));
    });
}

std::uint64_t Exchange::body_left() const {
    if (has_entity_) return 0;
    if (head().content_length == wire::UnknownLength) return wire::UnknownLength;
    return head().content_length - std::min(body_read_, head().content_length);
}

void Exchange::set_entity(std::string_view entity) {
    has_entity_ = true;
    request_.inserted_body() = entity;
    request_.delete_header("Transfer-Encoding");
    request_.set_header("Content-Length", std::to_string(entity.size()), true);
}

void Exchange::drop_head(Exchange& parent) {
    own_response_ = std::make_unique<ResponseData>();
    own_response_->buffered = parent.response_->buffered;
    response_ = own_response_.get();
    body_target_ = &parent;
    send_hook_ = nullptr;
}

void Exchange::begin_child() {
    const std::uint64_t left = body_left();
    content_length_ = left == wire::UnknownLength ? left : left + request_.inserted_body().size();
}

void Exchange::end_child(Exchange& parent) {
    if (!parent.has_entity_) parent.body_read_ = std::max(parent.body_read_, body_read_);
    if (body_target_ == nullptr) return;
    for (BodyChunk& chunk : response_->chunks) body_target_->response_->chunks.push_back(std::move(chunk));
    response_->chunks.clear();
}

bool Exchange::has_body() const {
    return !is_head_request() && !http::has_no_content(response_->status);
}

Result<void> Exchange::send_head(bool more) {
    if (over_limit_) {
        set_error(over_limit_status_, over_limit_substatus_);
        response_->disconnect = true;
        more = false;
    }
    if (send_hook_) {
        send_hook_(true, more);
        // A module may have run a child request that answered.
        if (response_->head_sent) return {};
    }
    if (!more && response_->status >= 400 && response_->chunks.empty() && !response_->skip_error_page)
        add_error_page(*this);
    thread_local wire::ResponseHeadView head;
    head.fields.clear();
    head.content_length.reset();
    head.status = response_->status;
    head.reason = response_->reason;
    for (const auto& field : response_->fields) {
        if (!same_name(field.name, "Content-Length")) {
            head.fields.push_back({field.name, field.value});
        } else if (const auto length = http_fields::parse_content_length(field.value)) {
            head.content_length = *length;
        }
    }
    const bool known = !more && (has_body() || !response_->chunks.empty());
    if (!head.content_length && known && !http::has_no_content(response_->status))
        head.content_length = response_->pending_bytes();
    response_->head_sent = true;
    if (response_->disconnect) session_.disconnect(false);
    return session_.write_head(head);
}

Result<void> Exchange::send_chunk(const BodyChunk& chunk) {
    if (chunk.fd >= 0) return session_.write_file(chunk.fd, chunk.offset, chunk.length);
    if (chunk.borrowed != nullptr)
        return session_.write_body({static_cast<const std::byte*>(chunk.borrowed), chunk.length});
    return session_.write_body(std::as_bytes(std::span(chunk.owned)));
}

Result<void> Exchange::send(bool more) {
    if (response_->ended) return {};
    Result<void> result;
    if (body_target_ != nullptr) {
        for (BodyChunk& chunk : response_->chunks) body_target_->response_->chunks.push_back(std::move(chunk));
        response_->chunks.clear();
        return body_target_->send(true);
    }
    if (!response_->head_sent) {
        result = send_head(more);
    } else if (send_hook_ && (!more || !response_->chunks.empty())) {
        send_hook_(false, more);
    }
    if (has_body()) {
        for (const BodyChunk& chunk : response_->chunks) {
            if (!result.ok()) break;
            result = send_chunk(chunk);
        }
    }
    response_->chunks.clear();
    if (more) {
        session_.flush();
        return result;
    }
    response_->ended = true;
    if (response_->reset_at_end) {
        session_.flush();
        session_.disconnect(true);
    }
    // A head that could not be sent was answered with a whole 500 of its own.
    session_.end(!result.ok() && result.error().kind != ErrorKind::Invalid);
    return result;
}

void Exchange::abort() {
    response_->chunks.clear();
    if (response_->ended) return;
    response_->ended = true;
    session_.end(true);
}

void Exchange::finish() {
    // The client may have gone: there is nobody left to tell.
    (void)send(false);
    wire::DoneFields fields;
    fields.substatus = response_->substatus;
    // The Win32 code inside an HRESULT of that facility, as IIS logs sc-win32-status.
    const auto error = static_cast<std::uint32_t>(response_->error);
    fields.win32_status = (error & 0xffff0000u) == 0x80070000u ? error & 0xffffu : error;
    fields.user = user;
    fields.log_data = log_data;
    session_.done(fields);
}

}  // namespace osmia::worker
