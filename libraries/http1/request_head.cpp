#include "http1/request_head.h"

namespace osmia::http1 {

const FieldEntry* RequestHead::find(http::HeaderId id) const {
    for (const FieldEntry& entry : fields()) {
        if (entry.id == id) return &entry;
    }
    return nullptr;
}

std::string_view RequestHead::find_value(http::HeaderId id) const {
    const FieldEntry* entry = find(id);
    return entry == nullptr ? std::string_view() : value(*entry);
}

}  // namespace osmia::http1
