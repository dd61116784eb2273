#include "worker/pipeline/request_data.h"

#include <algorithm>

#include "http/ascii.h"

namespace osmia::worker {

bool same_name(std::string_view a, std::string_view b) {
    return http::iequals(a, b);
}

RequestData::RequestData(const wire::RequestView& view)
    : method_(view.method()), path_(view.path()), query_(view.query()), raw_target_(view.raw_target()) {
    fields_.reserve(view.header_count());
    for (std::uint32_t i = 0; i < view.header_count(); ++i)
        fields_.push_back({view.header_name(i), view.header_value(i)});
}

RequestData RequestData::copy() {
    RequestData other;
    other.method_ = other.keep(method_);
    other.path_ = other.keep(path_);
    other.query_ = other.keep(query_);
    other.raw_target_ = other.keep(raw_target_);
    for (const Field& field : fields_)
        other.fields_.push_back({other.keep(field.name), other.keep(field.value)});
    return other;
}

std::string_view RequestData::keep(std::string_view text) {
    return kept_.emplace_back(text);
}

bool RequestData::set_url(std::string_view url, bool reset_query) {
    if (const auto scheme = url.find("://"); scheme != std::string_view::npos && url.front() != '/') {
        const auto path = url.find('/', scheme + 3);
        url = path == std::string_view::npos ? std::string_view("/") : url.substr(path);
    }
    if (url.empty() || url.front() != '/') return false;
    const auto question = url.find('?');
    path_ = keep(url.substr(0, question));
    if (question != std::string_view::npos) {
        query_ = keep(url.substr(question + 1));
    } else if (reset_query) {
        query_ = keep("");
    }
    url_changed_ = true;
    return true;
}

std::string_view RequestData::header(std::string_view name) {
    const Field* first = nullptr;
    std::string joined;
    for (const Field& field : fields_) {
        if (!same_name(field.name, name)) continue;
        if (first == nullptr) {
            first = &field;
            continue;
        }
        if (joined.empty()) joined = first->value;
        joined.append(", ").append(field.value);
    }
    if (first == nullptr) return {};
    return joined.empty() ? first->value : keep(joined);
}

void RequestData::set_header(std::string_view name, std::string_view value, bool replace) {
    if (replace) std::erase_if(fields_, [&](const Field& field) { return same_name(field.name, name); });
    fields_.push_back({keep(name), keep(value)});
    ++version_;
}

void RequestData::delete_header(std::string_view name) {
    std::erase_if(fields_, [&](const Field& field) { return same_name(field.name, name); });
    ++version_;
}

}  // namespace osmia::worker
