/// \file
/// Modules, memory, clocks, environment and HRESULTs.
#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <windows.h>

#include "../include/osmia_host_runtime.h"

namespace {

class Modules : public testing::Test {
protected:
    void SetUp() override { osmia_host_register_module(image_, sizeof image_, "/site/bin/App.dll"); }
    void TearDown() override { osmia_host_unregister_module(image_); }
    char image_[64];
};

TEST_F(Modules, TellTheDeployedPathForEveryAddressOfTheImage) {
    char path[MAX_PATH];
    EXPECT_EQ(GetModuleFileName(image_, path, sizeof path), 17u);
    EXPECT_STREQ(path, "/site/bin/App.dll");
    EXPECT_EQ(GetModuleFileName(image_ + 63, path, sizeof path), 17u);
    EXPECT_EQ(GetModuleFileName(image_ + 64, path, sizeof path), 0u);
    EXPECT_EQ(GetLastError(), DWORD{ERROR_MOD_NOT_FOUND});
    WCHAR wide[MAX_PATH];
    EXPECT_EQ(GetModuleFileNameW(image_, wide, MAX_PATH), 17u);
    EXPECT_EQ(std::u16string(wide), u"/site/bin/App.dll");
}

TEST_F(Modules, CutAPathThatDoesNotFit) {
    char path[18];
    EXPECT_EQ(GetModuleFileName(image_, path, 18), 17u);
    EXPECT_EQ(GetModuleFileName(image_, path, 17), 17u);
    EXPECT_EQ(GetLastError(), DWORD{ERROR_INSUFFICIENT_BUFFER});
    EXPECT_STREQ(path, "/site/bin/App.dl");
    EXPECT_EQ(GetModuleFileName(image_, nullptr, 0), 0u);
}

TEST_F(Modules, AreFoundByTheirFileNameInAnyCase) {
    EXPECT_EQ(GetModuleHandle("app.DLL"), image_);
    EXPECT_EQ(GetModuleHandle("C:\\x\\app.dll"), image_);
    EXPECT_EQ(GetModuleHandle("other.dll"), nullptr);
    EXPECT_EQ(GetLastError(), DWORD{ERROR_MOD_NOT_FOUND});
}

TEST_F(Modules, AreForgottenOnce) {
    EXPECT_TRUE(osmia_host_unregister_module(image_));
    EXPECT_FALSE(osmia_host_unregister_module(image_));
    EXPECT_FALSE(osmia_host_register_module(nullptr, 1, "x"));
    EXPECT_FALSE(osmia_host_register_module(image_, 0, "x"));
    EXPECT_FALSE(osmia_host_register_module(image_, 1, nullptr));
}

TEST(ModuleFileName, OfNullIsTheProgram) {
    char path[4096];
    EXPECT_GT(GetModuleFileName(nullptr, path, sizeof path), 0u);
    EXPECT_EQ(path, std::filesystem::read_symlink("/proc/self/exe").string());
}

TEST(OutputDebugString, WritesOneLineToStandardError) {
    testing::internal::CaptureStderr();
    OutputDebugString("one\r\n");
    OutputDebugStringW(u"tw\u00F6");
    OutputDebugString("");
    OutputDebugString(nullptr);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "one\ntw\xC3\xB6\n\n");
}

TEST(Environment, GivesTheValueOrTheSizeNeeded) {
    setenv("OSMIA_SDK_TEST", "value", 1);
    char buffer[6];
    EXPECT_EQ(GetEnvironmentVariable("OSMIA_SDK_TEST", buffer, 6), 5u);
    EXPECT_STREQ(buffer, "value");
    EXPECT_EQ(GetEnvironmentVariable("OSMIA_SDK_TEST", buffer, 5), 6u);
    unsetenv("OSMIA_SDK_TEST");
    EXPECT_EQ(GetEnvironmentVariable("OSMIA_SDK_TEST", buffer, 6), 0u);
    EXPECT_EQ(GetLastError(), DWORD{ERROR_ENVVAR_NOT_FOUND});
}

TEST(Memory, IsZeroedOnDemandAndNeverNullForNothing) {
    auto* local = static_cast<char*>(LocalAlloc(LPTR, 100));
    for (int index = 0; index < 100; ++index) EXPECT_EQ(local[index], 0);
    EXPECT_EQ(LocalFree(local), nullptr);
    void* nothing = HeapAlloc(GetProcessHeap(), 0, 0);
    EXPECT_NE(nothing, nullptr);
    EXPECT_TRUE(HeapFree(GetProcessHeap(), 0, nothing));
    HGLOBAL global = GlobalAlloc(GHND, 8);
    EXPECT_EQ(GlobalLock(global), global);
    EXPECT_EQ(GlobalFree(global), nullptr);
}

TEST(Memory, ThatCannotBeHadIsAnErrorCode) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "the sanitizers end the process instead of returning NULL";
#endif
    volatile SIZE_T too_much = SIZE_T{1} << 62;
    SetLastError(0);
    EXPECT_EQ(LocalAlloc(LMEM_FIXED, too_much), nullptr);
    EXPECT_EQ(GetLastError(), DWORD{ERROR_NOT_ENOUGH_MEMORY});
}

