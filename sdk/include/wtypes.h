/**
 * \file
 * The types of COM are in here on Windows; here it is windows.h.
 */
#ifndef OSMIA_WTYPES_H
#define OSMIA_WTYPES_H

#include "windows.h"

#endif
