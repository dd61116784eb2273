/**
 * \file
 * The integer types of known sizes are in here on Windows; here it is windows.h.
 */
#ifndef OSMIA_BASETSD_H
#define OSMIA_BASETSD_H

#include "windows.h"

#endif
