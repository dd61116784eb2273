/// \file
/// Session: one request of an ISAPI extension, from the call of HttpExtensionProc to the end of everything it
/// left pending.
#pragma once

#include <httpext.h>
#include <osmia_host.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "isapi/vector_send.h"

class IHttpUser;

namespace isapi {

/// The body bytes that are read before the extension is called, whatever uploadReadAheadSize says.
inline constexpr DWORD MaxReadAhead = 16 << 20;
/// cbTotalBytes for a body that is larger than 32 bits tell, or of unknown length.
inline constexpr DWORD UnknownTotal = 0xFFFFFFFF;

/// Owns the EXTENSION_CONTROL_BLOCK and every string in it. ConnID is the control block's address, so an
/// extension may pass either.
///
/// The request ends when HttpExtensionProc has returned, an end was signalled (a status other than PENDING,
/// or HSE_REQ_DONE_WITH_SESSION), no asynchronous operation is under way and no completion routine runs. The
/// two signals may come in any order and from any thread; only the first end counts.
class Session {
    /// The control block and, behind it, the way back.
    struct Block : EXTENSION_CONTROL_BLOCK {
        Session* session = nullptr;
    };

public:
    Session(IHttpContext& context, IOsmiaContext& host_context, IOsmiaHost& host);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session();

    /// Reads ahead and fills the control block. FALSE when the client went away meanwhile.
    bool prepare();
    EXTENSION_CONTROL_BLOCK& block() { return block_; }
    static Session& of(HCONN connection) {
        return *static_cast<Block*>(static_cast<EXTENSION_CONTROL_BLOCK*>(connection))->session;
    }

    /// HttpExtensionProc has returned. True: the request has ended with status(); false: the end comes later,
    /// by PostCompletion().
    bool returned(DWORD status);
    DWORD status() const { return status_; }
    /// The end's own work: default status, log data, what the raw response still holds.
    void close();

    // The callbacks of the control block; errors are in the last error.
    BOOL get_server_variable(LPSTR name, LPVOID buffer, LPDWORD size);
    BOOL write_client(LPVOID buffer, LPDWORD bytes, DWORD flags);
    BOOL read_client(LPVOID buffer, LPDWORD size);
    BOOL support_function(DWORD code, LPVOID buffer, LPDWORD size, LPDWORD type);

private:
    using Support = BOOL (Session::*)(LPVOID buffer, LPDWORD size, LPDWORD type);
    static Support find_support(DWORD code);

