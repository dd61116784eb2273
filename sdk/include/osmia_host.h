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

/// One element of a configuration section, merged from all files on the request's way. Immutable; any thread. A name
/// that the section's schema does not have gives FALSE, 0, "" or an element without content.
class IOsmiaElement {
public:
    virtual BOOL GetFlag(PCSTR pszAttribute) const = 0;
    /// Of numbers, enums and flags; a timeSpan in milliseconds.
    virtual LONGLONG GetNumber(PCSTR pszAttribute) const = 0;
    virtual PCSTR GetText(PCSTR pszAttribute) const = 0;
    virtual const IOsmiaElement& GetChild(PCSTR pszName) const = 0;
    /// The collection's items, in effective order.
    virtual DWORD GetItemCount() const = 0;
    virtual const IOsmiaElement& GetItem(DWORD dwIndex) const = 0;
    /// A web.config says this, and not applicationHost.config: its author may be less trusted than the administrator.
    virtual BOOL IsDelegated() const = 0;
};

/// A whole section. Equal for all requests that see the same content, so a module keeps here what it made of it.
class IOsmiaSection : public IOsmiaElement {
public:
    virtual IHttpModuleContextContainer* GetModuleContextContainer() = 0;
};

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
    /// The number of a section ("system.webServer/httpProtocol") for IOsmiaContext::GetSection(). ERROR_NOT_FOUND: no
    /// schema has it.
    virtual HRESULT FindSection(PCSTR pszPath, DWORD* pdwSection) = 0;
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
    OSMIA_TEXT_RAW_TARGET,    ///< the request target as the client sent it
    OSMIA_TEXT_HANDLER_NAME,  ///< of the handler that was chosen; "" before
    OSMIA_TEXT_LAST = OSMIA_TEXT_HANDLER_NAME
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
    int Descriptor;  ///< of the file or folder, open for reading until the request ends; -1 when pvContent is set
    BOOL fDirectory;
    ULONGLONG Size;
    LONGLONG ModifiedSeconds;  ///< since 1970
    PCSTR pszLastModified;     ///< an HTTP date
    PCSTR pszETag;             ///< quoted, strong
    const VOID* pvContent;     ///< the whole of a small file, until the request ends; else nullptr
};

/// One piece of the response body that is not sent yet: bytes, or part of a file.
struct OSMIA_BODY_PIECE {
    const VOID* pvData;  ///< nullptr: a file
    int Descriptor;      ///< of the file, for pread(); -1: bytes
    ULONGLONG cbOffset;  ///< in the file
    ULONGLONG cbLength;
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
    /// A copy of the caller's own, until the request ends.
    virtual PCSTR GetText(OSMIA_TEXT text, DWORD* pcchText = nullptr) = 0;
    virtual DWORD GetAccessPolicy() = 0;
    /// What is in force at this URL; \a dwSection from IOsmiaHost::FindSection(). Lives as long as the request.
    virtual IOsmiaSection* GetSection(DWORD dwSection) = 0;
    /// How much of the URL path belongs to the folder or file where the section got the content that is in force here:
    /// what follows is the part below it.
    virtual DWORD GetSectionUrlLength(DWORD dwSection) = 0;
    /// The client is on this machine: its address is the server's own, or it came by a unix socket, and no Forwarded,
    /// X-Forwarded-For or Via says that it speaks for another.
    virtual BOOL IsLocalClient() = 0;
    virtual BOOL IsConnected() = 0;
    virtual BOOL IsKeepAlive() = 0;
    /// Whether <isapiCgiRestriction> lets this file run.
    virtual BOOL IsExtensionAllowed(PCSTR pszFile) = 0;
    /// The same for a program: its file, or its command line as <fastCgi> and scriptProcessor have it ("FILE ARGUMENTS").
    virtual BOOL IsCgiAllowed(PCSTR pszCommand) = 0;
    virtual HRESULT MapUrl(PCSTR pszUrl, OSMIA_URL_MAPPING* pMapping) = 0;
    /// Appends to the query in the access log.
    virtual VOID AppendLog(PCSTR pszText, DWORD cchText) = 0;

    virtual HRESULT GetFileFacts(OSMIA_FILE_FACTS* pFacts) = 0;
    /// The same for any URL path of this site. Opened below its virtual directory and nowhere else.
    virtual HRESULT GetUrlFacts(PCSTR pszUrl, OSMIA_FILE_FACTS* pFacts) = 0;
    virtual VOID GetStaticSettings(OSMIA_STATIC_SETTINGS* pSettings) = 0;
    /// The default documents' names in their order; nullptr beyond the last, or when they are off.
    virtual PCSTR GetDefaultDocument(DWORD dwIndex) = 0;
    /// Whether a URL path of this site leads to a regular file.
    virtual BOOL IsFile(PCSTR pszUrl) = 0;
    /// Appends part of a file to the response; the descriptor is duplicated.
    virtual HRESULT WriteFileRange(int iDescriptor, ULONGLONG cbOffset, ULONGLONG cbLength) = 0;
    /// Appends bytes to the response; copied.
    virtual HRESULT WriteBody(const VOID* pvData, DWORD cbData) = 0;
    /// The pieces of the body that are not sent yet, for modules that change it. They stay valid until ClearBody() or
    /// until they are sent.
    virtual DWORD GetBodyPieceCount() = 0;
    virtual HRESULT GetBodyPiece(DWORD dwIndex, OSMIA_BODY_PIECE* pPiece) = 0;
    /// Drops the body that is not sent yet; status and headers stay.
    virtual VOID ClearBody() = 0;

    virtual ULONGLONG GetContentLength() = 0;
    /// A body of unknown length may have so many bytes: reading beyond them fails, and an answer that has not begun
    /// becomes \a usStatus and \a usSubStatus. The smallest of several limits counts.
    virtual VOID LimitBody(ULONGLONG cbLimit, USHORT usStatus, USHORT usSubStatus) = 0;
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
