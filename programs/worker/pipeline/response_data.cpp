#include "worker/pipeline/response_data.h"

#include "worker/pipeline/request_data.h"

namespace osmia::worker {

void ResponseData::set_status(std::uint16_t new_status, std::string_view new_reason,
                              std::uint16_t new_substatus, std::int32_t new_error) {
    status = new_status;
    reason = new_reason;
    substatus = new_substatus;
    error = new_error;
}

const std::string* ResponseData::header(std::string_view name) const {
    for (const Field& field : fields) {
        if (same_name(field.name, name)) return &field.value;
    }
    return nullptr;
}

void ResponseData::set_header(std::string_view name, std::string_view value, bool replace) {
    if (replace) delete_header(name);
    fields.push_back({std::string(name), std::string(value)});
    ++version_;
}

void ResponseData::delete_header(std::string_view name) {
    std::erase_if(fields, [&](const Field& field) { return same_name(field.name, name); });
    ++version_;
}

void ResponseData::clear() {
    fields.clear();
    chunks.clear();
    error_description.clear();
    ++version_;
}

void ResponseData::append(std::string_view bytes) {
    if (bytes.empty()) return;
    const bool extend = !chunks.empty() && chunks.back().borrowed == nullptr && chunks.back().fd < 0;
    if (!extend) chunks.emplace_back();
    chunks.back().owned.append(bytes);
}

std::uint64_t ResponseData::pending_bytes() const {
    std::uint64_t total = 0;
    for (const BodyChunk& chunk : chunks) total += chunk.size();
    return total;
}

}  // namespace osmia::worker
