/// \file
/// The response under construction.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"

namespace osmia::worker {

/// One piece of a response body: bytes owned, bytes borrowed from a module until they are sent, or part of a
/// file.
struct BodyChunk {
    std::string owned;
    const void* borrowed = nullptr;  ///< when set, of \a length bytes
    int fd = -1;                     ///< when not negative: \a length bytes of this file from \a offset
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    std::shared_ptr<UniqueFd> keeper;  ///< keeps fd open; shared by the pieces of one file

    std::uint64_t size() const { return borrowed != nullptr || fd >= 0 ? length : owned.size(); }
};

/// Status, headers and the part of the body that is not yet sent. Not synchronised.
class ResponseData {
public:
    struct Field {
        std::string name;
        std::string value;
    };

    std::uint16_t status = 200;
    std::uint16_t substatus = 0;
    std::string reason;      ///< empty: the standard phrase
    std::int32_t error = 0;  ///< the HRESULT behind the status
    bool skip_error_page = false;
    bool head_sent = false;
    bool suppress_head = false;
    bool ended = false;
    bool disconnect = false;
    bool reset_at_end = false;  ///< HSE_REQ_ABORTIVE_CLOSE: by RST, when everything is out
    bool buffered = true;
    std::string error_description;  ///< for the error page; escaped already
    std::vector<Field> fields;
    std::vector<BodyChunk> chunks;

    void set_status(std::uint16_t new_status, std::string_view new_reason, std::uint16_t new_substatus = 0,
                    std::int32_t new_error = 0);
    /// Null when there is none; the first of several.
    const std::string* header(std::string_view name) const;
    void set_header(std::string_view name, std::string_view value, bool replace);
    void delete_header(std::string_view name);
    /// Drops headers and body; the status stays.
    void clear();
    void clear_headers() { fields.clear(); }

    void append(std::string_view bytes);
    std::uint64_t pending_bytes() const;
    std::uint32_t version() const { return version_; }

private:
    std::uint32_t version_ = 1;
};

}  // namespace osmia::worker
