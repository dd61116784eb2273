#include <gtest/gtest.h>

#include "wire/extension_manifest.h"
#include "wire/channel_message.h"
#include "wire/guardian.h"
#include "wire/listener_to_supervisor.h"
#include "wire/supervisor_to_listener.h"
#include "wire/supervisor_to_worker.h"
#include "wire/worker_to_supervisor.h"

namespace osmia::wire {
namespace {

template <class Variant, std::size_t Index = 0>
void every_alternative_round_trips_and_no_truncation_decodes() {
    if constexpr (Index < std::variant_size_v<Variant>) {
        const Variant message(std::in_place_index<Index>);
        const auto bytes = encode<Variant>(message);
        const auto decoded = decode<Variant>(bytes);
        ASSERT_TRUE(decoded.ok()) << "type " << Index;
        EXPECT_EQ(decoded.value().index(), Index);
        EXPECT_EQ(encode<Variant>(decoded.value()), bytes);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            EXPECT_FALSE(decode<Variant>(std::span(bytes).first(size)).ok()) << "type " << Index << " cut at " << size;
        }
        auto longer = bytes;
        longer.push_back(std::byte{0});
        EXPECT_FALSE(decode<Variant>(longer).ok()) << "type " << Index << " with a byte too many";
        every_alternative_round_trips_and_no_truncation_decodes<Variant, Index + 1>();
    }
}

TEST(ControlMessages, SupervisorToListener) { every_alternative_round_trips_and_no_truncation_decodes<SupervisorToListener>(); }
TEST(ControlMessages, ListenerToSupervisor) { every_alternative_round_trips_and_no_truncation_decodes<ListenerToSupervisor>(); }
TEST(ControlMessages, SupervisorToWorker) { every_alternative_round_trips_and_no_truncation_decodes<SupervisorToWorker>(); }
TEST(ControlMessages, WorkerToSupervisor) { every_alternative_round_trips_and_no_truncation_decodes<WorkerToSupervisor>(); }
TEST(ControlMessages, CollectorToSupervisor) { every_alternative_round_trips_and_no_truncation_decodes<CollectorToSupervisor>(); }
TEST(ControlMessages, ExtensionManifest) { every_alternative_round_trips_and_no_truncation_decodes<ExtensionManifestFile>(); }
TEST(ControlMessages, SupervisorToGuardian) { every_alternative_round_trips_and_no_truncation_decodes<SupervisorToGuardian>(); }
TEST(ControlMessages, GuardianToSupervisor) { every_alternative_round_trips_and_no_truncation_decodes<GuardianToSupervisor>(); }
TEST(ControlMessages, ListenerToWorker) { every_alternative_round_trips_and_no_truncation_decodes<ListenerToWorkerMessage>(); }
TEST(ControlMessages, WorkerToListener) { every_alternative_round_trips_and_no_truncation_decodes<WorkerToListenerMessage>(); }

TEST(ControlMessages, AnUnknownTypeIsRefused) {
    const std::byte unknown[] = {std::byte{200}};
    EXPECT_FALSE(decode<ListenerToSupervisor>(unknown).ok());
}

TEST(ControlMessages, AnEnumeratorPastTheLastIsRefused) {
    auto bytes = encode<WorkerToSupervisor>(RecycleMe{RecycleReason::Last, ""});
    ASSERT_TRUE(decode<WorkerToSupervisor>(bytes).ok());
    bytes[1] = std::byte{static_cast<unsigned char>(RecycleReason::Last) + 1};
    EXPECT_FALSE(decode<WorkerToSupervisor>(bytes).ok());
}

TEST(ControlMessages, AListIsBounded) {
    ListenerCounters counters;
    counters.workers.resize(MaxListItems);
    EXPECT_TRUE(decode<ListenerToSupervisor>(encode<ListenerToSupervisor>(counters)).ok());
    counters.workers.resize(MaxListItems + 1);
    EXPECT_FALSE(decode<ListenerToSupervisor>(encode<ListenerToSupervisor>(counters)).ok());
}

TEST(ControlMessages, TravelWithDescriptors) {
    auto pair = make_message_pair();
    ASSERT_TRUE(pair.ok());
    const int fds[] = {pair.value().first.get()};
    ASSERT_TRUE(send<SupervisorToWorker>(pair.value().first, AttachListener{}, fds).ok());
    auto received = receive<SupervisorToWorker>(pair.value().second);
    ASSERT_TRUE(received.ok());
    EXPECT_EQ(std::get<AttachListener>(received.value().message).protocol, "http");
    EXPECT_EQ(received.value().fds.size(), 1u);
}

}  // namespace
}  // namespace osmia::wire
