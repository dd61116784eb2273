#include "listener/request_intake.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/random_id.h"
#include "http/path.h"
#include "listener/frontend.h"

namespace osmia::listener {

namespace {

/// The trace id of a W3C traceparent of version 00, or nothing.
std::string_view trace_id(std::string_view traceparent) {
    if (traceparent.size() != 55 || !traceparent.starts_with("00-") || traceparent[35] != '-') return {};
    const std::string_view id = traceparent.substr(3, 32);
    const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (!std::all_of(id.begin(), id.end(), is_hex) || id.find_first_not_of('0') == std::string_view::npos) return {};
    return id;
}

void describe_tls(const tls::SessionFacts& facts, wire::RequestDescription& description) {
    const tls::CertificateFacts& certificate = facts.context->facts();
    description.tls_protocol = facts.protocol;
    description.tls_cipher = facts.cipher;
    description.server_subject = certificate.subject;
    description.server_issuer = certificate.issuer;
    description.fixed.tls_cipher_bits = facts.cipher_bits;
    description.fixed.server_key_bits = certificate.key_bits;
    description.fixed.flags |= wire::RequestIsTls;
}

bool encode_head(Exchange& exchange, const Endpoints& endpoints, std::uint64_t connection_id, const RequestId& id,
                 const IncomingRequest& request, std::string_view path) {
    thread_local std::vector<std::byte> buffer(wire::RequestHeadBytes);
    wire::RequestDescription description;
    description.headers = request.headers;
    description.method = request.method_token;
    description.raw_target = request.target;
    description.path = path;
    description.query = request.query;
    description.host = request.host;
    const std::string client = exchange.snapshot->proxies(endpoints.socket_id).client_of(endpoints.remote_address, request.headers);
    description.remote_address = client.empty() ? endpoints.remote_address : client;
    description.local_address = endpoints.local_address;
    description.request_id = std::string_view(id.data(), id.size());
    description.application_path = exchange.application->path;
    auto& fixed = description.fixed;
    fixed.number = exchange.number;
    fixed.connection_id = connection_id;
    fixed.content_length = request.content_length;
    fixed.arrived_realtime_us = realtime_us();
    fixed.arrived_us = exchange.arrived_us;
    fixed.site_id = exchange.application->site_id;
    fixed.application_id = exchange.application->id;
    fixed.execution_timeout_ms = exchange.application->execution_timeout_ms;
    fixed.flags = request.flags | (endpoints.is_unix ? wire::RequestIsUnixSocket : 0);
    fixed.http_major = request.http_major;
    fixed.http_minor = request.http_minor;
    fixed.remote_port = client.empty() ? endpoints.remote_port : std::uint16_t{0};
    fixed.local_port = endpoints.local_port;
    if (endpoints.tls != nullptr) describe_tls(*endpoints.tls, description);
    const auto size = wire::encode_request_head(description, buffer);
    if (!size || *size > sizeof(wire::RequestSlot::head)) return false;
    exchange.head.assign(buffer.begin(), buffer.begin() + *size);
    return true;
}

/// The application for a path, or why there is none.
const Application* route(Frontend& frontend, const Site& site, std::string_view path, Refusal& refusal) {
    const Application* application = site.find_application(path);
    if (!frontend.is_site_started(site)) refusal = {503, http::ErrorReason::Disabled};
    else if (application == nullptr) refusal = {404, http::ErrorReason::BadRequest};
    else return application;
    return nullptr;
}

}  // namespace

RequestId choose_request_id(std::string_view traceparent) {
    RequestId id;
    const std::string_view trace = trace_id(traceparent);
    const std::string random = trace.empty() ? random_id() : std::string();
    std::memcpy(id.data(), trace.empty() ? random.data() : trace.data(), id.size());
    return id;
}

namespace {

/// Where a site sends http requests; empty when it serves them.
std::string redirect_target(const Endpoints& endpoints, const Site& site, const IncomingRequest& request) {
    if (site.settings.redirect_port == 0 || endpoints.tls != nullptr) return {};
    std::string location("https://");
    location += request.host.empty() ? std::string_view(endpoints.local_address) : request.host;
    if (site.settings.redirect_port != 443) location += fmt::format(":{}", site.settings.redirect_port);
    location += request.raw_path;
    if (!request.query.empty()) location.append("?").append(request.query);
    return location;
}

}  // namespace

Intake take_in(Frontend& frontend, const Endpoints& endpoints, std::uint64_t connection_id, const RequestId& id,
               const IncomingRequest& request) {
    Intake intake;
    thread_local std::string buffer;
    buffer.resize(request.raw_path.size());
    const auto normalized = http::normalize_path(request.raw_path, buffer);
    if (!normalized.ok()) return intake.refusal = {400, http::ErrorReason::Url}, intake;
    const std::string_view path = std::string_view(buffer).substr(0, normalized.size);
    const auto& snapshot = frontend.snapshot();
    const Site* site = snapshot == nullptr ? nullptr : snapshot->find_site(endpoints.socket_id, request.host);
    if (site == nullptr) return intake.refusal = {400, http::ErrorReason::Hostname}, intake;
    intake.site_id = site->settings.site_id;
    const Application* application = route(frontend, *site, path, intake.refusal);
    if (application == nullptr) return intake;
    intake.redirect = redirect_target(endpoints, *site, request);
    if (!intake.redirect.empty()) return intake;
    Exchange* exchange = frontend.dispatcher().acquire();
    exchange->id = id;
    exchange->snapshot = snapshot;
    exchange->site = site;
    exchange->application = application;
    exchange->method = request.method;
    exchange->arrived_us = frontend.reactor().now_us();
    exchange->body_complete = request.content_length == 0;
    if (!encode_head(*exchange, endpoints, connection_id, id, request, path)) {
        frontend.dispatcher().release(exchange);
        return intake.refusal = {431, http::ErrorReason::RequestLength}, intake;
    }
    intake.exchange = exchange;
    return intake;
}

}  // namespace osmia::listener
