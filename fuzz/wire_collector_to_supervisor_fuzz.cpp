// What the supervisor reads that a pool's identity has written: the helper's messages, and the manifest's own format.
#include <cstdint>
#include <span>

#include "wire/extension_manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    const auto message = osmia::wire::decode<osmia::wire::CollectorToSupervisor>(bytes);
    if (message.ok() && osmia::wire::encode(message.value()).size() != size) __builtin_trap();
    const auto manifest = osmia::wire::decode<osmia::wire::ExtensionManifestFile>(bytes);
    if (manifest.ok() && std::get<0>(manifest.value()).find("/x.so") != nullptr) return 0;
    return 0;
}
