#include "worker/memory_session.h"

#include <strings.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "wire/channel_layout.h"

namespace osmia::worker {

namespace {

std::vector<wire::RequestDescription::Header> header_table(const MemoryRequest& request) {
    std::vector<wire::RequestDescription::Header> headers;
    for (const auto& [name, value] : request.headers) headers.push_back({name, value});
    return headers;
}

}  // namespace

MemorySession::MemorySession(MemoryRequest request, Post post)
    : bytes_(wire::RequestHeadBytes), body_(request.body), post_(std::move(post)) {
    wire::RequestDescription description;
    const auto question = request.target.find('?');
    const std::string_view target = request.target;
    description.fixed.content_length = request.chunked ? wire::UnknownLength : request.body.size();
    description.fixed.site_id = request.site_id;
    description.fixed.http_major = description.fixed.http_minor = 1;
    description.fixed.remote_port = 50000;
    description.fixed.local_port = request.local_port;
    description.fixed.connection_id = 11;
    description.fixed.number = 12;
    description.fixed.flags = (request.keeps_alive ? wire::RequestKeepsAlive : 0) |
                              (request.chunked ? wire::RequestIsChunked : 0) |
                              (request.tls ? wire::RequestIsTls : 0);
    description.method = request.method;
    description.raw_target = target;
    description.path = target.substr(0, question);
    description.query = question == std::string::npos ? std::string_view() : target.substr(question + 1);
    description.host = request.host;
    description.remote_address = request.remote_address;
    description.local_address = request.local_address;
    description.request_id = "0123456789abcdef0123456789abcdef";
    description.application_path = "/";
    const auto headers = header_table(request);
    description.headers = headers;
    const auto size = wire::encode_request_head(description, bytes_);
    OSMIA_CHECK(size.has_value(), "a test's request fits a slot");
    view_ = wire::RequestView::decode(std::span(bytes_).first(*size));
    OSMIA_CHECK(view_.has_value(), "an encoded head can be decoded");
}

Result<std::size_t> MemorySession::read_body(std::span<std::byte> target) {
    if (client_gone) return make_error(ErrorKind::Closed, "the client has gone");
    const std::size_t size = std::min(target.size(), body_available());
    std::memcpy(target.data(), body_.data() + body_position_, size);
    body_position_ += size;
    return size;
}

void MemorySession::read_body_async(std::span<std::byte> target,
                                    std::function<void(Result<std::size_t>)> done) {
    auto work = [this, target, done = std::move(done)] { done(read_body(target)); };
    post_ ? post_(std::move(work)) : work();
}

Result<void> MemorySession::write_head(const wire::ResponseHead& new_head) {
    if (client_gone) return make_error(ErrorKind::Closed, "the client has gone");
    head = new_head;
    ++heads;
    return {};
}

Result<void> MemorySession::write_body(std::span<const std::byte> bytes) {
    if (client_gone) return make_error(ErrorKind::Closed, "the client has gone");
    body.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
}

Result<void> MemorySession::write_file(int fd, std::uint64_t offset, std::uint64_t length) {
    if (client_gone) return make_error(ErrorKind::Closed, "the client has gone");
    ++file_writes;
    const std::size_t before = body.size();
    body.resize(before + length);
    const auto got = ::pread(fd, body.data() + before, length, static_cast<off_t>(offset));
    body.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return {};
}

void MemorySession::when_sent(std::function<void(Result<void>)> done) {
    auto work = [this, done = std::move(done)] {
        done(client_gone ? Result<void>(make_error(ErrorKind::Closed, "the client has gone")) : Result<void>());
    };
    post_ ? post_(std::move(work)) : work();
}

void MemorySession::end(bool abort) {
    is_ended = true;
    is_aborted = abort;
}

void MemorySession::done(const wire::DoneFields& fields) {
    const std::lock_guard lock(mutex_);
    done_fields = fields;
    changed_.notify_all();
}

void MemorySession::wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return done_fields.has_value(); });
}

std::string MemorySession::header(std::string_view name) const {
    for (const auto& field : head.fields) {
        if (field.name.size() == name.size() &&
            ::strncasecmp(field.name.data(), name.data(), name.size()) == 0)
            return field.value;
    }
    return {};
}

}  // namespace osmia::worker
