#include "guardian/store.h"

#include <fcntl.h>
#include <gtest/gtest.h>

namespace osmia::guardian {
namespace {

UniqueFd null_device() { return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

TEST(Store, ANewDescriptorReplacesAndClosesTheOneOfTheSameName) {
    Store store;
    UniqueFd first = null_device(), second = null_device();
    const int first_number = first.get(), second_number = second.get();
    store.apply({"socket"}, std::move(first));
    store.apply({"socket"}, std::move(second));
    ASSERT_EQ(store.fds().size(), 1u);
    EXPECT_EQ(store.fds().at("socket").get(), second_number);
    EXPECT_EQ(::fcntl(first_number, F_GETFD), -1);
}

TEST(Store, ADroppedDescriptorIsClosed) {
    Store store;
    UniqueFd fd = null_device();
    const int number = fd.get();
    store.apply({"socket"}, std::move(fd));
    store.apply(wire::DropFd{"other"});
    EXPECT_EQ(store.fds().size(), 1u);
    store.apply(wire::DropFd{"socket"});
    EXPECT_TRUE(store.fds().empty());
    EXPECT_EQ(::fcntl(number, F_GETFD), -1);
}

TEST(Store, AStoreMessageWithoutADescriptorChangesNothing) {
    Store store;
    store.apply({"socket"}, UniqueFd());
    EXPECT_TRUE(store.fds().empty());
}

TEST(Store, EmptyStateTextRemovesTheKey) {
    Store store;
    store.apply(wire::StoreState{"pool", "running"});
    store.apply(wire::StoreState{"pool", "stopped"});
    EXPECT_EQ(store.state().at("pool"), "stopped");
    store.apply(wire::StoreState{"pool", ""});
    EXPECT_TRUE(store.state().empty());
}

}  // namespace
}  // namespace osmia::guardian