    // support_response.cpp
    BOOL send_redirect(LPVOID buffer, LPDWORD size, LPDWORD type);
    BOOL send_url(LPVOID buffer, LPDWORD size, LPDWORD type);
    BOOL send_header(LPVOID buffer, LPDWORD size, LPDWORD type);
    BOOL send_header_ex(LPVOID buffer, LPDWORD size, LPDWORD type);
    BOOL done_with_session(LPVOID buffer, LPDWORD size, LPDWORD type);
    BOOL close_connection(LPVOID buffer, LPDWORD size, LPDWORD type);
    BOOL abortive_close(LPVOID buffer, LPDWORD size, LPDWORD type);
    BOOL set_flush_flag(LPVOID buffer, LPDWORD size, LPDWORD type);
    BOOL send_custom_error(LPVOID buffer, LPDWORD size, LPDWORD type);
    BOOL send_head(std::string_view status, std::string_view headers, bool keep);
    // support_functions.cpp
    BOOL io_completion(LPVOID buffer, LPDWORD size, LPDWORD type);
    BOOL report_unhealthy(LPVOID buffer, LPDWORD size, LPDWORD type);
    BOOL append_log(LPVOID buffer, LPDWORD size, LPDWORD type);
    BOOL is_keep_connection(LPVOID buffer, LPDWORD size, LPDWORD type);
    BOOL is_connected(LPVOID buffer, LPDWORD size, LPDWORD type);
    BOOL is_in_process(LPVOID buffer, LPDWORD size, LPDWORD type);
    BOOL refresh_acl(LPVOID buffer, LPDWORD size, LPDWORD type);
    BOOL cancel_io(LPVOID buffer, LPDWORD size, LPDWORD type);
    BOOL not_supported(LPVOID buffer, LPDWORD size, LPDWORD type);
    BOOL async_read(LPVOID buffer, LPDWORD size, LPDWORD type);
    // support_mapping.cpp
    BOOL map_url(LPVOID buffer, LPDWORD size, LPDWORD type);
    BOOL map_url_ex(LPVOID buffer, LPDWORD size, LPDWORD type);
    BOOL map_unicode_url(LPVOID buffer, LPDWORD size, LPDWORD type);
    BOOL map_unicode_url_ex(LPVOID buffer, LPDWORD size, LPDWORD type);
    BOOL normalize_url(LPVOID buffer, LPDWORD size, LPDWORD type);
    // support_identity.cpp
    BOOL impersonation_token(LPVOID buffer, LPDWORD size, LPDWORD type);
    BOOL anonymous_token(LPVOID buffer, LPDWORD size, LPDWORD type);
    BOOL client_certificate(LPVOID buffer, LPDWORD size, LPDWORD type);
    BOOL trace_info(LPVOID buffer, LPDWORD size, LPDWORD type);
    BOOL cache_invalidation(LPVOID buffer, LPDWORD size, LPDWORD type);
    // vector_send.cpp
    BOOL vector_send(LPVOID buffer, LPDWORD size, LPDWORD type);
    HRESULT send_vector(const ResponseVector& vector);
    // exec_url.cpp
    struct Child;
    BOOL exec_url(LPVOID buffer, LPDWORD size, LPDWORD type);
    BOOL exec_unicode_url(LPVOID buffer, LPDWORD size, LPDWORD type);
    BOOL exec_url_status(LPVOID buffer, LPDWORD size, LPDWORD type);
    DWORD check_child(const Child& child);
    HRESULT describe_child(const Child& child);
    BOOL start_child(const Child& child);
    void child_ended();
    void release_child();
    // transmit_file.cpp
    BOOL transmit_file(LPVOID buffer, LPDWORD size, LPDWORD type);
    void run_transmission();
    HRESULT transmit(DWORD& sent);

    struct Completion {
        PFN_HSE_IO_COMPLETION routine = nullptr;
        PVOID context = nullptr;
    };
    /// Claims the one asynchronous operation; FALSE when one is under way or nobody would be told of its end.
    BOOL begin_operation(const Completion& completion);
    void cancel_operation();
    /// Delivers the end of the operation; runs on a pool thread and may be the last act of the session.
    void end_operation(DWORD bytes, HRESULT result);
    Completion registered_completion();
    /// The operation's bytes are on their way: it ends when the client's socket has taken them.
    void complete_when_sent(DWORD bytes);
    bool has_ended() const;
    void signal_end(DWORD status);
    void release_if_ended(std::unique_lock<std::mutex>& lock);
    static DWORD to_error(HRESULT result);
    static BOOL fail(DWORD error);

    Block block_{};
    IHttpContext& context_;
    IOsmiaContext& host_context_;
    IOsmiaHost& host_;
    std::vector<char> method_, query_, path_info_, path_translated_, content_type_;
    std::vector<BYTE> read_ahead_;
    HANDLE token_ = nullptr;
    std::atomic<bool> redispatched_ = false;   ///< a child request has answered
    std::atomic<bool> answered_ = false;       ///< the response is complete: nothing may be written
    std::atomic<bool> body_was_read_ = false;  ///< by the extension, beyond the read-ahead

    std::mutex mutex_;  ///< guards what follows
    Completion registered_;
    Completion current_;  ///< of the operation under way
    DWORD status_ = HSE_STATUS_SUCCESS;
    int running_ = 1;       ///< HttpExtensionProc and completion routines that have not returned
    bool pending_ = false;  ///< HttpExtensionProc returned PENDING and the module waits
    bool end_signalled_ = false;
    bool operation_ = false;
    DWORD outcome_of_cut_ = ERROR_OPERATION_ABORTED;  ///< of operations that end because the connection does
    std::optional<HSE_EXEC_URL_STATUS> child_status_;
    bool posted_ = false;

    LPVOID write_buffer_ = nullptr;
    DWORD write_size_ = 0;
    DWORD sent_bytes_ = 0;
    ResponseVector vector_;
    IHttpContext* child_ = nullptr;
    IHttpUser* child_user_ = nullptr;
    HSE_TF_INFO transmission_{};
    int transmission_file_ = -1;
    ULONGLONG transmission_length_ = 0;
};

}  // namespace isapi
