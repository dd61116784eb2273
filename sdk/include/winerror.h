/**
 * \file
 * The error codes.
 */
#ifndef OSMIA_WINERROR_H
#define OSMIA_WINERROR_H

#include "osmia_win32/errors.h"

#endif
