/// \file
/// The request as the pipeline's modules see and change it.
#pragma once

#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "wire/request_head.h"
#include "worker/recycled.h"

namespace osmia::worker {

/// A request's fields. Starts as views into the session's request and owns what modules set. Every view it
/// gives is followed by a NUL. Not synchronised: used by the thread that has the request.
class RequestData {
public:
    struct Field {
        std::string_view name;
        std::string_view value;
    };

    explicit RequestData(const wire::RequestView& view);
    RequestData(RequestData&&) = default;
    RequestData(const RequestData&) = delete;
    RequestData& operator=(const RequestData&) = delete;

    std::string_view method() const { return method_; }
    std::string_view path() const { return path_; }    ///< decoded and normalised
    std::string_view query() const { return query_; }  ///< undecoded, without '?'
    std::string_view raw_target() const { return raw_target_; }
    bool url_changed() const { return url_changed_; }
    const std::vector<Field>& fields() const { return fields_; }
    /// Counts changes of headers, for GetHeaderChanges().
    std::uint32_t version() const { return version_; }

    void set_method(std::string_view method) { method_ = keep(method); }
    /// \a url is a path with or without a query, or an absolute URL whose authority is dropped. Without \a
    /// reset_query a URL that has no query keeps the old one. False when the path does not begin with '/'.
    bool set_url(std::string_view url, bool reset_query);

    /// The values of all fields of that name, joined by ", "; an empty view with a null pointer when there is
    /// none.
    std::string_view header(std::string_view name);
    void set_header(std::string_view name, std::string_view value, bool replace);
    void delete_header(std::string_view name);

    /// Puts body bytes before what is still to be read.
    void insert_body(std::string_view bytes) { inserted_body_.insert(0, bytes); }
    std::string& inserted_body() { return inserted_body_; }

    /// An independent request that looks the same. What it shares lives as long as the session.
    RequestData copy();

    /// Copies \a text to memory that lives as long as the request, with a NUL behind it.
    std::string_view keep(std::string_view text);

private:
    RequestData() = default;

    std::string_view method_, path_, query_, raw_target_;
    RecycledVector<Field> fields_;
    std::list<std::string> kept_;
    std::string inserted_body_;
    bool url_changed_ = false;
    std::uint32_t version_ = 1;
};

/// Equality without regard to ASCII letter case.
bool same_name(std::string_view a, std::string_view b);

}  // namespace osmia::worker
