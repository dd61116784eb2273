// The PROXY header: whatever the bytes, an outcome that does not depend on how they came, within the limits.
#include <cstdlib>

#include "http1/proxy_header.h"

using namespace osmia::http1;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    ProxyHeader whole;
    const ProxyState outcome = parse_proxy_header(bytes, whole);
    if (outcome == ProxyState::Complete && (whole.size > size || whole.size > MaxProxyHeader)) std::abort();
    if (outcome == ProxyState::NeedMore && size >= MaxProxyHeader) std::abort();
    for (std::size_t cut = 0; cut < size && cut < 300; ++cut) {
        ProxyHeader part;
        const ProxyState early = parse_proxy_header(bytes.substr(0, cut), part);
        if (early == ProxyState::Failed && outcome != ProxyState::Failed) std::abort();
        if (early == ProxyState::Complete && (outcome != ProxyState::Complete || part.size != whole.size)) std::abort();
    }
    return 0;
}
