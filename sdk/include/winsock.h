/**
 * \file
 * The older name of winsock2.h.
 */
#ifndef OSMIA_WINSOCK_H
#define OSMIA_WINSOCK_H

#include "winsock2.h"

#endif
