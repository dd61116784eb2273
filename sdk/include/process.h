/**
 * \file
 * Threads of Microsoft's C library.
 */
#ifndef OSMIA_PROCESS_H
#define OSMIA_PROCESS_H

#include "windows.h"

#include "osmia_win32/crt.h"

#endif
