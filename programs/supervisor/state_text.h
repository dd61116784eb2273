/// \file
/// Structs with `fields(archive)` as text for the guardian's store.
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

/// Reads what to_state_text() wrote; Invalid for anything else.
template <class T>
Result<T> from_state_text(const std::string& text) {
    wire::Decoder decoder(std::as_bytes(std::span(text.data(), text.size())));
    T value{};
    decoder(value);
    if (!decoder.reader().complete()) return make_error(ErrorKind::Invalid, "stored state of another version");
    return value;
}

}  // namespace osmia::supervisor
