/// \file
/// What the worker offers to native modules beyond IIS's interfaces. Osmia's own; text is UTF-8, paths are
/// POSIX paths.
///
/// The isapi, static_file and default_document modules are written against httpserv.h and this header alone,
/// so any other module can do what they do.
#ifndef OSMIA_SDK_OSMIA_HOST_H
#define OSMIA_SDK_OSMIA_HOST_H

#include <httpserv.h>

/// IHttpServer::GetExtendedInterface(OSMIA_HOST_INTERFACE, ...) gives an IOsmiaHost*.
#define OSMIA_HOST_INTERFACE ((HTTP_SERVER_INTERFACE_VERSION)0x4F534D01)
/// IHttpContext::GetExtendedInterface(OSMIA_CONTEXT_INTERFACE, ...) gives an IOsmiaContext*.
#define OSMIA_CONTEXT_INTERFACE ((HTTP_CONTEXT_INTERFACE_VERSION)0x4F534D01)

/// A shared object that the worker has loaded for a module. Stays mapped until the process ends: threads that
/// it made may still run in it.
class IOsmiaExtension {
public:
    /// A function or object by name; nullptr when it is not exported.
    virtual PVOID GetSymbol(PCSTR pszName) = 0;
    /// The deployed file, as asked for.
    virtual PCSTR GetPath() const = 0;
    /// SHA-256 of the file's bytes, 64 hexadecimal digits.
    virtual PCSTR GetHash() const = 0;
    /// Where the image lies in memory: what osmia_host_register_module() and DllMain want to know.
    virtual PVOID GetBase() const = 0;
    virtual SIZE_T GetSize() const = 0;
};

/// What `osmia list extensions` shows of one extension. Strings are copied.
struct OSMIA_EXTENSION_REPORT {
    PCSTR pszFile;
    PCSTR pszVersion;
    PCSTR pszDescription;
    PCSTR pszHash;
    BOOL fCached;
    ULONGLONG LoadedAt;  ///< seconds since 1970
    ULONGLONG Requests;
};

typedef VOID (*OSMIA_WORK_ROUTINE)(PVOID pvContext);

/// The worker process. One object, valid to the end; any thread.
class IOsmiaHost {
public:
    /// Maps a private copy of the file, so that the original can be replaced at any time. Loaded code sees
    /// the original's path, and libraries beside it are found. While the file is missing, being written or not
    /// loadable, its last good copy is mapped, if there is one. Each call maps anew. On failure *ppExtension is
    /// nullptr and pszError says why.
    virtual HRESULT LoadExtension(PCSTR pszFile, IOsmiaExtension** ppExtension, PSTR pszError,
                                  DWORD cchError) = 0;
    /// The last good copy in the place of one whose own start failed; ERROR_MOD_NOT_FOUND: there is no other.
    virtual HRESULT LoadLastGood(IOsmiaExtension* pFailed, IOsmiaExtension** ppExtension, PSTR pszError,
                                 DWORD cchError) = 0;
    virtual VOID ReportExtension(const OSMIA_EXTENSION_REPORT* pReport) = 0;
    /// Runs the routine soon on a thread of the worker's pool, never on the caller's stack.
    virtual HRESULT QueueWork(OSMIA_WORK_ROUTINE pfnRoutine, PVOID pvContext) = 0;
    /// One line for the operator.
    virtual VOID WriteLog(PCSTR pszLine) = 0;
    /// Asks the supervisor to replace this worker (HSE_REQ_REPORT_UNHEALTHY).
    virtual VOID ReportUnhealthyText(PCSTR pszReason) = 0;
};

/// Texts of a request for IOsmiaContext::GetText().
typedef enum OSMIA_TEXT {
    OSMIA_TEXT_PHYSICAL_PATH,     ///< the script's file or folder
    OSMIA_TEXT_SCRIPT_NAME,       ///< the URL path of the script
    OSMIA_TEXT_PATH_INFO,         ///< the URL path behind the script
    OSMIA_TEXT_PATH_TRANSLATED,   ///< the path info as a file
    OSMIA_TEXT_SCRIPT_PROCESSOR,  ///< of the handler; "" without one
    OSMIA_TEXT_URL_PATH,          ///< the whole URL path, decoded
    OSMIA_TEXT_QUERY,             ///< undecoded, without '?'
    OSMIA_TEXT_REQUEST_ID,
    OSMIA_TEXT_LAST = OSMIA_TEXT_REQUEST_ID
} OSMIA_TEXT;

