// An extension that runs a small program: the steps in the header X-Program, separated by ";;". What each call
// answered and each completion brought is kept under the name in X-Case and given by ?log=NAME.
//
// A step is VERB,ARGUMENT,...; "-" is NULL, "\r" and "\n" are control characters. A step that starts something
// asynchronous is waited for, unless its verb ends in '&'; "wait" waits for what is under way. With ?child it describes the request instead.
#include <httpext.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

extern "C" BOOL WINAPI GetExtensionVersion(HSE_VERSION_INFO* version) {
    version->dwExtensionVersion = MAKELONG(0, 1);
    strcpy(version->lpszExtensionDesc, "Runs the catalogue of HSE_REQ codes");
    return TRUE;
}

namespace {

using Arguments = std::vector<std::string>;

std::mutex logs_mutex;
std::map<std::string, std::string> logs;

/// The call that this thread is inside of, to notice a completion on its stack.
thread_local bool inside_call = false;

std::string variable(EXTENSION_CONTROL_BLOCK* ecb, const char* name) {
    char buffer[8192];
    DWORD size = sizeof buffer;
    return ecb->GetServerVariable(ecb->ConnID, const_cast<char*>(name), buffer, &size) ? std::string(buffer) : "";
}

Arguments split(const std::string& text, const std::string& separator) {
    Arguments parts;
    std::size_t at = 0;
    for (std::size_t end; (end = text.find(separator, at)) != std::string::npos; at = end + separator.size())
        parts.push_back(text.substr(at, end - at));
    parts.push_back(text.substr(at));
    return parts;
}

std::string unescaped(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char next = text[i] == '\\' && i + 1 < text.size() ? text[i + 1] : '\0';
        if (next == 'r') out += '\r', ++i;
        else if (next == 'n') out += '\n', ++i;
        else out += text[i];
    }
    return out;
}

class Run {
public:
    Run(EXTENSION_CONTROL_BLOCK* ecb, std::string name, const std::string& program)
        : ecb_(ecb), name_(std::move(name)) {
        for (const auto& step : split(program, ";;")) steps_.push_back(step);
    }

    /// True: everything is over at once, HttpExtensionProc may answer. False: end() comes later.
    bool start() {
        continue_steps();
        const std::lock_guard lock(mutex_);
        if (ended_) return true;
        pending_ = true;
        return false;
    }

private:
    static VOID WINAPI completed(EXTENSION_CONTROL_BLOCK*, PVOID context, DWORD bytes, DWORD error) {
        auto& run = *static_cast<Run*>(context);
        const std::string line = (inside_call ? "INLINE " : "done ") + std::to_string(bytes) + " " + std::to_string(error);
        {
            const std::lock_guard lock(run.mutex_);
            --run.outstanding_;
            // It may come before the call has returned: its line waits for the call's own.
            if (run.in_call_) run.early_.push_back(line);
            else run.note(line);
        }
        run.continue_steps();
    }

    void note(const std::string& line) {
        const std::lock_guard lock(logs_mutex);
        logs[name_] += line + "\n";
    }

    void answer(BOOL result, const std::string& more = "") {
        note(result ? "TRUE" + (more.empty() ? "" : " " + more) : "FALSE " + std::to_string(GetLastError()));
    }

    // One thread at a time runs steps; whoever comes meanwhile leaves it to that one.
    void continue_steps() {
        std::unique_lock lock(mutex_);
        if (running_) return;
        running_ = true;
        while (!waits_ || outstanding_ == 0) {
            waits_ = false;
            if (steps_.empty()) break;
            const std::string step = steps_.front();
            steps_.pop_front();
            lock.unlock();
            execute(step);
            lock.lock();
        }
        running_ = false;
        if (!steps_.empty() || outstanding_ != 0 || ended_) return;
        ended_ = true;
        if (!pending_) return;
        lock.unlock();
        DWORD status = HSE_STATUS_SUCCESS;
        EXTENSION_CONTROL_BLOCK* ecb = ecb_;
        delete this;
        ecb->ServerSupportFunction(ecb->ConnID, HSE_REQ_DONE_WITH_SESSION, &status, nullptr, nullptr);
    }

