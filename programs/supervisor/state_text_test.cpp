#include "supervisor/state_text.h"

#include <gtest/gtest.h>

namespace osmia::supervisor {
namespace {

struct Old {
    std::uint32_t id = 0;
    std::string name;
    void fields(auto& archive) { archive(id); archive(name); }
};

struct New {
    std::uint32_t id = 0;
    std::string name;
    std::uint32_t added = 7;
    void fields(auto& archive) { archive(id); archive(name); archive(added); }
};

TEST(StateText, IsReadByOlderAndNewerVersions) {
    const auto as_new = from_state_text<New>(to_state_text(Old{3, "pool"}));
    ASSERT_TRUE(as_new.ok());
    EXPECT_EQ(as_new.value().name, "pool");
    EXPECT_EQ(as_new.value().added, 7u) << "a field that is missing keeps its default";
    const auto as_old = from_state_text<Old>(to_state_text(New{3, "pool", 9}));
    ASSERT_TRUE(as_old.ok());
    EXPECT_EQ(as_old.value().id, 3u);
}

TEST(StateText, RefusesATextThatEndsWithinAField) {
    std::string text = to_state_text(Old{3, "pool"});
    text.pop_back();
    EXPECT_FALSE(from_state_text<Old>(text).ok());
}

}  // namespace
}  // namespace osmia::supervisor
