/**
 * \file
 * A thin substitute for Windows' windows.h, written for Osmia: what ISAPI extensions, ISAPI filters and native modules need
 * to compile on Linux. C and C++.
 *
 * Everything declared here is implemented by libosmia-win32.so, with Win32's error codes. What is not declared does not
 * exist: a missing function is an error at compile or link time, never at run time.
 */
#ifndef OSMIA_WINDOWS_H
#define OSMIA_WINDOWS_H

#ifndef _WINDOWS_
#define _WINDOWS_
#endif

#include "osmia_win32/types.h"

#include "osmia_win32/errors.h"
#include "osmia_win32/module.h"

#endif
