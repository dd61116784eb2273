/// \file
/// RequestHead: the pseudo and ordinary fields of one HTTP/2 request.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace osmia::http2 {

/// Owns one text with everything in it. Filled by the session, field by field.
class RequestHead {
public:
    struct Field {
        std::string_view name, value;
    };

    std::string_view method() const { return view(method_); }
    std::string_view scheme() const { return view(scheme_); }
    std::string_view authority() const { return view(authority_); }
    std::string_view path() const { return view(path_); }
    std::size_t field_count() const { return fields_.size(); }
    Field field(std::size_t index) const { return {view(fields_[index].name), view(fields_[index].value)}; }
    /// The size as SETTINGS_MAX_HEADER_LIST_SIZE counts it (RFC 9113 section 6.5.2).
    std::size_t list_size() const { return list_size_; }

    /// Takes a field as the frame engine validated it. Cookie crumbs are joined (RFC 9113 section 8.2.3).
    void add(std::string_view name, std::string_view value);
    void clear();

private:
    struct Slice {
        std::uint32_t offset = 0, length = 0;
    };
    struct Entry {
        Slice name, value;
    };
    std::string_view view(Slice slice) const { return std::string_view(text_).substr(slice.offset, slice.length); }
    Slice put(std::string_view text);
    void add_cookie(std::string_view value);

    std::string text_;
    Slice method_, scheme_, authority_, path_;
    std::vector<Entry> fields_;
    std::size_t cookie_ = ~std::size_t{0};
    std::size_t list_size_ = 0;
};

}  // namespace osmia::http2
