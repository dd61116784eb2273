/**
 * \file
 * The types alone are in here on Windows; here it is windows.h.
 */
#ifndef OSMIA_WINDEF_H
#define OSMIA_WINDEF_H

#include "windows.h"

#endif