    void execute(const std::string& step) {
        arguments_ = split(unescaped(step), ",");
        std::string verb = arguments_[0];
        const bool waits = verb.back() != '&';
        if (!waits) verb.pop_back();
        {
            const std::lock_guard lock(mutex_);
            ++outstanding_;  // taken back at once when nothing was begun
            in_call_ = true;
        }
        inside_call = true;
        const bool begun = call(verb);
        inside_call = false;
        const std::lock_guard lock(mutex_);
        in_call_ = false;
        for (const auto& line : early_) note(line);
        early_.clear();
        if (!begun) --outstanding_;
        waits_ = verb == "wait" || (begun && waits);
    }

    BOOL support(DWORD code, void* buffer = nullptr, DWORD* size = nullptr, void* type = nullptr) {
        return ecb_->ServerSupportFunction(ecb_->ConnID, code, buffer, size, static_cast<LPDWORD>(type));
    }
    char* text(std::size_t index) {
        if (index >= arguments_.size() || arguments_[index] == "-") return nullptr;
        return arguments_[index].data();
    }
    DWORD number(std::size_t index) {
        return text(index) == nullptr ? 0 : static_cast<DWORD>(std::strtoul(text(index), nullptr, 0));
    }
    void* keep(const std::string& bytes) { return kept_.emplace_back(bytes).data(); }

    HANDLE open(const char* url) {
        char path[4096];
        DWORD size = sizeof path;
        strcpy(path, url);
        if (!support(HSE_REQ_MAP_URL_TO_PATH, path, &size)) return INVALID_HANDLE_VALUE;
        return CreateFileA(path, GENERIC_READ, FILE_SHARE_READ, nullptr, OPEN_EXISTING, 0, nullptr);
    }

    bool call(const std::string& verb) {
        if (verb == "io") return answer(support(HSE_REQ_IO_COMPLETION, reinterpret_cast<void*>(&completed), nullptr, this)), false;
        if (verb == "noio") return answer(support(HSE_REQ_IO_COMPLETION)), false;
        if (verb == "write") return write();
        if (verb == "read") return read();
        if (verb == "vector") return vector();
        if (verb == "exec") return exec();
        if (verb == "execw") return exec_wide();
        if (verb == "tf") return transmit();
        if (verb == "error") return custom_error();
        if (verb == "wait") return false;
        small(verb);
        return false;
    }

    // Calls that answer at once.
    void small(const std::string& verb) {
        const DWORD code = number(1);
        if (verb == "null") return answer(support(code));
        if (verb == "out") return out_call(code);
        if (verb == "text") return text_call(code);
        if (verb == "wide") return wide_call(code);
        if (verb == "head") return answer(support(HSE_REQ_SEND_RESPONSE_HEADER, text(1), nullptr, text(2)));
        if (verb == "headex") return head_ex();
        if (verb == "flush") return answer(support(HSE_REQ_SET_FLUSH_FLAG, number(1) ? ecb_ : nullptr));
        if (verb == "status") return exec_status();
        if (verb == "token") return token(code);
        if (verb == "mapex") return map_ex();
        if (verb == "mapexw") return map_ex_wide();
        if (verb == "trace") return trace();
        if (verb == "certificate") return certificate();
        if (verb == "invalidate") return invalidate();
        if (verb == "variable") return server_variable();
        note("unknown step " + verb);
    }

    void out_call(DWORD code) {
        unsigned long long value = 0;
        const BOOL result = support(code, &value);
        answer(result, std::to_string(value));
    }

    void text_call(DWORD code) {
        char buffer[4096] = "";
        if (text(2) != nullptr) strcpy(buffer, text(2));
        DWORD size = text(3) == nullptr ? sizeof buffer : number(3);
        const BOOL result = support(code, buffer, &size);
        if (!result && GetLastError() == ERROR_INSUFFICIENT_BUFFER)
            return note("FALSE 122 needs " + std::to_string(size));
        answer(result, buffer);
    }

