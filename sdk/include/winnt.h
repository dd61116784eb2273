/**
 * \file
 * The kernel's types alone are in here on Windows; here it is windows.h.
 */
#ifndef OSMIA_WINNT_H
#define OSMIA_WINNT_H

#include "windows.h"

#endif
