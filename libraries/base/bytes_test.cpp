#include "base/bytes.h"

#include <gtest/gtest.h>

namespace osmia {
namespace {

TEST(Bytes, RoundTrip) {
    ByteWriter writer;
    writer.put(std::uint32_t{7});
    writer.put_string("pool");
    ByteReader reader(writer.bytes());
    EXPECT_EQ(reader.get<std::uint32_t>(), 7u);
    EXPECT_EQ(reader.get_string(), "pool");
    EXPECT_TRUE(reader.complete());
}

TEST(Bytes, EveryTruncationFailsAndReadsNothingBeyond) {
    ByteWriter writer;
    writer.put(std::uint64_t{1});
    writer.put_string("abc");
    const auto whole = writer.bytes();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        ByteReader reader(whole.first(size));
        reader.get<std::uint64_t>();
        reader.get_string();
        EXPECT_FALSE(reader.ok()) << size;
    }
}

TEST(Bytes, AStringBeyondItsLimitFails) {
    ByteWriter writer;
    writer.put_string("abcd");
    ByteReader at_limit(writer.bytes());
    EXPECT_EQ(at_limit.get_string(4), "abcd");
    ByteReader past(writer.bytes());
    EXPECT_EQ(past.get_string(3), "");
    EXPECT_FALSE(past.ok());
}

}  // namespace
}  // namespace osmia
