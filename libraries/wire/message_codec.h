/// \file
/// How a set of control messages becomes bytes: a message is a struct with `fields(archive)`, a channel direction is a
/// std::variant of its messages, and the first byte on the wire is the index in that variant.
///
/// Decoding checks every length, refuses unknown types, left-over bytes, enumerators out of range and lists beyond
/// MaxListItems, and owns all it returns: nothing points into the received bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/message_socket.h"
#include "base/result.h"

namespace osmia::wire {

/// Version of every control protocol and of the shared-memory channel. Programs of different versions never talk: the
/// one that notices says so and is replaced by the supervisor (docs/wire/control.md). Not a constant expression: tests link the
/// programs with another one (protocol_version.cpp).
extern const std::uint32_t ProtocolVersion;

/// The most items a list in one control message may have.
inline constexpr std::uint32_t MaxListItems = 4096;

class Encoder {
public:
    template <class T>
    void operator()(const T& value) {
        if constexpr (std::is_same_v<T, std::string>) {
            writer_.put_string(value);
        } else if constexpr (std::is_same_v<T, bool>) {
            writer_.put(static_cast<std::uint8_t>(value));
        } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
            writer_.put(value);
        } else {
            const_cast<T&>(value).fields(*this);
        }
    }
    template <class T>
    void operator()(const std::vector<T>& list) {
        writer_.put(static_cast<std::uint32_t>(list.size()));
        for (const T& item : list) (*this)(item);
    }
    ByteWriter& writer() { return writer_; }

private:
    ByteWriter writer_;
};

class Decoder {
public:
    explicit Decoder(std::span<const std::byte> bytes) : reader_(bytes) {}

    template <class T>
    void operator()(T& value) {
        if constexpr (std::is_same_v<T, std::string>) {
            value = reader_.get_string();
        } else if constexpr (std::is_same_v<T, bool>) {
            value = reader_.get_bool();
        } else if constexpr (std::is_enum_v<T>) {
            value = reader_.get_enum(T::Last);
        } else if constexpr (std::is_integral_v<T>) {
            value = reader_.get<T>();
        } else {
            value.fields(*this);
        }
    }
    template <class T>
    void operator()(std::vector<T>& list) {
        const auto count = reader_.get<std::uint32_t>();
        if (count > MaxListItems) reader_.fail();
        for (std::uint32_t i = 0; i < count && reader_.ok(); ++i) (*this)(list.emplace_back());
    }
    ByteReader& reader() { return reader_; }

private:
    ByteReader reader_;
};

namespace detail {

template <class Variant, std::size_t Index = 0>
Variant decode_alternative(std::size_t index, Decoder& decoder) {
    if constexpr (Index < std::variant_size_v<Variant>) {
        if (index == Index) {
            std::variant_alternative_t<Index, Variant> message{};
            decoder(message);
            return Variant(std::in_place_index<Index>, std::move(message));
        }
        return decode_alternative<Variant, Index + 1>(index, decoder);
    } else {
        decoder.reader().fail();
        return Variant{};
    }
}

}  // namespace detail

/// The bytes of one message of the direction \a Variant.
template <class Variant>
std::vector<std::byte> encode(const Variant& message) {
    Encoder encoder;
    encoder.writer().put(static_cast<std::uint8_t>(message.index()));
    std::visit([&](const auto& alternative) { encoder(alternative); }, message);
    return encoder.writer().take();
}

/// Reads one message of the direction \a Variant; Invalid for anything that is not exactly one.
template <class Variant>
Result<Variant> decode(std::span<const std::byte> bytes) {
    Decoder decoder(bytes);
    const auto index = decoder.reader().get<std::uint8_t>();
    Variant message = detail::decode_alternative<Variant>(index, decoder);
    if (!decoder.reader().complete()) return make_error(ErrorKind::Invalid, "a malformed control message of type {}", index);
    return message;
}

/// Encodes and sends one message of the direction \a Variant; see send_message() for errors.
template <class Variant>
Result<void> send(BorrowedFd socket, const std::type_identity_t<Variant>& message, std::span<const int> fds = {}) {
    const auto bytes = encode<Variant>(message);
    return send_message(socket, bytes, fds);
}

/// One message together with the descriptors that came with it.
template <class Variant>
struct Received {
    Variant message;
    std::vector<UniqueFd> fds;
};

/// Receives and decodes one message; see receive_message() for errors.
template <class Variant>
Result<Received<Variant>> receive(BorrowedFd socket) {
    ReceivedMessage raw = OSMIA_TRY(receive_message(socket));
    Variant message = OSMIA_TRY(decode<Variant>(raw.bytes));
    return Received<Variant>{std::move(message), std::move(raw.fds)};
}

}  // namespace osmia::wire
