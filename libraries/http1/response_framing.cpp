#include "http1/response_framing.h"

#include "http/status.h"
#include "http_fields/content_length.h"
#include "http_fields/field_list.h"

namespace osmia::http1 {

using http::HeaderId;

ResponseWishes read_wishes(std::span<const ResponseField> fields) {
    ResponseWishes wishes;
    for (const ResponseField& field : fields) {
        if (field.id == HeaderId::Connection) {
            wishes.close |= http_fields::list_contains(field.value, "close");
        } else if (field.id == HeaderId::ContentLength) {
            const auto length = http_fields::parse_content_length(field.value);
            wishes.bad_content_length |=
                !length || (wishes.content_length && wishes.content_length != length);
            wishes.content_length = length;
        }
    }
    if (wishes.bad_content_length) wishes.content_length.reset();
    return wishes;
}

FramingDecision decide_framing(const FramingInput& input) {
    FramingDecision decision;
    const bool is_http10 = input.version == Version::Http10;
    decision.keep_alive = input.keep_alive;
    if (http::has_no_content(input.status)) {
        decision.mode = BodyMode::None;
    } else if (input.status == 205) {
        decision.announce_length = true;
    } else if (input.method == http::Method::Head) {
        decision.announce_length = input.length.has_value();
        decision.length = input.length.value_or(0);
    } else if (input.length) {
        decision.mode = BodyMode::Length;
        decision.announce_length = true;
        decision.length = *input.length;
    } else if (is_http10) {
        decision.mode = BodyMode::UntilClose;
        decision.keep_alive = false;
    } else {
        decision.mode = BodyMode::Chunked;
    }
    decision.echo_keep_alive = is_http10 && decision.keep_alive;
    return decision;
}

}  // namespace osmia::http1
