#include "wire/process_start.h"

#include <gtest/gtest.h>

#include <set>

namespace osmia::wire {
namespace {

TEST(ApplicationDataFolder, IsOneFolderPerSiteAndApplication) {
    EXPECT_EQ(application_data_folder("/d", "Default Web Site", "/"), "/d/Default Web Site/ROOT");
    EXPECT_EQ(application_data_folder("/d", "shop", "/cart"), "/d/shop/cart");
}

TEST(ApplicationDataFolder, NamesNeverMeetOrLeaveTheFolder) {
    EXPECT_EQ(data_folder_name("/a/b"), "a%2Fb");
    EXPECT_EQ(data_folder_name(".."), "%2E.");
    std::set<std::string> names;
    for (const char* name : {"/", "/ROOT", "/a/b", "/a%2Fb", "/a", "/..", "/.", "/%52OOT"}) names.insert(data_folder_name(name));
    EXPECT_EQ(names.size(), 8u);
}

}  // namespace
}  // namespace osmia::wire