TEST(Pages, AreZeroedAndGivenBackWhole) {
    auto* pages = static_cast<char*>(VirtualAlloc(nullptr, 10000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
    ASSERT_NE(pages, nullptr);
    EXPECT_EQ(pages[9999], 0);
    EXPECT_FALSE(VirtualFree(pages, 4096, MEM_RELEASE));
    EXPECT_FALSE(VirtualFree(pages + 1, 0, MEM_RELEASE));
    EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_PARAMETER});
    EXPECT_TRUE(VirtualFree(pages, 0, MEM_RELEASE));
    EXPECT_FALSE(VirtualFree(pages, 0, MEM_RELEASE));
    EXPECT_EQ(VirtualAlloc(nullptr, 10000, MEM_RESERVE, PAGE_READWRITE), nullptr);
    EXPECT_EQ(VirtualAlloc(nullptr, 0, MEM_COMMIT, PAGE_READWRITE), nullptr);
    EXPECT_EQ(VirtualAlloc(nullptr, 1, MEM_COMMIT, PAGE_READONLY), nullptr);
}

TEST(Heap, GrowsItsBlocksAndEndsOnce) {
    HANDLE heap = HeapCreate(0, 0, 0);
    auto* block = static_cast<char*>(HeapAlloc(heap, HEAP_ZERO_MEMORY, 4));
    block[0] = 'x';
    block = static_cast<char*>(HeapReAlloc(heap, HEAP_ZERO_MEMORY, block, 100000));
    EXPECT_EQ(block[0], 'x');
    EXPECT_EQ(block[99999], 0);
    EXPECT_GE(HeapSize(heap, 0, block), 100000u);
    HeapFree(heap, 0, block);
    EXPECT_TRUE(HeapDestroy(heap));
    EXPECT_FALSE(HeapDestroy(heap));
}

TEST(Clock, ConvertsDatesThereAndBack) {
    SYSTEMTIME date{};
    date.wYear = 2000;
    date.wMonth = 2;
    date.wDay = 29;
    date.wHour = 23;
    date.wMilliseconds = 999;
    FILETIME ticks{};
    EXPECT_TRUE(SystemTimeToFileTime(&date, &ticks));
    EXPECT_EQ((ULONGLONG{ticks.dwHighDateTime} << 32) | ticks.dwLowDateTime, 125963388009990000u);
    SYSTEMTIME back{};
    EXPECT_TRUE(FileTimeToSystemTime(&ticks, &back));
    EXPECT_EQ(back.wYear, 2000);
    EXPECT_EQ(back.wDay, 29);
    EXPECT_EQ(back.wDayOfWeek, 2);
    EXPECT_EQ(back.wHour, 23);
    EXPECT_EQ(back.wMilliseconds, 999);
}

TEST(Clock, KnowsTheFirstDayAndRefusesTheDayBefore) {
    SYSTEMTIME first{};
    first.wYear = 1601;
    first.wMonth = first.wDay = 1;
    FILETIME ticks{1, 1};
    EXPECT_TRUE(SystemTimeToFileTime(&first, &ticks));
    EXPECT_EQ(ticks.dwLowDateTime + ticks.dwHighDateTime, 0u);
    first.wYear = 1600;
    EXPECT_FALSE(SystemTimeToFileTime(&first, &ticks));
    EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_PARAMETER});
    FILETIME negative{0, 0x80000000};
    EXPECT_FALSE(FileTimeToSystemTime(&negative, &first));
}

TEST(Clock, RefusesDatesThatDoNotExist) {
    SYSTEMTIME date{};
    date.wYear = 2001;
    date.wMonth = 2;
    date.wDay = 29;
    FILETIME ticks;
    EXPECT_FALSE(SystemTimeToFileTime(&date, &ticks));
    date.wDay = 28;
    date.wHour = 24;
    EXPECT_FALSE(SystemTimeToFileTime(&date, &ticks));
}

TEST(Clock, NeverGoesBack) {
    ULONGLONG first = GetTickCount64();
    EXPECT_LE(first, GetTickCount64());
    LARGE_INTEGER early, late;
    QueryPerformanceCounter(&early);
    QueryPerformanceCounter(&late);
    EXPECT_LE(early.QuadPart, late.QuadPart);
    SYSTEMTIME utc;
    GetSystemTime(&utc);
    EXPECT_GE(utc.wYear, 2024);
}

TEST(Hresult, OfAWin32ErrorCarriesTheCode) {
    EXPECT_EQ(HRESULT_FROM_WIN32(ERROR_SUCCESS), S_OK);
    EXPECT_EQ(HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED), E_ACCESSDENIED);
    EXPECT_EQ(HRESULT_FROM_WIN32(static_cast<DWORD>(E_FAIL)), E_FAIL);
    EXPECT_TRUE(FAILED(HRESULT_FROM_WIN32(ERROR_INVALID_INDEX)));
    EXPECT_EQ(HRESULT_CODE(HRESULT_FROM_WIN32(ERROR_INVALID_INDEX)), ERROR_INVALID_INDEX);
}

}  // namespace
