/// \file
/// Notifications, their numbers and their answers, as documented for IIS 7 native modules.
#ifndef OSMIA_SDK_IIS_NOTIFICATIONS_H
#define OSMIA_SDK_IIS_NOTIFICATIONS_H

#include <windows.h>

#ifndef GUID_DEFINED
#define GUID_DEFINED
typedef struct _GUID {
    DWORD Data1;
    WORD Data2;
    WORD Data3;
    BYTE Data4[8];
} GUID;
#endif
typedef const GUID* LPCGUID;

typedef VOID(WINAPI* LPOVERLAPPED_COMPLETION_ROUTINE)(DWORD dwErrorCode, DWORD dwNumberOfBytesTransfered,
                                                      LPOVERLAPPED lpOverlapped);

// The events every request passes, in this order. Each has a post-event, delivered after all modules had the
// event.
#define RQ_BEGIN_REQUEST 0x00000001
#define RQ_AUTHENTICATE_REQUEST 0x00000002
#define RQ_AUTHORIZE_REQUEST 0x00000004
#define RQ_RESOLVE_REQUEST_CACHE 0x00000008
#define RQ_MAP_REQUEST_HANDLER 0x00000010
#define RQ_ACQUIRE_REQUEST_STATE 0x00000020
#define RQ_PRE_EXECUTE_REQUEST_HANDLER 0x00000040
#define RQ_EXECUTE_REQUEST_HANDLER 0x00000080
#define RQ_RELEASE_REQUEST_STATE 0x00000100
#define RQ_UPDATE_REQUEST_CACHE 0x00000200
#define RQ_LOG_REQUEST 0x00000400
#define RQ_END_REQUEST 0x00000800

// Events that come when something causes them, at any time, any number of times.
#define RQ_CUSTOM_NOTIFICATION 0x10000000
#define RQ_SEND_RESPONSE 0x20000000
#define RQ_READ_ENTITY 0x40000000
#define RQ_MAP_PATH 0x80000000

// Events of the worker process. 0x1 and 0x8 are not used.
#define GL_STOP_LISTENING 0x00000002
#define GL_CACHE_CLEANUP 0x00000004
#define GL_CACHE_OPERATION 0x00000010
#define GL_HEALTH_CHECK 0x00000020
#define GL_CONFIGURATION_CHANGE 0x00000040
#define GL_FILE_CHANGE 0x00000080
#define GL_PRE_BEGIN_REQUEST 0x00000100
#define GL_APPLICATION_START 0x00000200
#define GL_APPLICATION_RESOLVE_MODULES 0x00000400
#define GL_APPLICATION_STOP 0x00000800
#define GL_RSCA_QUERY 0x00001000
#define GL_TRACE_EVENT 0x00002000
#define GL_CUSTOM_NOTIFICATION 0x00004000
#define GL_THREAD_CLEANUP 0x00008000
#define GL_APPLICATION_PRELOAD 0x00010000

/// What a module answers to a request event.
typedef enum REQUEST_NOTIFICATION_STATUS {
    RQ_NOTIFICATION_CONTINUE,       ///< go on with the next module
    RQ_NOTIFICATION_PENDING,        ///< stop here until IndicateCompletion() or an asynchronous completion
    RQ_NOTIFICATION_FINISH_REQUEST  ///< skip what is left but RQ_LOG_REQUEST and RQ_END_REQUEST
} REQUEST_NOTIFICATION_STATUS;

/// What a module answers to an event of the process.
typedef enum GLOBAL_NOTIFICATION_STATUS {
    GL_NOTIFICATION_CONTINUE,
    GL_NOTIFICATION_HANDLED  ///< no other module is asked
} GLOBAL_NOTIFICATION_STATUS;

// A UTF-16 literal in either dialect (docs/decisions/0001-wide-characters.md).
#if __SIZEOF_WCHAR_T__ == 2
#define OSMIA_WIDE(text) L##text
#else
#define OSMIA_WIDE(text) u##text
#endif

// Priorities within one event; inverted for RQ_SEND_RESPONSE. Modules of equal priority keep the order of
// <modules>.
#define PRIORITY_ALIAS_FIRST OSMIA_WIDE("FIRST")
#define PRIORITY_ALIAS_HIGH OSMIA_WIDE("HIGH")
#define PRIORITY_ALIAS_MEDIUM OSMIA_WIDE("MEDIUM")
#define PRIORITY_ALIAS_LOW OSMIA_WIDE("LOW")
#define PRIORITY_ALIAS_LAST OSMIA_WIDE("LAST")

typedef enum CACHE_OPERATION {
    CACHE_OPERATION_RETRIEVE,
    CACHE_OPERATION_ADD,
    CACHE_OPERATION_DELETE,
    CACHE_OPERATION_FLUSH_PREFIX,
    CACHE_OPERATION_ENUM
} CACHE_OPERATION;

/// Names a module to containers and caches; from IHttpModuleRegistrationInfo::GetId().
typedef VOID* HTTP_MODULE_ID;

// IHttpContext::CloneContext
#define CLONE_FLAG_BASICS 0x01
#define CLONE_FLAG_HEADERS 0x02
#define CLONE_FLAG_ENTITY 0x04
#define CLONE_FLAG_NO_PRECONDITION 0x08
#define CLONE_FLAG_NO_DAV 0x10

// IHttpContext::ExecuteRequest
#define EXECUTE_FLAG_NO_HEADERS 0x01
#define EXECUTE_FLAG_IGNORE_CURRENT_INTERCEPTOR 0x02
#define EXECUTE_FLAG_IGNORE_APPPOOL 0x04
#define EXECUTE_FLAG_DISABLE_CUSTOM_ERROR 0x08
#define EXECUTE_FLAG_SAME_URL 0x10
#define EXECUTE_FLAG_BUFFER_RESPONSE 0x20
#define EXECUTE_FLAG_HTTP_CACHE_ELIGIBLE 0x40

#endif
