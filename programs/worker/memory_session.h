/// \file
/// The in-memory twin of a request's session, for unit tests.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "worker/request_session.h"

namespace osmia::worker {

/// What a test sends.
struct MemoryRequest {
    std::string method = "GET";
    std::string target = "/";  ///< path and query; the path is taken as normalised
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    bool chunked = false;
    std::string host = "localhost";
    std::string remote_address = "192.0.2.7";
    std::string local_address = "127.0.0.1";
    std::uint16_t local_port = 80;
    std::uint32_t site_id = 1;
    bool keeps_alive = true;
    bool tls = false;
};

/// Serves one MemoryRequest and keeps the response. read_body_async() completes on \a post, or at once when
/// it is null.
class MemorySession : public RequestSession {
public:
    using Post = std::function<void(std::function<void()>)>;
    explicit MemorySession(MemoryRequest request, Post post = nullptr);

    const wire::RequestView& request() const override { return *view_; }
    void mark_begun() override { begun = true; }
    bool client_is_gone() const override { return client_gone; }
    std::uint64_t listener() const override { return 1; }
    void bind_connection() override { ++binds; }
    std::size_t body_available() const override { return body_.size() - body_position_; }
    Result<std::size_t> read_body(std::span<std::byte> target) override;
    void read_body_async(std::span<std::byte> target, std::function<void(Result<std::size_t>)> done) override;
    bool cancel_read() override { return false; }
    Result<void> write_head(const wire::ResponseHead& head) override;
    Result<void> write_body(std::span<const std::byte> bytes) override;
    Result<void> write_file(int fd, std::uint64_t offset, std::uint64_t length) override;
    void flush() override { ++flushes; }
    void when_sent(std::function<void(Result<void>)> done) override;
    void end(bool abort) override;
    void disconnect(bool reset) override { reset ? is_reset = true : is_disconnected = true; }
    void done(const wire::DoneFields& fields) override;

    /// Waits until done() has been called.
    void wait();
    /// The value of a response header; empty when it is missing.
    std::string header(std::string_view name) const;

    bool begun = false;
    bool client_gone = false;
    bool is_reset = false;
    bool is_disconnected = false;
    bool is_ended = false;
    bool is_aborted = false;
    int flushes = 0;
    int binds = 0;
    int heads = 0;
    int file_writes = 0;
    wire::ResponseHead head;
    std::string body;
    std::optional<wire::DoneFields> done_fields;

private:
    std::vector<std::byte> bytes_;
    std::optional<wire::RequestView> view_;
    std::string body_;
    std::size_t body_position_ = 0;
    Post post_;
    std::mutex mutex_;
    std::condition_variable changed_;
};

}  // namespace osmia::worker
