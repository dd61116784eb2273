/// \file
/// Structs with `fields(archive)` as text for the guardian's store.
///
/// A supervisor of another version may read them after an upgrade, so fields are only ever added at the end: an older reader
/// ignores those it does not know, a newer one leaves those that are missing at their defaults.
#pragma once

#include <string>

#include "wire/message_codec.h"

namespace osmia::supervisor {

/// The codec of the control messages, in a string.
template <class T>
std::string to_state_text(const T& value) {
    wire::Encoder encoder;
    encoder(value);
    const auto bytes = encoder.writer().take();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

namespace detail {

/// Reads the top-level fields of a record until the text ends.
class RecordReader {
public:
    explicit RecordReader(const std::string& text) : decoder_(std::as_bytes(std::span(text.data(), text.size()))) {}
    template <class T>
    void operator()(T& field) {
        if (!decoder_.reader().complete()) decoder_(field);
    }
    bool ok() { return decoder_.reader().ok(); }

private:
    wire::Decoder decoder_;
};

}  // namespace detail

/// Reads what to_state_text() wrote, in this version or another; Invalid for a text that ends within a field.
template <class T>
Result<T> from_state_text(const std::string& text) {
    detail::RecordReader reader(text);
    T value{};
    value.fields(reader);
    if (!reader.ok()) return make_error(ErrorKind::Invalid, "stored state that makes no sense");
    return value;
}

}  // namespace osmia::supervisor
