/**
 * \file
 * Clocks and dates. Included through windows.h.
 */
#ifndef OSMIA_WIN32_CLOCK_H
#define OSMIA_WIN32_CLOCK_H

#include "types.h"

OSMIA_EXTERN_C_BEGIN

/** Milliseconds since the system started; the first one wraps after 49.7 days. */
OSMIA_EXPORT DWORD GetTickCount(void);
OSMIA_EXPORT ULONGLONG GetTickCount64(void);
OSMIA_EXPORT BOOL QueryPerformanceCounter(PLARGE_INTEGER count);
OSMIA_EXPORT BOOL QueryPerformanceFrequency(PLARGE_INTEGER frequency);
OSMIA_EXPORT VOID GetSystemTime(LPSYSTEMTIME utc);
OSMIA_EXPORT VOID GetLocalTime(LPSYSTEMTIME local);
OSMIA_EXPORT VOID GetSystemTimeAsFileTime(LPFILETIME utc);
/** Dates from 1601 to 30827; anything else: FALSE and ERROR_INVALID_PARAMETER. */
OSMIA_EXPORT BOOL FileTimeToSystemTime(const FILETIME* file_time, LPSYSTEMTIME system_time);
OSMIA_EXPORT BOOL SystemTimeToFileTime(const SYSTEMTIME* system_time, LPFILETIME file_time);

OSMIA_EXTERN_C_END

#endif
