#include "worker/module_host/connection_table.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace osmia::worker {
namespace {

struct Kept final : IHttpConnectionStoredContext {
    Kept(std::string called, std::vector<std::string>& told_to) : name(std::move(called)), log(told_to) {}
    VOID NotifyDisconnect() override { log.push_back(name + " disconnected"); }
    VOID CleanupStoredContext() override { log.push_back(name + " cleaned"); }
    std::string name;
    std::vector<std::string>& log;
};

class Connections : public testing::Test {
protected:
    std::vector<std::string> log;
    Kept a{"a", log}, b{"b", log};
    ConnectionTable table;
    bool is_new = false;
    int module = 0;
};

TEST_F(Connections, KeepsOneStatePerConnectionAndListener) {
    EXPECT_EQ(table.find({1, 7}), nullptr);
    const auto state = table.open({1, 7}, is_new);
    EXPECT_TRUE(is_new);
    EXPECT_EQ(table.open({1, 7}, is_new), state);
    EXPECT_FALSE(is_new);
    EXPECT_EQ(table.find({2, 7}), nullptr) << "another listener's connection of the same number";
}

TEST_F(Connections, TellsAtTheEndAndCleansUpAfterTheLastRequest) {
    auto used_by_a_request = table.open({1, 7}, is_new);
    EXPECT_EQ(used_by_a_request->store(&a, &module), S_OK);
    EXPECT_EQ(used_by_a_request->find(&module), &a);
    EXPECT_TRUE(FAILED(used_by_a_request->store(&b, &module))) << "the slot is taken";
    table.closed({1, 7});
    EXPECT_EQ(log, std::vector<std::string>{"a disconnected"});
    used_by_a_request.reset();
    EXPECT_EQ(log, (std::vector<std::string>{"a disconnected", "a cleaned"}));
    table.closed({1, 7});
    EXPECT_EQ(log.size(), 2u);
}

TEST_F(Connections, WhatIsKeptAfterTheEndIsToldAtOnce) {
    const auto state = table.open({1, 7}, is_new);
    table.closed({1, 7});
    EXPECT_EQ(state->store(&a, &module), S_OK);
    EXPECT_EQ(log, std::vector<std::string>{"a disconnected"});
}

TEST_F(Connections, AListenerTakesItsConnectionsWithItAndNoOthers) {
    table.open({1, 1}, is_new)->store(&a, &module);
    table.open({2, 1}, is_new)->store(&b, &module);
    table.listener_gone(1);
    EXPECT_EQ(log, (std::vector<std::string>{"a disconnected", "a cleaned"}));
    table.clear();
    EXPECT_EQ(log.back(), "b cleaned");
}

TEST_F(Connections, GivesMemoryThatLivesAsLongAsTheConnection) {
    const auto state = table.open({1, 7}, is_new);
    auto* first = static_cast<char*>(state->allocate(100));
    auto* second = static_cast<char*>(state->allocate(0));
    ASSERT_NE(first, nullptr);
    ASSERT_NE(second, nullptr);
    EXPECT_NE(first, second);
}

}  // namespace
}  // namespace osmia::worker
