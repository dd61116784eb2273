/**
 * \file
 * Error codes of sockets, with the system's own sockets: socket, connect, send and recv are Linux's.
 */
#ifndef OSMIA_WINSOCK2_H
#define OSMIA_WINSOCK2_H

#include "windows.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

typedef int SOCKET;
#define INVALID_SOCKET (-1)
#define SOCKET_ERROR (-1)
#define closesocket close

#endif
