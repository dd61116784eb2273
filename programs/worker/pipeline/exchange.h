/// \file
/// Exchange: everything about one request but the modules: what was asked, where it leads, what is answered.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "worker/pipeline/handler_mapping.h"
#include "worker/pipeline/request_data.h"
#include "worker/pipeline/response_data.h"
#include "worker/pipeline/url_target.h"
#include "worker/request_session.h"

namespace osmia::worker {

/// What the worker knows about itself, for server variables. Lives as long as the worker.
struct WorkerFacts {
    std::string pool = "DefaultAppPool";
    std::string pool_configuration_file;
    std::string server_software = "Microsoft-IIS/7.5 (Osmia)";
    bool classic_pipeline = false;
    std::string extension_store;  ///< folder of the last good copies of extensions; empty: none
};

/// One request, or a child request that shares its session and response. Used by one thread at a time; the
/// session must outlive it, and a parent its children.
class Exchange {
public:
    Exchange(RequestSession& session, SiteMap& sites, const WorkerFacts& facts);
    /// A child: the parent's request as it stands, the same response.
    explicit Exchange(Exchange& parent);

    RequestSession& session() { return session_; }
    const wire::RequestHead& head() const { return session_.request().fixed(); }
    const wire::RequestView& received() const { return session_.request(); }
    const WorkerFacts& facts() const { return facts_; }
    SiteMap& sites() { return sites_; }
    RequestData& request() { return request_; }
    const RequestData& request() const { return request_; }
    ResponseData& response() { return *response_; }
    const ResponseData& response() const { return *response_; }
    bool is_child() const { return is_child_; }
    /// The client's address is the server's own, or it came by a unix socket, and no header says that it speaks for
    /// another.
    bool is_local_client();
    bool is_head_request() const { return request_.method() == "HEAD"; }

    /// Finds site, application and configuration for the URL as it stands. False: the answer is set (404 or
    /// 500.19).
    bool resolve();
    const UrlTarget& target() const { return *target_; }
    /// Chooses the handler. False: the answer is set.
    bool map();
    const HandlerMapping& mapping() const { return mapping_; }
    const config::Handler* handler() const { return mapping_.handler; }

    std::string_view script_name() const { return request_.path().substr(0, mapping_.script_length); }
    std::string_view path_info() const { return request_.path().substr(mapping_.script_length); }
    /// The script's file or folder.
    std::string physical_path() const;
    /// The physical path of any URL path of this site.
    std::string map_path(std::string_view url_path);
    /// The script below its virtual directory: what open_beneath() takes.
    std::string_view script_beneath() const {
        return script_name().substr(std::min(script_name().size(), target_->place.directory_length));
    }

    /// Body bytes that modules put back first, then the client's.
    std::size_t body_available();
    Result<std::size_t> read_body(std::span<std::byte> target);
    void read_body_async(std::span<std::byte> target, std::function<void(Result<std::size_t>)> done);
    /// A body of unknown length may be so long; reading beyond it fails, and an answer not yet begun becomes
    /// \a status and \a substatus. The smallest limit counts.
    void limit_body(std::uint64_t bytes, std::uint16_t status, std::uint16_t substatus);
    /// Bytes of the body not yet read; UnknownLength for a chunked one.
    std::uint64_t body_left() const;
    /// The body's length, UnknownLength for a chunked one. A child's is what its parent left to it.
    std::uint64_t content_length() const { return content_length_; }
    /// Body bytes are held here, before those of the session.
    bool holds_body() { return !request_.inserted_body().empty(); }

    // For a child, before it starts.
    /// The body is \a entity and nothing else.
    void set_entity(std::string_view entity);
    /// Handlers up to the one of that name are not asked.
    void skip_handlers(std::string_view name) { skipped_handlers_ = name; }
    /// Status and headers go nowhere; the body becomes part of the parent's.
    void drop_head(Exchange& parent);
    void begin_child();
    /// Gives the parent what its child left: the body it did not send, the place in the request's body.
    void end_child(Exchange& parent);

    /// Runs before a part of the response is sent: whether the head is in it, and whether more will follow.
    using SendHook = std::function<void(bool head, bool more)>;
    void set_send_hook(SendHook hook) { send_hook_ = std::move(hook); }
    /// Sends what the response holds: head, if not yet sent, and body. Without \a more the response ends; an
    /// error status without a body gets its page first. Closed: the client has gone.
    Result<void> send(bool more);
    /// Cuts the connection: what was sent must not be taken for a whole response.
    void abort();
    /// The last act: ends what is open and gives the session back.
    void finish();

    void set_error(std::uint16_t status, std::uint16_t substatus, std::int32_t error = 0);

    std::string user;
    std::string log_data;
    bool handled = false;

private:
    Result<void> send_head(bool more);
    Result<void> send_chunk(const BodyChunk& chunk);
    bool has_body() const;
    bool admits();
    Result<std::size_t> count_body(std::size_t size);

    RequestSession& session_;
    SiteMap& sites_;
    const WorkerFacts& facts_;
    RequestData request_;
    std::unique_ptr<ResponseData> own_response_;
    ResponseData* response_;
    std::shared_ptr<const UrlTarget> target_ = no_target();
    static const std::shared_ptr<const UrlTarget>& no_target();
    /// Of earlier URLs of this request: what modules took from them lives as long as the request.
    std::vector<std::shared_ptr<const UrlTarget>> earlier_;
    HandlerMapping mapping_;
    std::optional<bool> is_local_;
    SendHook send_hook_;
    std::uint64_t body_read_ = 0;
    std::uint64_t body_limit_ = wire::UnknownLength;
    std::uint16_t over_limit_status_ = 0, over_limit_substatus_ = 0;
    bool over_limit_ = false;
    std::uint64_t content_length_;
    std::string skipped_handlers_;
    Exchange* body_target_ = nullptr;  ///< the parent of a child without a head
    bool has_entity_ = false;          ///< the session's body is none of ours
    bool is_child_ = false;
    bool aborted_ = false;
};

}  // namespace osmia::worker
