#include "isapi/session.h"

#include <osmia_host_runtime.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace isapi {

Session::Session(IHttpContext& context, IOsmiaContext& host_context, IOsmiaHost& host)
    : context_(context), host_context_(host_context), host_(host) {}

Session::~Session() {
    if (token_ != nullptr) CloseHandle(token_);
    if (transmission_file_ >= 0) ::close(transmission_file_);
    release_child();
}

BOOL Session::fail(DWORD error) {
    SetLastError(error);
    return FALSE;
}

DWORD Session::to_error(HRESULT result) {
    if (SUCCEEDED(result)) return ERROR_SUCCESS;
    return HRESULT_FACILITY(result) == FACILITY_WIN32 ? static_cast<DWORD>(HRESULT_CODE(result))
                                                      : ERROR_GEN_FAILURE;
}

// Called with the mutex held.
bool Session::has_ended() const {
    return end_signalled_ && running_ == 0 && !operation_;
}

bool Session::returned(DWORD status) {
    std::unique_lock lock(mutex_);
    --running_;
    if (status != HSE_STATUS_PENDING && !end_signalled_) {
        end_signalled_ = true;
        status_ = status;
    }
    if (has_ended()) return true;
    pending_ = true;
    return false;
}

void Session::signal_end(DWORD status) {
    std::unique_lock lock(mutex_);
    if (end_signalled_) return;
    end_signalled_ = true;
    status_ = status;
    release_if_ended(lock);
}

// Wakes the module that waits for the end. Whoever calls this must not touch the session afterwards.
void Session::release_if_ended(std::unique_lock<std::mutex>& lock) {
    if (!pending_ || posted_ || !has_ended()) return;
    posted_ = true;
    IHttpContext& context = context_;
    lock.unlock();
    context.PostCompletion(0);
}

void Session::close() {
    block_.lpszLogData[HSE_LOG_BUFFER_LEN - 1] = '\0';
    host_context_.AppendLog(block_.lpszLogData, static_cast<DWORD>(std::strlen(block_.lpszLogData)));
    if (redispatched_ || answered_) return;
    const HRESULT ended = host_context_.RawEnd();
    IHttpResponse& response = *context_.GetResponse();
    if (FAILED(ended)) {
        const std::string file = host_context_.GetText(OSMIA_TEXT_SCRIPT_NAME);
        host_.WriteLog(
            ("extension " + file + ": its response is invalid (head, chunk framing or announced length)")
                .c_str());
        return;
    }
    if (host_context_.RawIsHeadSet() || context_.GetResponseHeadersSent()) return;
    const bool failed = status_ == HSE_STATUS_ERROR;
    const DWORD code = block_.dwHttpStatusCode;
    const bool usable = code >= 100 && code <= 999 && !(failed && code < 400);
    response.SetStatus(usable ? static_cast<USHORT>(code) : USHORT{500}, "");
}

BOOL Session::begin_operation(const Completion& completion) {
    const std::lock_guard lock(mutex_);
    if (completion.routine == nullptr || operation_) return fail(ERROR_INVALID_PARAMETER);
    operation_ = true;
    current_ = completion;
    return TRUE;
}

void Session::cancel_operation() {
    const std::lock_guard lock(mutex_);
    operation_ = false;
}

Session::Completion Session::registered_completion() {
    const std::lock_guard lock(mutex_);
    return registered_;
}

void Session::end_operation(DWORD bytes, HRESULT result) {
    Completion completion;
    DWORD error = to_error(result);
    {
        const std::lock_guard lock(mutex_);
        if (error == ERROR_NETNAME_DELETED) error = outcome_of_cut_;
        completion = current_;
        operation_ = false;  // the routine may start the next one
        ++running_;
    }
    completion.routine(&block_, completion.context, bytes, error);
    std::unique_lock lock(mutex_);
    --running_;
    release_if_ended(lock);
}

}  // namespace isapi
