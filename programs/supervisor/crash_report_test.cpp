#include "supervisor/crash_report.h"

#include <gtest/gtest.h>

namespace osmia::supervisor {
namespace {

const CrashFacts Facts{"abc123", 1'000, "pool", 42, 3, "SIGSEGV", ""};

TEST(CrashReport, NamesTheFirstFrameOfForeignCode) {
    const auto report = make_crash_report(Facts,
                                          "signal\t11\t1\t0x10\t77\nrequest\tdeadbeef\ncause\t\n"
                                          "frame\t/lib/libc.so.6\tb1\tmemcpy+0x1\t\t0\n"
                                          "frame\t/site/crash.so\tb2\twrite_null()+0x12\tcrash.cpp:9\t1\n"
                                          "frame\t/bin/osmia-worker\tb3\tmain+0x1\t\t0\n",
                                          {});
    EXPECT_EQ(report["module"], "/site/crash.so");
    EXPECT_EQ(report["buildId"], "b2");
    EXPECT_EQ(report["stack"].size(), 3u);
    EXPECT_EQ(report["stack"][1]["source"], "crash.cpp:9");
    EXPECT_EQ(report["faultAddress"], "0x10");
    EXPECT_EQ(report["request"], "deadbeef");
    EXPECT_EQ(guilty_words(report), " in crash.so: write_null()+0x12");
}

TEST(CrashReport, WithoutForeignCodeTheInnermostFrameIsNamed) {
    const auto report = make_crash_report(Facts, "frame\t/lib/libc.so.6\tb1\tabort+0x1\t\t0\nframe\t/bin/osmia-worker\t\tmain+0x1\t\t0\n", {});
    EXPECT_EQ(report["module"], "/lib/libc.so.6");
}

TEST(CrashReport, WithoutAStackItIsStillOne) {
    const auto report = make_crash_report(Facts, "", {});
    EXPECT_EQ(report["id"], "abc123");
    EXPECT_EQ(report["time"], "1970-01-01T00:00:01Z");
    EXPECT_EQ(guilty_words(report), "");
}

TEST(CrashReport, TellsWhatBecameOfEachRequestUpToItsLimit) {
    const wire::DeadWorkerRequest request{"id", "GET", "/x?\x1b[2J", "127.0.0.1", 12, true, wire::RequestOutcome::Repeated};
    const auto report = make_crash_report(Facts, "", std::vector(MaxReportedRequests + 1, request));
    ASSERT_EQ(report["requests"].size(), MaxReportedRequests);
    EXPECT_EQ(report["requests"][0]["outcome"], "repeated");
    EXPECT_EQ(report["requests"][0]["url"], "/x??[2J") << "nothing in it reaches a terminal's state";
}

TEST(CrashReport, IsCutAtItsLimitAndBelievesNoLine) {
    std::string lines = "frame\tonly two\nnonsense\n\t\t\t\t\t\t\t\nsignal\n";
    for (int i = 0; i < 1000; ++i) lines += "frame\t" + std::string(5000, 'm') + "\tb\t" + std::string(5000, '\x01') + "\t\t1\n";
    const auto report = make_crash_report(Facts, lines, {});
    EXPECT_LE(report["stack"].size(), 128u);
    EXPECT_GT(report["stack"].size(), 0u);
    EXPECT_LE(report.dump(1).size(), MaxCrashReportBytes);
}

}  // namespace
}  // namespace osmia::supervisor
