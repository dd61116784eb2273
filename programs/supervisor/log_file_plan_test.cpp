#include "supervisor/log_file_plan.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace osmia::supervisor {
namespace {

constexpr std::int64_t Hour = 3600, Day = 24 * Hour;
constexpr std::int64_t Moment = 1'795'341'600 + 1800;  // Sunday 2026-11-22 10:30 UTC
constexpr std::int64_t Midnight = 1'795'341'600 - 10 * Hour;

LogFilePlan plan(config::LogPeriod period, std::int64_t now = Moment) {
    config::LogFile log;
    log.period = period;
    return plan_access_log(log, 3, "/logs", now);
}

TEST(LogFilePlan, EachPeriodHasItsNameAndItsEnd) {
    using config::LogPeriod;
    EXPECT_EQ(plan(LogPeriod::Daily).folder, "/logs/W3SVC3");
    EXPECT_EQ(plan(LogPeriod::Daily).name, "u_ex261122.log");
    EXPECT_EQ(plan(LogPeriod::Daily).valid_until_s, Midnight + Day);
    EXPECT_EQ(plan(LogPeriod::Hourly).name, "u_ex26112210.log");
    EXPECT_EQ(plan(LogPeriod::Hourly).valid_until_s, Midnight + 11 * Hour);
    EXPECT_EQ(plan(LogPeriod::Monthly).name, "u_ex2611.log");
    EXPECT_EQ(plan(LogPeriod::Monthly).valid_until_s, Midnight + 9 * Day);
    EXPECT_EQ(plan(LogPeriod::Weekly).name, "u_ex261104.log");
    EXPECT_EQ(plan(LogPeriod::Weekly).valid_until_s, Midnight + 7 * Day);
}

TEST(LogFilePlan, AWeekEndsWithItsMonth) {
    const auto monday = plan(config::LogPeriod::Weekly, Moment + 8 * Day);  // the 30th
    EXPECT_EQ(monday.name, "u_ex261105.log");
    EXPECT_EQ(monday.valid_until_s, Midnight + 9 * Day);
    const auto tuesday = plan(config::LogPeriod::Weekly, Moment + 9 * Day);
    EXPECT_EQ(tuesday.name, "u_ex261201.log");
    EXPECT_EQ(tuesday.valid_until_s, Midnight + 14 * Day);
}

TEST(LogFilePlan, TheLastSecondBelongsToTheOldFileAndTheNextToTheNewOne) {
    EXPECT_EQ(plan(config::LogPeriod::Daily, Midnight + Day - 1).name, "u_ex261122.log");
    EXPECT_EQ(plan(config::LogPeriod::Daily, Midnight + Day).name, "u_ex261123.log");
}

TEST(LogFilePlan, LocalTimeMovesTheRollover) {
    ::setenv("TZ", "XYZ-3", 1);  // three hours ahead
    ::tzset();
    config::LogFile log;
    log.period = config::LogPeriod::Daily;
    log.local_time_rollover = true;
    const auto late = plan_access_log(log, 1, "/logs", Midnight + 22 * Hour);
    ::unsetenv("TZ");
    ::tzset();
    EXPECT_EQ(late.name, "u_ex261123.log");
    EXPECT_EQ(late.valid_until_s, Midnight + Day + 21 * Hour);
}

TEST(LogFilePlan, CustomColumnsAndTheFolderShowInTheName) {
    config::LogFile log;
    log.directory = "/var/elsewhere";
    log.custom_fields.resize(1);
    const auto found = plan_access_log(log, 1, "/logs", Moment);
    EXPECT_EQ(found.folder, "/var/elsewhere/W3SVC1");
    EXPECT_EQ(found.name, "u_ex261122_x.log");
}

TEST(LogFilePlan, ANumberedFileIsUsedUntilItIsFull) {
    std::string pattern = testing::TempDir() + "osmia-logs-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    LogFilePlan plan = plan_error_log("/nowhere");
    EXPECT_EQ(choose_numbered(plan), "httperr1.log");
    plan.folder = pattern;
    plan.max_bytes = 100;
    EXPECT_EQ(choose_numbered(plan), "httperr1.log");
    const auto write = [&](const std::string& name, std::size_t size) { std::ofstream(pattern + "/" + name) << std::string(size, 'x'); };
    for (const char* other : {"httperr.log", "httperr9.log.1", "httperrx.log", "u_extend7.log", "httperr99999999999.log"}) write(other, 1000);
    write("httperr1.log", 1000);
    write("httperr3.log", 99);
    EXPECT_EQ(choose_numbered(plan), "httperr3.log");
    write("httperr3.log", 100);
    EXPECT_EQ(choose_numbered(plan), "httperr4.log");
    std::filesystem::remove_all(pattern);
}

}  // namespace
}  // namespace osmia::supervisor
