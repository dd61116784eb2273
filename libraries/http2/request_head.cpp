#include "http2/request_head.h"

namespace osmia::http2 {

RequestHead::Slice RequestHead::put(std::string_view text) {
    const Slice slice{static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(text.size())};
    text_.append(text);
    return slice;
}

void RequestHead::add_cookie(std::string_view value) {
    if (cookie_ == ~std::size_t{0}) {
        cookie_ = fields_.size();
        const Slice name = put("cookie");
        fields_.push_back({name, put(value)});
        return;
    }
    Slice& whole = fields_[cookie_].value;
    if (whole.offset + whole.length != text_.size()) whole = put(std::string(view(whole)));
    text_.append("; ").append(value);
    whole.length = static_cast<std::uint32_t>(text_.size() - whole.offset);
}

void RequestHead::add(std::string_view name, std::string_view value) {
    list_size_ += name.size() + value.size() + 32;
    if (name == "cookie") return add_cookie(value);
    if (!name.starts_with(':')) {
        const Slice first = put(name);
        fields_.push_back({first, put(value)});
    } else if (name == ":method") {
        method_ = put(value);
    } else if (name == ":scheme") {
        scheme_ = put(value);
    } else if (name == ":authority") {
        authority_ = put(value);
    } else if (name == ":path") {
        path_ = put(value);
    }
}

void RequestHead::clear() { *this = RequestHead{}; }

}  // namespace osmia::http2
