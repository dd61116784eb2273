/// \file
/// RequestHead: one parsed HTTP/1.x request head, as offsets into the caller's buffer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "http/authority.h"
#include "http/header_id.h"
#include "http/limits.h"
#include "http/method.h"

namespace osmia::http1 {

/// HTTP/1.0, or HTTP/1.1 and every later 1.x (RFC 9110 section 2.5).
enum class Version : std::uint8_t { Http10, Http11 };

/// The form of the request target (RFC 9112 section 3.2). The authority form belongs to CONNECT, which is
/// refused.
enum class TargetForm : std::uint8_t { Origin, Absolute, Asterisk };

/// How the request's content is delimited (RFC 9112 section 6).
enum class BodyFraming : std::uint8_t { None, Length, Chunked };

/// One header field: where it stands in the buffer, and which it is.
struct FieldEntry {
    std::uint32_t name_offset;
    std::uint32_t value_offset;
    std::uint32_t value_length;
    std::uint16_t name_length;
    http::HeaderId id;
};

/// A part of the buffer.
struct Slice {
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
};

/// One request head. Owned and reused by its RequestParser, which alone writes it; about 1.7 KB, nothing on
/// the heap. Views point into the buffer given to the last RequestParser::parse() and live as long as its
/// bytes stay where they are; after moving them, call rebase(). Structure is guaranteed; contents are the
/// client's.
class RequestHead {
public:
    http::Method method() const { return method_; }
    std::string_view method_token() const { return view(method_token_); }
    Version version() const { return version_; }
    TargetForm target_form() const { return form_; }

    /// The target as sent, in any form.
    std::string_view target() const { return view(target_); }
    /// The path as sent, without query: "/" at least in the origin and absolute forms, "*" in the asterisk
    /// form. Not decoded: give it to http::normalize_path().
    std::string_view raw_path() const { return path_.length == 0 ? std::string_view("/") : view(path_); }
    /// What follows the first "?", as sent; empty without one.
    std::string_view query() const { return view(query_); }
    bool has_query() const { return has_query_; }

    /// The effective host: the absolute target's, else the Host field's; empty in HTTP/1.0 without either.
    std::string_view host() const { return view(host_); }
    /// The effective host's port; 0 when none was sent.
    std::uint16_t host_port() const { return host_port_; }

    /// The header fields in the order sent. With an absolute target the Host entry's value is the target's
    /// authority (RFC 9112 section 3.2.2): no reader sees a second opinion.
    std::span<const FieldEntry> fields() const { return {fields_.data(), field_count_}; }
    std::string_view name(const FieldEntry& entry) const {
        return view({entry.name_offset, entry.name_length});
    }
    std::string_view value(const FieldEntry& entry) const {
        return view({entry.value_offset, entry.value_length});
    }
    /// The first field of that identity, or null.
    const FieldEntry* find(http::HeaderId id) const;
    /// Its value, or an empty view.
    std::string_view find_value(http::HeaderId id) const;

    BodyFraming framing() const { return framing_; }
    /// The content's length; 0 unless framing() is Length.
    std::uint64_t content_length() const { return content_length_; }
    bool has_body() const { return framing_ == BodyFraming::Chunked || content_length_ > 0; }

    /// True when the client wants the connection kept (RFC 9112 section 9.3; in HTTP/1.0 only with
    /// "keep-alive").
    bool keep_alive() const { return keep_alive_; }
    /// True when the client waits for 100 (Continue) before it sends its content (HTTP/1.1, has_body() only).
    bool expects_continue() const { return expects_continue_; }
    /// True for an HTTP/1.1 request with an Upgrade field and the "upgrade" connection option.
    bool wants_upgrade() const { return wants_upgrade_; }

    /// Bytes of the head in the buffer, a tolerated leading empty line and the final empty line included: the
    /// content, or the next request, begins there.
    std::size_t size() const { return size_; }

    /// Tells that the same bytes now stand at \a base.
    void rebase(const char* base) { base_ = base; }

private:
    friend class RequestParser;
    friend class HeadInterpreter;

    std::string_view view(Slice slice) const { return {base_ + slice.offset, slice.length}; }

    const char* base_ = nullptr;
    std::uint64_t content_length_ = 0;
    std::size_t size_ = 0;
    Slice method_token_, target_, path_, query_, authority_, host_;
    std::uint32_t field_count_ = 0;
    std::uint16_t host_port_ = 0;
    http::Method method_ = http::Method::Other;
    Version version_ = Version::Http10;
    TargetForm form_ = TargetForm::Origin;
    BodyFraming framing_ = BodyFraming::None;
    bool has_query_ = false;
    bool keep_alive_ = false;
    bool expects_continue_ = false;
    bool wants_upgrade_ = false;
    std::array<FieldEntry, http::MaxFieldCount> fields_;  // the first field_count_ are valid
};

}  // namespace osmia::http1
