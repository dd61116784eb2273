/// \file
/// FastCGI 1.0 records: bytes to events and back. Pure, so that it fuzzes; the application's bytes are hostile.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fast_cgi {

enum class RecordType : std::uint8_t {
    BeginRequest = 1,
    AbortRequest = 2,
    EndRequest = 3,
    Params = 4,
    Stdin = 5,
    Stdout = 6,
    Stderr = 7,
};

/// The most content of one record.
inline constexpr std::size_t MaxContent = 65535;
/// A connection carries one request, so it always has this number.
inline constexpr std::uint16_t RequestId = 1;

/// BEGIN_REQUEST for a responder that closes the connection afterwards.
void append_begin(std::string& out);
/// Content of a stream, in as many records as it needs. Empty content ends the stream.
void append_stream(std::string& out, RecordType type, std::string_view content);
/// A name-value pair of PARAMS.
void append_pair(std::string& out, std::string_view name, std::string_view value);

/// What the application says next.
struct Event {
    enum class Kind {
        NeedMore,  ///< the input is used up
        Stdout,
        Stderr,
        End,
        Failed,  ///< this is not FastCGI; nothing that follows makes sense
    } kind = Kind::NeedMore;
    std::string_view data;            ///< of Stdout and Stderr; points into the input
    std::uint32_t application_status = 0;
    std::uint8_t protocol_status = 0;  ///< 0: complete; else the application refused the request
};

/// Takes the application's bytes apart, however they arrive. Holds at most one record head.
class RecordReader {
public:
    /// Takes what it understands from the front of \a input. To be called until it says NeedMore.
    Event next(std::string_view& input);
    bool has_ended() const { return state_ == State::Ended; }

private:
    enum class State { Head, Content, Padding, Ended, Failed };
    bool collect(std::string_view& input, std::size_t size);
    Event content(std::string_view& input);
    Event fail();

    State state_ = State::Head;
    std::string held_;
    std::uint8_t type_ = 0;
    std::size_t content_left_ = 0, padding_left_ = 0;
};

}  // namespace fast_cgi
