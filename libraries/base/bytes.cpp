#include "base/bytes.h"

namespace osmia {

void ByteWriter::put_string(std::string_view text) {
    put(static_cast<std::uint32_t>(text.size()));
    append(text.data(), text.size());
}

bool ByteReader::copy(void* target, std::size_t size) {
    if (rest_.size() < size) {
        fail();
        return false;
    }
    std::memcpy(target, rest_.data(), size);
    rest_ = rest_.subspan(size);
    return true;
}

std::string_view ByteReader::get_view(std::size_t limit) {
    const auto size = get<std::uint32_t>();
    if (!ok_ || size > limit || size > rest_.size()) {
        fail();
        return {};
    }
    std::string_view view(reinterpret_cast<const char*>(rest_.data()), size);
    rest_ = rest_.subspan(size);
    return view;
}

}  // namespace osmia
