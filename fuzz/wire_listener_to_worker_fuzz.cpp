// The other direction: request heads and messages as a worker reads them, and the supervisor's messages as the listener
// and the worker read them.
#include <algorithm>

#include "wire/channel_message.h"
#include "wire/guardian.h"
#include "wire/request_head.h"
#include "wire/supervisor_to_listener.h"
#include "wire/supervisor_to_worker.h"

namespace {

std::size_t sink;

void read_all(const osmia::wire::RequestView& view) {
    for (const auto text : {view.method(), view.raw_target(), view.path(), view.query(), view.host(), view.remote_address(),
                            view.local_address(), view.request_id(), view.application_path()}) {
        for (const char c : text) sink += static_cast<unsigned char>(c);
        if (text.data()[text.size()] != '\0') std::abort();
    }
    for (std::uint32_t i = 0; i < view.header_count(); ++i) {
        for (const char c : view.header_name(i)) sink += static_cast<unsigned char>(c);
        for (const char c : view.header_value(i)) sink += static_cast<unsigned char>(c);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace osmia::wire;
    // A copy in memory of the exact size and alignment of a slot, so that every stray byte is noticed.
    std::vector<std::uint64_t> storage((size + 7) / 8 + 1);
    auto* copy = reinterpret_cast<std::byte*>(storage.data());
    std::copy_n(reinterpret_cast<const std::byte*>(data), size, copy);
    const std::span<const std::byte> bytes(copy, size);
    if (const auto view = RequestView::decode(bytes)) read_all(*view);
    sink += decode<ListenerToWorkerMessage>(bytes).ok();
    sink += decode<SupervisorToWorker>(bytes).ok();
    sink += decode<SupervisorToListener>(bytes).ok();
    sink += decode<SupervisorToGuardian>(bytes).ok();
    sink += decode<GuardianToSupervisor>(bytes).ok();
    return 0;
}
