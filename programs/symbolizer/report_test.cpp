#include "symbolizer/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>

namespace osmia::symbolizer {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

__attribute__((noinline)) void guilty_function() { asm volatile(""); }

/// A note as this very process would leave it.
std::unique_ptr<wire::CrashNote> make_note() {
    auto note = std::make_unique<wire::CrashNote>();
    note->magic = wire::CrashNoteMagic;
    note->has_facts = 1;
    note->signal = 11;
    note->code = 1;
    note->address = 0x10;
    note->thread = 7;
    std::strcpy(note->request_id, "abc");
    std::ostringstream maps;
    maps << std::ifstream("/proc/self/maps").rdbuf();
    const std::string text = maps.str().substr(0, wire::MaxCrashMaps);
    std::memcpy(note->maps, text.data(), text.size());
    note->maps_size = static_cast<std::uint32_t>(text.size());
    note->frames[0] = reinterpret_cast<std::uintptr_t>(&guilty_function);
    note->frame_count = 1;
    return note;
}

TEST(Report, NamesTheFunctionAndItsFile) {
    const std::string report = describe(*make_note());
    EXPECT_THAT(report, StartsWith("signal\t11\t1\t0x10\t7\nrequest\tabc\ncause\t\nframe\t/"));
    EXPECT_THAT(report, HasSubstr("guilty_function()+0x0\t"));
}

TEST(Report, AnAddressOutsideEveryFileStaysANumber) {
    auto note = make_note();
    note->frames[0] = 0x10;
    EXPECT_THAT(describe(*note), HasSubstr("frame\t\t\t0x10\t\t0\n"));
}

TEST(Report, AnEmptyNoteIsNone) {
    auto note = make_note();
    note->has_facts = 0;
    EXPECT_EQ(describe(*note), "");
}

TEST(Report, BelievesNoCountAndNoText) {
    auto note = make_note();
    note->frame_count = 0xffffffff;
    note->module_count = 0xffffffff;
    note->maps_size = 0xffffffff;
    std::memset(note->modules, 'x', sizeof note->modules);
    std::memset(note->request_id, 'i', sizeof note->request_id);
    std::memset(note->cause, '\t', sizeof note->cause);
    const std::string report = describe(*note);
    EXPECT_THAT(report, HasSubstr("request\t" + std::string(sizeof note->request_id, 'i') + "\n"));
    EXPECT_THAT(report, HasSubstr("cause\t????"));
    std::istringstream lines(report);
    std::size_t frames = 0;
    for (std::string line; std::getline(lines, line);) frames += line.starts_with("frame\t") ? 1 : 0;
    EXPECT_EQ(frames, wire::MaxCrashFrames);
}

}  // namespace
}  // namespace osmia::symbolizer