    void wide_call(DWORD code) {
        WCHAR buffer[2048] = {};
        MultiByteToWideChar(CP_UTF8, 0, text(2), -1, buffer, 2048);
        DWORD size = text(3) == nullptr ? sizeof buffer : number(3);
        const BOOL result = support(code, buffer, &size);
        if (!result && GetLastError() == ERROR_INSUFFICIENT_BUFFER)
            return note("FALSE 122 needs " + std::to_string(size));
        char narrow[4096] = "";
        WideCharToMultiByte(CP_UTF8, 0, buffer, -1, narrow, sizeof narrow, nullptr, nullptr);
        answer(result, narrow);
    }

    void head_ex() {
        HSE_SEND_HEADER_EX_INFO info{};
        info.pszStatus = text(1);
        info.pszHeader = text(2);
        info.cchStatus = text(1) == nullptr ? 0 : static_cast<DWORD>(strlen(text(1)));
        info.cchHeader = text(2) == nullptr ? 0 : static_cast<DWORD>(strlen(text(2)));
        info.fKeepConn = static_cast<BOOL>(number(3));
        answer(support(HSE_REQ_SEND_RESPONSE_HEADER_EX, &info));
    }

    void exec_status() {
        HSE_EXEC_URL_STATUS status{};
        const BOOL result = support(HSE_REQ_GET_EXEC_URL_STATUS, &status);
        answer(result, std::to_string(status.uHttpStatusCode) + "." + std::to_string(status.uHttpSubStatus) + " " + std::to_string(status.dwWin32Error));
    }

    void token(DWORD code) {
        HANDLE handle = nullptr;
        const bool anonymous = code != HSE_REQ_GET_IMPERSONATION_TOKEN;
        char path[] = "/LM/W3SVC/1/ROOT";
        const BOOL result = anonymous ? support(code, path, nullptr, &handle) : support(code, &handle);
        answer(result, handle == nullptr ? "null" : "a handle");
        if (result && anonymous) note(CloseHandle(handle) ? "closed" : "not ours");
    }

    void map_ex() {
        HSE_URL_MAPEX_INFO info{};
        DWORD size = text(1) == nullptr ? 0 : static_cast<DWORD>(strlen(text(1)));
        const BOOL result = support(HSE_REQ_MAP_URL_TO_PATH_EX, text(1), &size, &info);
        answer(result, std::string(info.lpszPath) + " " + std::to_string(info.dwFlags) + " " + std::to_string(info.cchMatchingURL));
    }

    void map_ex_wide() {
        HSE_UNICODE_URL_MAPEX_INFO info{};
        WCHAR url[1024];
        MultiByteToWideChar(CP_UTF8, 0, text(1), -1, url, 1024);
        const BOOL result = support(HSE_REQ_MAP_UNICODE_URL_TO_PATH_EX, url, nullptr, &info);
        char path[1024] = "";
        WideCharToMultiByte(CP_UTF8, 0, info.lpszPath, -1, path, sizeof path, nullptr, nullptr);
        answer(result, std::string(path) + " " + std::to_string(info.dwFlags));
    }

    void trace() {
        HSE_TRACE_INFO info{};
        info.fTraceRequest = TRUE;
        const BOOL result = support(HSE_REQ_GET_TRACE_INFO, &info);
        bool any = false;
        for (const BYTE byte : info.TraceContextId) any = any || byte != 0;
        answer(result, std::string(info.fTraceRequest ? "traced" : "not traced") + (any ? " with an id" : ""));
    }

    void certificate() {
        CERT_CONTEXT_EX context{};
        answer(support(HSE_REQ_GET_CERT_INFO_EX, &context));
    }

    void invalidate() {
        PFN_HSE_CACHE_INVALIDATION_CALLBACK callback = nullptr;
        WCHAR url[] = {'/', 0};
        const BOOL result = support(HSE_REQ_GET_CACHE_INVALIDATION_CALLBACK, &callback);
        answer(result, callback == nullptr ? "null" : std::to_string(callback(url)));
    }

    void server_variable() {
        char buffer[4096];
        DWORD size = text(2) == nullptr ? sizeof buffer : number(2);
        const BOOL result = ecb_->GetServerVariable(ecb_->ConnID, text(1), buffer, &size);
        if (!result && GetLastError() == ERROR_INSUFFICIENT_BUFFER)
            return note("FALSE 122 needs " + std::to_string(size));
        answer(result, result ? buffer : "");
    }

