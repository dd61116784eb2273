#include "worker/pipeline/mapping_cache.h"

#include <gtest/gtest.h>

namespace osmia::worker {
namespace {

class Mappings : public testing::Test {
protected:
    Mappings() {
        mapping.handler = &section->handlers.emplace_back();
        mapping.script_length = 4;
        cache.store(key, section, mapping, start);
    }
    MappingCache cache;
    std::shared_ptr<config::HandlersSection> section = std::make_shared<config::HandlersSection>();
    HandlerMapping mapping;
    MappingCache::Key key{1, false, "GET", "/app/x"};
    MappingCache::Clock::time_point start{};
};

TEST_F(Mappings, AreTrueForTheirLifetimeAndNoLonger) {
    const auto almost = start + MappingCache::Lifetime - MappingCache::Clock::duration(1);
    ASSERT_TRUE(cache.find(key, section.get(), almost).has_value());
    EXPECT_EQ(cache.find(key, section.get(), almost)->handler, mapping.handler);
    EXPECT_FALSE(cache.find(key, section.get(), start + MappingCache::Lifetime).has_value());
}

TEST_F(Mappings, BelongToOneSiteMethodPathClientAndConfiguration) {
    EXPECT_FALSE(cache.find({2, false, "GET", "/app/x"}, section.get(), start).has_value());
    EXPECT_FALSE(cache.find({1, true, "GET", "/app/x"}, section.get(), start).has_value());
    EXPECT_FALSE(cache.find({1, false, "POST", "/app/x"}, section.get(), start).has_value());
    EXPECT_FALSE(cache.find({1, false, "GET", "/app/y"}, section.get(), start).has_value());
    const config::HandlersSection other;
    EXPECT_FALSE(cache.find(key, &other, start).has_value());
}

TEST_F(Mappings, AreForgottenWhenThereAreTooMany) {
    for (std::size_t i = 1; i < MaxCachedMappings; ++i) {
        cache.store({1, false, "GET", "/" + std::to_string(i)}, section, mapping, start);
    }
    EXPECT_TRUE(cache.find(key, section.get(), start).has_value()) << "at the limit";
    cache.store({1, false, "GET", "/one/more"}, section, mapping, start);
    EXPECT_FALSE(cache.find(key, section.get(), start).has_value()) << "one past it";
    EXPECT_TRUE(cache.find({1, false, "GET", "/one/more"}, section.get(), start).has_value());
}

}  // namespace
}  // namespace osmia::worker
