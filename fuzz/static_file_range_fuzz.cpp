// A Range header: every part lies in the file, and all together are bounded.
#include <cstdlib>
#include <string_view>

#include "static_file/multi_range.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view header(reinterpret_cast<const char*>(data), size);
    for (const std::uint64_t file : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1000}, ~std::uint64_t{0} / 4}) {
        const auto parts = static_file::parse_ranges(header, file);
        if (!parts) continue;
        if (parts->size() > static_file::MaxRanges) std::abort();
        std::uint64_t bytes = 0;
        for (const auto& part : *parts) {
            if (part.length == 0 || part.first >= file || part.length > file - part.first) std::abort();
            bytes += part.length;
        }
        if (parts->size() > 1 && bytes > file * 2) std::abort();
    }
    return 0;
}