/// Where a URL leads. Lives as long as the request.
struct OSMIA_URL_MAPPING {
    PCSTR pszPhysicalPath;
    DWORD cchPhysicalPath;
    DWORD cchMatchingPath;  ///< of the physical path: the virtual directory's part
    DWORD cchMatchingUrl;   ///< of the URL: the virtual directory's part
    DWORD dwAccess;         ///< accessPolicy there, in IIS's numbering
};

/// A file or folder as HTTP wants to know it. Strings live as long as the request.
struct OSMIA_FILE_FACTS {
    int Descriptor;  ///< of a regular file, open for reading until the request ends; -1 for a folder
    BOOL fDirectory;
    ULONGLONG Size;
    LONGLONG ModifiedSeconds;  ///< since 1970
    PCSTR pszLastModified;     ///< an HTTP date
    PCSTR pszETag;             ///< quoted, strong
};

/// How static files are answered at this URL (<staticContent>).
struct OSMIA_STATIC_SETTINGS {
    PCSTR pszMimeType;      ///< of the script's extension; nullptr: none, which is 404.3
    PCSTR pszCacheControl;  ///< nullptr: none
    PCSTR pszExpires;       ///< nullptr: none
    BOOL fSetETag;
};

typedef VOID (*OSMIA_IO_ROUTINE)(PVOID pvContext, DWORD cbTransferred, HRESULT hrStatus);

/// Length of a body that came without one (chunked).
#define OSMIA_UNKNOWN_LENGTH ((ULONGLONG)-1)

/// One request. Lives as long as its IHttpContext; used like it: by one thread at a time, except for
/// IsConnected(), the body reads and the raw response, of which one of each kind may run at once on any
/// threads while the request is pending.
///
/// The raw response takes what ISAPI and CGI programs produce: a status text, a header block, bytes that may
/// begin with a head of their own or carry their own chunk framing. It becomes a structured response with the
/// server's framing.
class IOsmiaContext {
public:
    virtual PCSTR GetText(OSMIA_TEXT text, DWORD* pcchText = nullptr) = 0;
    virtual DWORD GetAccessPolicy() = 0;
    virtual BOOL IsConnected() = 0;
    virtual BOOL IsKeepAlive() = 0;
    /// Whether <isapiCgiRestriction> lets this file run.
    virtual BOOL IsExtensionAllowed(PCSTR pszFile) = 0;
    virtual HRESULT MapUrl(PCSTR pszUrl, OSMIA_URL_MAPPING* pMapping) = 0;
    /// Appends to the query in the access log.
    virtual VOID AppendLog(PCSTR pszText, DWORD cchText) = 0;

    virtual HRESULT GetFileFacts(OSMIA_FILE_FACTS* pFacts) = 0;
    virtual VOID GetStaticSettings(OSMIA_STATIC_SETTINGS* pSettings) = 0;
    /// The default documents' names in their order; nullptr beyond the last, or when they are off.
    virtual PCSTR GetDefaultDocument(DWORD dwIndex) = 0;
    /// Whether a URL path of this site leads to a regular file.
    virtual BOOL IsFile(PCSTR pszUrl) = 0;
    /// Appends part of a file to the response; the descriptor is duplicated.
    virtual HRESULT WriteFileRange(int iDescriptor, ULONGLONG cbOffset, ULONGLONG cbLength) = 0;

