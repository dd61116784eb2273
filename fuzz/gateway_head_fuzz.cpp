// The head that a CGI program writes: never more than was there, never a line break inside a value.
#include <cstdlib>
#include <string_view>

#include "gateway/response_head.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view output(reinterpret_cast<const char*>(data), size);
    const std::size_t end = gateway::find_head_end(output);
    const auto head = gateway::parse_head(output);
    if (end == std::string_view::npos && head) std::abort();
    if (!head) return 0;
    if (head->size != end || end > size) std::abort();
    if (head->status.find('\n') != head->status.npos || !head->headers.ends_with("\r\n\r\n")) std::abort();
    if (gateway::find_head_end(head->headers) != head->headers.size() && head->headers != "\r\n") std::abort();
    return 0;
}
