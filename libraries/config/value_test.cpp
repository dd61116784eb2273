#include "config/value.h"

#include <gtest/gtest.h>

#include "config/nearest_name.h"

namespace osmia::config {
namespace {

AttributeSchema attribute(ValueType type) {
    AttributeSchema schema;
    schema.name = "a";
    schema.type = type;
    schema.minimum = INT64_MIN;
    schema.maximum = INT64_MAX;
    return schema;
}

TEST(TimeSpan, IsReadInMilliseconds) {
    const std::pair<const char*, std::int64_t> cases[] = {
        {"00:00:00", 0},          {"00:00:01", 1000},         {"00:01:30", 90000},        {"29:00:00", 104400000},
        {"1.05:00:00", 104400000}, {"1.00:00:00", 86400000},  {"00:00:00.5", 500},        {"00:00:00.0010000", 1},
        {"29.00:00:00", 2505600000}, {"0:0:5", 5000},         {"99999999:59:59", 359999999999000}};
    for (const auto& [text, expected] : cases) {
        const auto time = parse_time_span(text);
        ASSERT_TRUE(time.ok()) << text;
        EXPECT_EQ(time.value(), expected) << text;
    }
}

TEST(TimeSpan, RefusesEverythingElse) {
    for (const char* text : {"", "5", "00:05", "00:60:00", "00:00:60", "-1:00:00", "+1:00:00", "1.24:00:00", "00:00:00.", "a:b:c",
                             "00:00:00.12345678", " 00:00:00", "1:2:3:4", "999999999:00:00", ".00:00:00", "00::00"}) {
        EXPECT_FALSE(parse_time_span(text).ok()) << text;
    }
}

TEST(Value, IsWrittenAsItIsRead) {
    const AttributeSchema time = attribute(ValueType::TimeSpan);
    for (const char* text : {"00:00:00", "1.05:00:00", "00:01:30", "00:00:00.500"}) {
        EXPECT_EQ(format_value(time, parse_value(time, text).value()), text);
    }
    AttributeSchema flags = attribute(ValueType::Flags);
    flags.names = {{"None", 0}, {"Read", 1}, {"Script", 512}};
    for (const char* text : {"None", "Read", "Read, Script"}) {
        EXPECT_EQ(format_value(flags, parse_value(flags, text).value()), text);
    }
    const AttributeSchema flag = attribute(ValueType::Bool);
    EXPECT_EQ(format_value(flag, parse_value(flag, "TRUE").value()), "true");
}

TEST(Value, FlagsHaveNoCaseAndTakeSpaces) {
    AttributeSchema flags = attribute(ValueType::Flags);
    flags.names = {{"Read", 1}, {"Script", 512}};
    EXPECT_EQ(parse_value(flags, " read ,SCRIPT").value().number, 513);
    EXPECT_EQ(parse_value(flags, "").value().number, 0);
    EXPECT_FALSE(parse_value(flags, "Read Script").ok());
}

TEST(Value, NumbersKeepToTheirTypeAndRange) {
    AttributeSchema number = attribute(ValueType::UInt);
    number.minimum = 0;
    number.maximum = 0xffffffff;
    EXPECT_EQ(parse_value(number, "4294967295").value().number, 4294967295);
    EXPECT_EQ(parse_value(number, "0x10").value().number, 16);
    for (const char* text : {"4294967296", "-1", "1.5", "", "x", "0x", "1e3", "99999999999999999999"}) {
        EXPECT_FALSE(parse_value(number, text).ok()) << text;
    }
    number.maximum = 1023;
    number.excluded_range = true;
    EXPECT_FALSE(parse_value(number, "1023").ok());
    EXPECT_TRUE(parse_value(number, "1024").ok());
}

TEST(Value, InfiniteIsATimeOnlyWhereItIsAllowed) {
    AttributeSchema time = attribute(ValueType::TimeSpan);
    EXPECT_FALSE(parse_value(time, "Infinite").ok());
    time.infinite = true;
    EXPECT_EQ(parse_value(time, "infinite").value().number, infinite_time);
}

TEST(NearestName, FindsTypingErrorsAndNothingFarAway) {
    const std::vector<std::string> names{"queueLength", "autoStart", "name"};
    EXPECT_EQ(nearest_name("queueLenght", names), "queueLength");
    EXPECT_EQ(nearest_name("AUTOSTART", names), "autoStart");
    EXPECT_EQ(nearest_name("nmae", names), "name");
    EXPECT_EQ(nearest_name("colour", names), "");
    EXPECT_EQ(nearest_name(std::string(1000, 'x'), names), "");
    EXPECT_EQ(suggestion("colour", names), "; known here: queueLength, autoStart, name");
    EXPECT_EQ(suggestion("colour", {}), "");
}

}  // namespace
}  // namespace osmia::config