    bool write() {
        const DWORD flags = number(2);
        auto* bytes = static_cast<char*>(keep(arguments_[1]));
        DWORD size = static_cast<DWORD>(arguments_[1].size());
        const BOOL result = ecb_->WriteClient(ecb_->ConnID, bytes, &size, flags);
        answer(result, (flags & HSE_IO_ASYNC) != 0 ? "" : std::to_string(size));
        return result && (flags & HSE_IO_ASYNC) != 0;
    }

    bool read() {
        DWORD size = number(1);
        void* buffer = keep(std::string(size + 1, '\0'));
        if (text(2) == nullptr) {
            const BOOL result = ecb_->ReadClient(ecb_->ConnID, buffer, &size);
            return answer(result, std::to_string(size)), false;
        }
        DWORD flags = number(2);
        const BOOL result = support(HSE_REQ_ASYNC_READ_CLIENT, buffer, &size, &flags);
        return answer(result), result;
    }

    void add_element(const std::string& what, std::vector<HSE_VECTOR_ELEMENT>& elements) {
        const Arguments parts = split(what, ":");
        HSE_VECTOR_ELEMENT element{};
        const auto value = [&](std::size_t i) { return i < parts.size() ? std::strtoull(parts[i].c_str(), nullptr, 0) : 0; };
        if (parts[0] == "m") {
            element.pvContext = keep(parts[1]);
            element.cbSize = parts[1].size();
        } else if (parts[0] == "big") {
            element.pvContext = keep(std::string(value(1), 'b'));
            element.cbSize = value(1);
        } else if (parts[0] == "null") {
            element.cbSize = 5;
        } else if (parts[0] == "type") {
            element.ElementType = static_cast<DWORD>(value(1));
            element.pvContext = this;
            element.cbSize = 1;
        } else {
            element.ElementType = HSE_VECTOR_ELEMENT_TYPE_FILE_HANDLE;
            element.pvContext = parts[0] == "nofile" ? this : open(parts[1].c_str());
            element.cbOffset = value(2);
            element.cbSize = value(3);
        }
        elements.push_back(element);
    }

    bool vector() {
        std::vector<HSE_VECTOR_ELEMENT> elements;
        for (std::size_t i = 4; i < arguments_.size(); ++i) add_element(arguments_[i], elements);
        HSE_RESPONSE_VECTOR response{};
        response.dwFlags = number(1);
        response.pszStatus = text(2);
        response.pszHeaders = text(3);
        response.nElementCount = static_cast<DWORD>(elements.size());
        response.lpElementArray = elements.data();
        const BOOL result = support(HSE_REQ_VECTOR_SEND, &response);
        answer(result);
        // Only the buffers must outlive the call.
        for (auto& element : elements) {
            if (element.ElementType == HSE_VECTOR_ELEMENT_TYPE_FILE_HANDLE && element.pvContext != this)
                CloseHandle(element.pvContext);
        }
        std::memset(&response, 0xee, sizeof response);
        return result && (number(1) & HSE_IO_ASYNC) != 0;
    }

    // exec,FLAGS,URL,METHOD,HEADERS,USER,ENTITY
    bool exec() {
        HSE_EXEC_URL_USER_INFO user{nullptr, text(5), const_cast<char*>("Custom")};
        HSE_EXEC_URL_ENTITY_INFO entity{text(6) == nullptr ? 0 : static_cast<DWORD>(strlen(text(6))), text(6)};
        HSE_EXEC_URL_INFO info{text(2), text(3), text(4), text(5) == nullptr ? nullptr : &user, text(6) == nullptr ? nullptr : &entity, number(1)};
        if (text(5) != nullptr && std::string(text(5)) == "!") user.hImpersonationToken = this;
        const BOOL result = support(HSE_REQ_EXEC_URL, &info);
        return answer(result), result;
    }

    bool exec_wide() {
        WCHAR url[1024];
        if (text(2) != nullptr) MultiByteToWideChar(CP_UTF8, 0, text(2), -1, url, 1024);
        HSE_EXEC_UNICODE_URL_INFO info{text(2) == nullptr ? nullptr : url, text(3), text(4), nullptr, nullptr, number(1)};
        const BOOL result = support(HSE_REQ_EXEC_UNICODE_URL, &info);
        return answer(result), result;
    }

