/// \file
/// Clocks and dates.
#include <chrono>
#include <ctime>

#include "last_error.h"

namespace {

using Ticks = std::chrono::duration<LONGLONG, std::ratio<1, 10000000>>;  // of a FILETIME: 100 ns

// From 1601-01-01, the origin of FILETIME, to 1970-01-01.
constexpr Ticks kUnixOrigin = std::chrono::seconds(11644473600);
constexpr int kFirstYear = 1601;
constexpr int kLastYear = 30827;
constexpr LONGLONG kNanosecondsPerSecond = 1000000000;

LONGLONG monotonic_nanoseconds(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return now.tv_sec * kNanosecondsPerSecond + now.tv_nsec;
}

FILETIME to_file_time(Ticks since_1601) {
    ULARGE_INTEGER value;
    value.QuadPart = static_cast<ULONGLONG>(since_1601.count());
    return FILETIME{value.LowPart, value.HighPart};
}

Ticks ticks(const FILETIME& time) {
    return Ticks(static_cast<LONGLONG>((ULONGLONG{time.dwHighDateTime} << 32) | time.dwLowDateTime));
}

SYSTEMTIME broken_down(Ticks since_1601) {
    using namespace std::chrono;
    sys_time<Ticks> moment{since_1601 - kUnixOrigin};
    auto day = floor<days>(moment);
    year_month_day date{day};
    hh_mm_ss time{floor<milliseconds>(moment - day)};
    SYSTEMTIME result{};
    result.wYear = static_cast<WORD>(static_cast<int>(date.year()));
    result.wMonth = static_cast<WORD>(static_cast<unsigned>(date.month()));
    result.wDayOfWeek = static_cast<WORD>(weekday{day}.c_encoding());
    result.wDay = static_cast<WORD>(static_cast<unsigned>(date.day()));
    result.wHour = static_cast<WORD>(time.hours().count());
    result.wMinute = static_cast<WORD>(time.minutes().count());
    result.wSecond = static_cast<WORD>(time.seconds().count());
    result.wMilliseconds = static_cast<WORD>(time.subseconds().count());
    return result;
}

}  // namespace

using osmia::win32::fail;

ULONGLONG GetTickCount64() {
    return static_cast<ULONGLONG>(monotonic_nanoseconds(CLOCK_BOOTTIME) / 1000000);
}

DWORD GetTickCount() {
    return static_cast<DWORD>(GetTickCount64());
}

BOOL QueryPerformanceCounter(PLARGE_INTEGER count) {
    count->QuadPart = monotonic_nanoseconds(CLOCK_MONOTONIC);
    return TRUE;
}

BOOL QueryPerformanceFrequency(PLARGE_INTEGER frequency) {
    frequency->QuadPart = kNanosecondsPerSecond;
    return TRUE;
}

VOID GetSystemTimeAsFileTime(LPFILETIME utc) {
    auto since_1970 = std::chrono::duration_cast<Ticks>(std::chrono::system_clock::now().time_since_epoch());
    *utc = to_file_time(since_1970 + kUnixOrigin);
}

VOID GetSystemTime(LPSYSTEMTIME utc) {
    FILETIME now;
    GetSystemTimeAsFileTime(&now);
    *utc = broken_down(ticks(now));
}

VOID GetLocalTime(LPSYSTEMTIME local) {
    FILETIME now;
    GetSystemTimeAsFileTime(&now);
    time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(ticks(now) - kUnixOrigin).count();
    tm offset{};
    localtime_r(&seconds, &offset);
    *local = broken_down(ticks(now) + std::chrono::seconds(offset.tm_gmtoff));
}

BOOL FileTimeToSystemTime(const FILETIME* time, LPSYSTEMTIME result) {
    if (!time || !result || ticks(*time).count() < 0) return fail(ERROR_INVALID_PARAMETER);
    *result = broken_down(ticks(*time));
    return TRUE;
}

BOOL SystemTimeToFileTime(const SYSTEMTIME* time, LPFILETIME result) {
    using namespace std::chrono;
    if (!time || !result) return fail(ERROR_INVALID_PARAMETER);
    year_month_day date{year{time->wYear}, month{time->wMonth}, day{time->wDay}};
    bool valid = date.ok() && time->wYear >= kFirstYear && time->wYear <= kLastYear && time->wHour < 24 &&
                 time->wMinute < 60 && time->wSecond < 60 && time->wMilliseconds < 1000;
    if (!valid) return fail(ERROR_INVALID_PARAMETER);
    Ticks since_1970 = sys_days{date}.time_since_epoch() + hours{time->wHour} + minutes{time->wMinute} +
                       seconds{time->wSecond} + milliseconds{time->wMilliseconds};
    *result = to_file_time(since_1970 + kUnixOrigin);
    return TRUE;
}
