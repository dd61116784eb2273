/**
 * \file
 * A thin substitute for Windows' windows.h, written for Osmia: what ISAPI extensions, ISAPI filters and
 * native modules need to compile on Linux. C and C++.
 *
 * Everything declared here is implemented by libosmia-win32.so, with Win32's error codes. What is not
 * declared does not exist: a missing function is an error at compile or link time, never at run time.
 */
#ifndef OSMIA_WINDOWS_H
#define OSMIA_WINDOWS_H

#ifndef _WINDOWS_
#define _WINDOWS_
#endif

#include "osmia_win32/types.h"

#include "osmia_win32/clock.h"
#include "osmia_win32/errors.h"
#include "osmia_win32/files.h"
#include "osmia_win32/memory.h"
#include "osmia_win32/module.h"
#include "osmia_win32/strings.h"
#include "osmia_win32/synchronization.h"
#include "osmia_win32/threads.h"

#ifdef OSMIA_CC /* strangers' sources: everything that Microsoft's compiler and library bring */
#include "osmia_win32/compiler.h"
#include "osmia_win32/crt.h"
#include "osmia_win32/wide_crt.h"

#include <wchar.h>
#endif

#endif
