/// \file
/// Records of the response stream (worker → listener). Written by a process that runs foreign code: hostile.
///
/// Each record is a RecordHeader and `length` payload bytes, padded to a multiple of eight. A record becomes visible as
/// a whole. A response is: InformationalHead*, Head, (Body | File)*, End, then Done when the worker will not touch the
/// slot again. Flush and the others may stand anywhere before Done.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace osmia::wire {

enum class RecordKind : std::uint16_t {
    InformationalHead = 1,  ///< ResponseHead with a 1xx status
    Head,                   ///< ResponseHead
    Body,                   ///< body bytes
    File,                   ///< FileRange
    Flush,                  ///< send what there is; without it the listener may wait for more
    End,                    ///< the response is complete; with RecordAbort: cut the connection instead
    Done,                   ///< DoneFields: the worker has finished with the slot
    BindConnection,         ///< with RecordUnbind: release; else later requests of this connection come to this worker
    Disconnect,             ///< close the connection after this response; with RecordAbort: at once, by RST
    Last = Disconnect,
};

inline constexpr std::uint16_t RecordAbort = 1;
inline constexpr std::uint16_t RecordUnbind = 2;

struct RecordHeader {
    RecordKind kind;
    std::uint16_t flags;
    std::uint32_t length;
    std::uint32_t generation;
    std::uint32_t reserved;
};
static_assert(sizeof(RecordHeader) == 16);

inline constexpr std::uint64_t padded(std::uint64_t length) { return (length + 7) & ~std::uint64_t{7}; }

/// The most payload that a record other than Body may have. Decides how large a response head can be.
inline constexpr std::uint32_t MaxRecordPayload = 64 * 1024;
/// The most header fields of a response head.
inline constexpr std::uint32_t MaxResponseFields = 1000;

/// Part of a file passed by PassFile. `length` may be UnknownLength: to the end.
struct FileRange {
    std::uint32_t file_id;
    std::uint32_t generation;
    std::uint64_t offset;
    std::uint64_t length;
};

/// A response head. Owns its strings. `content_length`, and fields named Content-Length, Transfer-Encoding or
/// Connection, are wishes: framing is the listener's.
struct ResponseHead {
    struct Field {
        std::string name, value;
    };
    std::uint16_t status = 200;
    std::string reason;                              ///< empty: the standard phrase
    std::optional<std::uint64_t> content_length;
    std::vector<Field> fields;
};

/// What the access log needs from the worker.
struct DoneFields {
    std::uint16_t substatus = 0;
    std::uint32_t win32_status = 0;
    std::string user;
    std::string log_data;  ///< appended to cs-uri-query
};

/// A decoded head whose strings point into the payload it was read from. Reused from one head to the next, so that
/// reading one does not allocate.
struct ResponseHeadView {
    struct Field {
        std::string_view name, value;
    };
    std::uint16_t status = 0;
    std::string_view reason;
    std::optional<std::uint64_t> content_length;
    std::vector<Field> fields;
};

std::vector<std::byte> encode_response_head(const ResponseHead& head);
/// The same into \a target, whose memory is reused.
void encode_response_head(const ResponseHeadView& head, std::vector<std::byte>& target);
/// False unless \a payload is exactly one head within MaxResponseFields. Checks structure, not field contents. \a payload
/// must be a private copy: its bytes are looked at again by whoever uses the view.
bool decode_response_head(std::span<const std::byte> payload, ResponseHeadView& head);

std::vector<std::byte> encode_done_fields(const DoneFields& fields);
void encode_done_fields(const DoneFields& fields, std::vector<std::byte>& target);
std::optional<DoneFields> decode_done_fields(std::span<const std::byte> payload);

}  // namespace osmia::wire
