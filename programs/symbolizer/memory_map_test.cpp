#include "symbolizer/memory_map.h"

#include <gtest/gtest.h>

namespace osmia::symbolizer {
namespace {

TEST(MemoryMap, JoinsTheMappingsOfOneFile) {
    const auto files = read_maps(
        "5000-6000 r--p 00000000 08:01 11                         /bin/worker\n"
        "6000-7000 r-xp 00001000 08:01 11                         /bin/worker\n"
        "7000-8000 rw-p 00000000 00:00 0 \n"
        "a000-b000 r-xp 00000000 00:01 9                          /memfd:crash.so (deleted)\n"
        "ffff000-ffff800 r-xp 00000000 00:00 0                    [vdso]\n");
    ASSERT_EQ(files.size(), 2u);
    EXPECT_EQ(files[0].path, "/bin/worker");
    EXPECT_EQ(files[0].base, 0x5000u);
    EXPECT_EQ(files[0].end, 0x7000u);
    EXPECT_EQ(files[1].path, "/memfd:crash.so (deleted)");
}

TEST(MemoryMap, TheSameFileMappedTwiceIsTwoFiles) {
    const auto files = read_maps("1000-2000 r--p 00000000 08:01 1 /a\n3000-4000 r--p 00000000 08:01 1 /a\n");
    ASSERT_EQ(files.size(), 2u);
    EXPECT_EQ(files[1].base, 0x3000u);
}

TEST(MemoryMap, LeavesOutWhatMakesNoSense) {
    EXPECT_TRUE(read_maps("").empty());
    EXPECT_TRUE(read_maps("nonsense\n2000-1000 r-xp 00000000 08:01 1 /a\n1000-").empty());
    EXPECT_TRUE(read_maps("1000-2000 r-xp").empty());
}

TEST(MemoryMap, ReadsNoMoreFilesThanItsLimit) {
    std::string maps;
    for (std::size_t i = 0; i <= MaxMappedFiles; ++i) maps += "1000-2000 r--p 00000000 08:01 1 /" + std::to_string(i) + "\n";
    EXPECT_EQ(read_maps(maps).size(), MaxMappedFiles);
}

}  // namespace
}  // namespace osmia::symbolizer
