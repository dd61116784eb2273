/**
 * \file
 * Assertions of Microsoft's debugging library.
 */
#ifndef OSMIA_CRTDBG_H
#define OSMIA_CRTDBG_H

#include <assert.h>

#define _ASSERT(condition) assert(condition)
#define _ASSERTE(condition) assert(condition)

#endif
