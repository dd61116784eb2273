#include "wire/response_record.h"

#include "wire/request_head.h"
#include "base/bytes.h"

namespace osmia::wire {

namespace {

template <class Head>
void put_head(const Head& head, ByteWriter& writer) {
    writer.put(head.status);
    writer.put_string(head.reason);
    writer.put(head.content_length.value_or(UnknownLength));
    writer.put(static_cast<std::uint32_t>(head.fields.size()));
    for (const auto& field : head.fields) {
        writer.put_string(field.name);
        writer.put_string(field.value);
    }
}

}  // namespace

std::vector<std::byte> encode_response_head(const ResponseHead& head) {
    ByteWriter writer;
    put_head(head, writer);
    return writer.take();
}

void encode_response_head(const ResponseHeadView& head, std::vector<std::byte>& target) {
    ByteWriter writer(std::move(target));
    put_head(head, writer);
    target = writer.take();
}

bool decode_response_head(std::span<const std::byte> payload, ResponseHeadView& head) {
    ByteReader reader(payload);
    head.status = reader.get<std::uint16_t>();
    head.reason = reader.get_view(256);
    const auto length = reader.get<std::uint64_t>();
    head.content_length = length == UnknownLength ? std::nullopt : std::optional(length);
    const auto count = reader.get<std::uint32_t>();
    head.fields.clear();
    if (!reader.ok() || count > MaxResponseFields) return false;
    for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
        auto& field = head.fields.emplace_back();
        field.name = reader.get_view(MaxRecordPayload);
        field.value = reader.get_view(MaxRecordPayload);
    }
    return reader.complete();
}

void encode_done_fields(const DoneFields& fields, std::vector<std::byte>& target) {
    ByteWriter writer(std::move(target));
    writer.put(fields.substatus);
    writer.put(fields.win32_status);
    writer.put_string(fields.user);
    writer.put_string(fields.log_data);
    target = writer.take();
}

std::vector<std::byte> encode_done_fields(const DoneFields& fields) {
    std::vector<std::byte> bytes;
    encode_done_fields(fields, bytes);
    return bytes;
}

std::optional<DoneFields> decode_done_fields(std::span<const std::byte> payload) {
    ByteReader reader(payload);
    DoneFields fields;
    fields.substatus = reader.get<std::uint16_t>();
    fields.win32_status = reader.get<std::uint32_t>();
    fields.user = reader.get_string(1024);
    fields.log_data = reader.get_string(4096);
    if (!reader.complete()) return std::nullopt;
    return fields;
}

}  // namespace osmia::wire
