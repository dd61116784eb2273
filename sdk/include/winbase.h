/**
 * \file
 * The kernel's functions alone are in here on Windows; here it is windows.h.
 */
#ifndef OSMIA_WINBASE_H
#define OSMIA_WINBASE_H

#include "windows.h"

#endif
