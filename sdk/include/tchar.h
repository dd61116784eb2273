/**
 * \file
 * Generic text: TCHAR and _T, 8-bit, or 16-bit when _UNICODE is defined.
 */
#ifndef OSMIA_TCHAR_H
#define OSMIA_TCHAR_H

#include "windows.h"

#include "osmia_win32/crt.h"

#ifdef _UNICODE
#include <wchar.h>

#include "osmia_win32/wide_crt.h"
#define __T(text) L##text
#define _tcslen wcslen
#define _tcscpy wcscpy
#define _tcscat wcscat
#define _tcscmp wcscmp
#define _tcsncmp wcsncmp
#define _tcsicmp _wcsicmp
#define _tcsnicmp _wcsnicmp
#define _tcschr wcschr
#define _tcsrchr wcsrchr
#define _tcsstr wcsstr
#define _tcscpy_s wcscpy_s
#define _tcscat_s wcscat_s
#define _stprintf_s swprintf_s
#define _sntprintf _snwprintf
#define _ttoi _wtoi
#else
#define __T(text) text
#define _tcslen strlen
#define _tcscpy strcpy
#define _tcscat strcat
#define _tcscmp strcmp
#define _tcsncmp strncmp
#define _tcsicmp _stricmp
#define _tcsnicmp _strnicmp
#define _tcschr strchr
#define _tcsrchr strrchr
#define _tcsstr strstr
#define _tcscpy_s strcpy_s
#define _tcscat_s strcat_s
#define _stprintf_s sprintf_s
#define _sntprintf _snprintf
#define _ttoi atoi
#endif
#define _T(text) __T(text)
#define _TEXT(text) __T(text)

typedef TCHAR _TCHAR;

#endif