    virtual ULONGLONG GetContentLength() = 0;
    /// uploadReadAheadSize: how much of the body is read before an ISAPI extension is called.
    virtual DWORD GetReadAheadSize() = 0;
    /// Body bytes that are here already and can be read without waiting.
    virtual DWORD GetAvailableBytes() = 0;
    /// Waits; *pcbRead is 0 at the body's end.
    virtual HRESULT ReadBody(PVOID pvBuffer, DWORD cbBuffer, DWORD* pcbRead) = 0;
    /// Does not wait: the routine is called on a pool thread.
    virtual HRESULT ReadBodyAsync(PVOID pvBuffer, DWORD cbBuffer, OSMIA_IO_ROUTINE pfnRoutine,
                                  PVOID pvContext) = 0;

    /// Sets status ("404 Not Found"; nullptr: "200 OK") and headers (nullptr: none). What follows the
    /// headers' blank line is body. Fails with ERROR_INVALID_DATA when it is not a header block,
    /// ERROR_INVALID_STATE when a head was sent.
    virtual HRESULT RawSendHead(PCSTR pszStatus, PCSTR pszHeaders, DWORD cchHeaders,
                                BOOL fKeepConnection) = 0;
    /// Body bytes; copied. Without a head before them they may begin with one.
    virtual HRESULT RawWrite(const VOID* pvData, DWORD cbData) = 0;
    virtual HRESULT RawWriteFile(int iDescriptor, ULONGLONG cbOffset, ULONGLONG cbLength) = 0;
    /// Sends what is buffered; waits for space.
    virtual HRESULT RawFlush() = 0;
    /// FALSE: every write is sent at once (HSE_REQ_SET_FLUSH_FLAG).
    virtual VOID RawSetBuffering(BOOL fBuffered) = 0;
    virtual BOOL RawIsHeadSet() = 0;
    /// Ends the raw response: bytes held back for a decision are written. Fails with ERROR_INVALID_DATA when
    /// the framing or the length that was announced does not hold; the connection is then cut.
    virtual HRESULT RawEnd() = 0;
    /// FALSE: after this response. TRUE: at once, by RST; waiting reads and writes fail with
    /// ERROR_NETNAME_DELETED.
    virtual VOID CloseConnection(BOOL fAtOnce) = 0;

    /// Ends the response and sends it: with a Content-Length when nothing was sent before. Nothing may be written
    /// afterwards.
    virtual HRESULT RawFinish() = 0;
    /// So many body bytes follow, and no more: the Content-Length, when the head has none and is not sent.
    virtual VOID RawExpect(ULONGLONG cbBody) = 0;
    /// Whether the server's error page may take the place of the raw response's body, as SetStatus() decides it
    /// for others (HSE_IO_TRY_SKIP_CUSTOM_ERRORS). FALSE in a raw response.
    virtual VOID RawSetCustomErrors(BOOL fAllowed) = 0;
    /// When the connection is closed, then by RST (HSE_REQ_ABORTIVE_CLOSE).
    virtual VOID CloseAbortively() = 0;
    /// Ends a pending ReadBodyAsync(): its routine is called with ERROR_OPERATION_ABORTED. FALSE: none is pending.
    virtual BOOL CancelRead() = 0;
    /// Gives a child request this body and no other.
    virtual VOID SetEntity(const VOID* pvData, DWORD cbData) = 0;
    /// Runs a child from CloneContext() on a pool thread, never on the caller's stack; the routine is called on a
    /// pool thread when its pipeline has ended. \a dwExecuteFlags: EXECUTE_FLAG_*; pUser as for ExecuteRequest().
    /// Fails with ERROR_NOT_SUPPORTED when the child belongs to another application pool or is nested too deep.
    virtual HRESULT ExecuteChild(IHttpContext* pChild, DWORD dwExecuteFlags, IHttpUser* pUser,
                                 OSMIA_IO_ROUTINE pfnRoutine, PVOID pvContext) = 0;
    /// Calls the routine on a pool thread once the client's socket has taken all that was sent so far, with
    /// ERROR_OPERATION_ABORTED when the client goes away first. What is still buffered does not count. One at a
    /// time; the request must not end before the routine has run.
    virtual HRESULT NotifyWhenSent(OSMIA_IO_ROUTINE pfnRoutine, PVOID pvContext) = 0;
};

#endif
