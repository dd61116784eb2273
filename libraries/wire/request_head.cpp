#include "wire/request_head.h"

#include <algorithm>
#include <cstring>

namespace osmia::wire {

namespace {

constexpr StringRef RequestHead::*References[] = {
    &RequestHead::method, &RequestHead::raw_target,     &RequestHead::path,          &RequestHead::query,      &RequestHead::host,
    &RequestHead::remote_address, &RequestHead::local_address, &RequestHead::request_id, &RequestHead::application_path,
    &RequestHead::tls_protocol, &RequestHead::tls_cipher, &RequestHead::server_subject, &RequestHead::server_issuer};

class HeapWriter {
public:
    HeapWriter(std::span<std::byte> target, std::size_t used) : target_(target), used_(used) {}

    StringRef put(std::string_view text) {
        const StringRef ref{static_cast<std::uint32_t>(used_), static_cast<std::uint32_t>(text.size())};
        if (text.size() >= target_.size() - used_) {
            fits_ = false;
            return {};
        }
        std::copy(text.begin(), text.end(), reinterpret_cast<char*>(target_.data() + used_));
        target_[used_ + text.size()] = std::byte{0};
        used_ += text.size() + 1;
        return ref;
    }
    bool fits() const { return fits_; }
    std::uint32_t used() const { return static_cast<std::uint32_t>(used_); }

private:
    std::span<std::byte> target_;
    std::size_t used_;
    bool fits_ = true;
};

bool is_within(StringRef ref, std::span<const std::byte> bytes) {
    return ref.offset < bytes.size() && ref.length < bytes.size() - ref.offset && bytes[ref.offset + ref.length] == std::byte{0};
}

}  // namespace

std::optional<std::uint32_t> encode_request_head(const RequestDescription& description, std::span<std::byte> target) {
    const std::size_t table_size = description.headers.size() * sizeof(HeaderRef);
    if (target.size() <= sizeof(RequestHead) + table_size) return std::nullopt;
    RequestHead head = description.fixed;
    HeapWriter heap(target, sizeof(RequestHead) + table_size);
    head.method = heap.put(description.method);
    head.raw_target = heap.put(description.raw_target);
    head.path = heap.put(description.path);
    head.query = heap.put(description.query);
    head.host = heap.put(description.host);
    head.remote_address = heap.put(description.remote_address);
    head.local_address = heap.put(description.local_address);
    head.request_id = heap.put(description.request_id);
    head.application_path = heap.put(description.application_path);
    head.tls_protocol = heap.put(description.tls_protocol);
    head.tls_cipher = heap.put(description.tls_cipher);
    head.server_subject = heap.put(description.server_subject);
    head.server_issuer = heap.put(description.server_issuer);
    auto* table = reinterpret_cast<HeaderRef*>(target.data() + sizeof(RequestHead));
    for (const auto& header : description.headers) {
        const HeaderRef entry{heap.put(header.name), heap.put(header.value)};
        std::memcpy(table++, &entry, sizeof entry);
        if (!heap.fits()) return std::nullopt;
    }
    if (!heap.fits()) return std::nullopt;
    head.header_count = static_cast<std::uint32_t>(description.headers.size());
    head.total_size = heap.used();
    std::memcpy(target.data(), &head, sizeof head);
    return heap.used();
}

std::optional<RequestView> RequestView::decode(std::span<const std::byte> bytes) {
    if (bytes.size() < sizeof(RequestHead)) return std::nullopt;
    RequestView view;
    view.head_ = reinterpret_cast<const RequestHead*>(bytes.data());
    view.text_ = reinterpret_cast<const char*>(bytes.data());
    if (view.head_->total_size > bytes.size()) return std::nullopt;
    bytes = bytes.first(view.head_->total_size);
    if (bytes.size() < sizeof(RequestHead)) return std::nullopt;
    if (view.head_->header_count > (bytes.size() - sizeof(RequestHead)) / sizeof(HeaderRef)) return std::nullopt;
    view.table_ = reinterpret_cast<const HeaderRef*>(bytes.data() + sizeof(RequestHead));
    for (const auto reference : References) {
        if (!is_within(view.head_->*reference, bytes)) return std::nullopt;
    }
    for (std::uint32_t i = 0; i < view.head_->header_count; ++i) {
        if (!is_within(view.table_[i].name, bytes) || !is_within(view.table_[i].value, bytes)) return std::nullopt;
    }
    return view;
}

}  // namespace osmia::wire