    // tf,FLAGS,STATUS,HEAD,TAIL,URL,OFFSET,BYTES
    bool transmit() {
        HSE_TF_INFO info{};
        info.dwFlags = number(1);
        info.pszStatusCode = text(2);
        info.pHead = text(3) == nullptr ? nullptr : keep(arguments_[3]);
        info.HeadLength = text(3) == nullptr ? 0 : static_cast<DWORD>(arguments_[3].size());
        info.pTail = text(4) == nullptr ? nullptr : keep(arguments_[4]);
        info.TailLength = text(4) == nullptr ? 0 : static_cast<DWORD>(arguments_[4].size());
        if (text(5) != nullptr) info.hFile = std::string(text(5)) == "!" ? this : open(text(5));
        info.Offset = number(6);
        info.BytesToWrite = number(7);
        const BOOL result = support(HSE_REQ_TRANSMIT_FILE, &info);
        answer(result);
        return result;
    }

    // error,STATUS,SUBSTATUS,ASYNC
    bool custom_error() {
        HSE_CUSTOM_ERROR_INFO info{text(1), static_cast<USHORT>(number(2)), static_cast<BOOL>(number(3))};
        const BOOL result = support(HSE_REQ_SEND_CUSTOM_ERROR, &info);
        answer(result);
        return result && info.fAsync;
    }

    EXTENSION_CONTROL_BLOCK* ecb_;
    std::string name_;
    Arguments arguments_;
    std::deque<std::string> kept_;

    std::mutex mutex_;
    std::deque<std::string> steps_;
    int outstanding_ = 0;
    std::vector<std::string> early_;
    bool in_call_ = false;
    bool waits_ = false, running_ = false, ended_ = false, pending_ = false;
};

void write_text(EXTENSION_CONTROL_BLOCK* ecb, const std::string& text) {
    char headers[] = "Content-Type: text/plain\r\n\r\n";
    ecb->ServerSupportFunction(ecb->ConnID, HSE_REQ_SEND_RESPONSE_HEADER, const_cast<char*>("200 OK"), nullptr, reinterpret_cast<LPDWORD>(headers));
    DWORD size = static_cast<DWORD>(text.size());
    ecb->WriteClient(ecb->ConnID, const_cast<char*>(text.data()), &size, HSE_IO_SYNC);
}

DWORD describe_child(EXTENSION_CONTROL_BLOCK* ecb) {
    std::string body(reinterpret_cast<char*>(ecb->lpbData), ecb->cbAvailable);
    while (body.size() < ecb->cbTotalBytes) {
        char buffer[4096];
        DWORD size = sizeof buffer;
        if (!ecb->ReadClient(ecb->ConnID, buffer, &size) || size == 0) break;
        body.append(buffer, size);
    }
    write_text(ecb, std::string("child ") + ecb->lpszMethod + " query=" + ecb->lpszQueryString + " own=" + variable(ecb, "HTTP_X_OWN") + " case=" +
                        variable(ecb, "HTTP_X_CASE") + " range=" + variable(ecb, "HTTP_RANGE") + " user=" + variable(ecb, "REMOTE_USER") + " length=" +
                        variable(ecb, "CONTENT_LENGTH") + " body=" + body);
    return HSE_STATUS_SUCCESS;
}

}  // namespace

extern "C" DWORD WINAPI HttpExtensionProc(EXTENSION_CONTROL_BLOCK* ecb) {
    const std::string query = ecb->lpszQueryString;
    if (query.compare(0, 4, "log=") == 0) {
        const std::lock_guard lock(logs_mutex);
        write_text(ecb, logs[query.substr(4)]);
        return HSE_STATUS_SUCCESS;
    }
    if (query.compare(0, 5, "child") == 0) return describe_child(ecb);
    auto run = std::make_unique<Run>(ecb, variable(ecb, "HTTP_X_CASE"), variable(ecb, "HTTP_X_PROGRAM"));
    if (run->start()) return HSE_STATUS_SUCCESS;
    run.release();  // its own
    return HSE_STATUS_PENDING;
}
