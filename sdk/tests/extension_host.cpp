#include "extension_host.h"

#include <dlfcn.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "osmia_host_runtime.h"

namespace osmia::sdk_test {

namespace {

BOOL refuse(DWORD error) {
    SetLastError(error);
    return FALSE;
}

/// One request under way. The connection id is the address of its control block.
class Session {
public:
    Session(const ExtensionHost& host, const Request& request) : host_(host), request_(request) {
        ecb_.cbSize = sizeof ecb_;
        ecb_.dwVersion = MAKELONG(HSE_VERSION_MINOR, HSE_VERSION_MAJOR);
        ecb_.ConnID = this;
        ecb_.lpszMethod = request_.method.data();
        ecb_.lpszQueryString = request_.query.data();
        ecb_.lpszPathInfo = ecb_.lpszPathTranslated = ecb_.lpszContentType = empty_;
        available_ = std::min(request_.body.size(), request_.read_ahead);
        ecb_.cbTotalBytes = request_.chunked ? 0xFFFFFFFF : static_cast<DWORD>(request_.body.size());
        ecb_.cbAvailable = static_cast<DWORD>(available_);
        ecb_.lpbData = reinterpret_cast<LPBYTE>(request_.body.data());
        ecb_.GetServerVariable = get_server_variable;
        ecb_.WriteClient = write_client;
        ecb_.ReadClient = read_client;
        ecb_.ServerSupportFunction = server_support_function;
    }
    ~Session() {
        if (completion_.joinable()) completion_.join();
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    Answer run(PFN_HTTPEXTENSIONPROC extension_proc) {
        DWORD returned = extension_proc(&ecb_);
        std::unique_lock lock(mutex_);
        answer_.returned = returned;
        if (returned == HSE_STATUS_PENDING) changed_.wait(lock, [this] { return done_; });
        return answer_;
    }

private:
    static Session& of(HCONN connection) { return *static_cast<Session*>(connection); }

    static BOOL WINAPI get_server_variable(HCONN connection, LPSTR name, LPVOID buffer, LPDWORD size) {
        const auto& variables = of(connection).host_.variables;
        auto found = variables.find(name);
        if (found == variables.end()) return refuse(ERROR_INVALID_INDEX);
        auto needed = static_cast<DWORD>(found->second.size() + 1);
        bool fits = *size >= needed;
        *size = needed;
        if (!fits) return refuse(ERROR_INSUFFICIENT_BUFFER);
        memcpy(buffer, found->second.c_str(), needed);
        return TRUE;
    }

    static BOOL WINAPI write_client(HCONN connection, LPVOID buffer, LPDWORD size, DWORD) {
        Session& session = of(connection);
        std::scoped_lock lock(session.mutex_);
        session.answer_.body.append(static_cast<const char*>(buffer), *size);
        return TRUE;
    }

    // In small pieces, so that extensions must loop.
    static BOOL WINAPI read_client(HCONN connection, LPVOID buffer, LPDWORD size) {
        constexpr size_t kPiece = 5000;
        Session& session = of(connection);
        size_t count = std::min({size_t{*size}, kPiece, session.request_.body.size() - session.available_});
        memcpy(buffer, session.request_.body.data() + session.available_, count);
        session.available_ += count;
        *size = static_cast<DWORD>(count);
        return TRUE;
    }

    static BOOL WINAPI server_support_function(HCONN connection, DWORD code, LPVOID buffer, LPDWORD size,
                                               LPDWORD type) {
        Session& session = of(connection);
        switch (code) {
            case HSE_REQ_SEND_RESPONSE_HEADER:
                return session.send_head(static_cast<char*>(buffer), reinterpret_cast<char*>(type));
            case HSE_REQ_SEND_RESPONSE_HEADER_EX: {
                auto* info = static_cast<HSE_SEND_HEADER_EX_INFO*>(buffer);
                return session.send_head(info->pszStatus, info->pszHeader);
            }
            case HSE_REQ_SEND_URL:
            case HSE_REQ_SEND_URL_REDIRECT_RESP:
                return session.redirect(static_cast<char*>(buffer));
            case HSE_REQ_DONE_WITH_SESSION:
                return session.finish(static_cast<DWORD*>(buffer));
            case HSE_REQ_TRANSMIT_FILE:
                return session.transmit(*static_cast<HSE_TF_INFO*>(buffer));
            case HSE_REQ_MAP_URL_TO_PATH:
                return session.map_url(static_cast<char*>(buffer), size);
            case HSE_REQ_MAP_URL_TO_PATH_EX:
                return session.map_url_ex(static_cast<char*>(buffer),
                                          *reinterpret_cast<HSE_URL_MAPEX_INFO*>(type));
            case HSE_REQ_SET_FLUSH_FLAG:
                return TRUE;
            case HSE_REQ_IS_KEEP_CONN:
            case HSE_REQ_IS_CONNECTED:
                *static_cast<BOOL*>(buffer) = TRUE;
                return TRUE;
            default:
                return refuse(ERROR_INVALID_PARAMETER);
        }
    }

    BOOL send_head(const char* status, const char* headers) {
        std::scoped_lock lock(mutex_);
        answer_.status = status ? status : "200 OK";
        answer_.headers = headers ? headers : "";
        return TRUE;
    }

    BOOL redirect(const char* url) {
        std::scoped_lock lock(mutex_);
        answer_.redirect = url;
        return TRUE;
    }

    BOOL finish(const DWORD* status) {
        std::scoped_lock lock(mutex_);
        answer_.done_status = status ? *status : HSE_STATUS_SUCCESS;
        done_ = true;
        changed_.notify_all();
        return TRUE;
    }

    BOOL map_url(char* buffer, LPDWORD size) {
        std::string path = host_.site_root.string() + buffer;
        bool fits = *size > path.size();
        *size = static_cast<DWORD>(path.size() + 1);
        if (!fits) return refuse(ERROR_INSUFFICIENT_BUFFER);
        memcpy(buffer, path.c_str(), path.size() + 1);
        return TRUE;
    }

    BOOL map_url_ex(const char* url, HSE_URL_MAPEX_INFO& info) {
        std::string path = host_.site_root.string() + url;
        if (path.size() >= MAX_PATH) return refuse(ERROR_INSUFFICIENT_BUFFER);
        memcpy(info.lpszPath, path.c_str(), path.size() + 1);
        return TRUE;
    }

    /// The file goes through a descriptor of our own, as in the worker; the completion comes on another
    /// thread.
    BOOL transmit(const HSE_TF_INFO& info) {
        int descriptor = osmia_host_duplicate_descriptor(info.hFile);
        if (descriptor < 0) return refuse(ERROR_INVALID_HANDLE);
        std::string head(static_cast<const char*>(info.pHead), info.HeadLength);
        std::string tail(static_cast<const char*>(info.pTail), info.TailLength);
        std::string file = read_range(descriptor, info.Offset, info.BytesToWrite);
        close(descriptor);
        {
            std::scoped_lock lock(mutex_);
            bool structured = (info.dwFlags & HSE_IO_SEND_HEADERS) != 0;
            if (structured) answer_.status = info.pszStatusCode, answer_.headers = head;
            answer_.body += (structured ? "" : head) + file + tail;
        }
        auto bytes = static_cast<DWORD>(file.size());
        completion_ =
            std::thread([this, info, bytes] { info.pfnHseIO(&ecb_, info.pContext, bytes, NO_ERROR); });
        return TRUE;
    }

    static std::string read_range(int descriptor, DWORD offset, DWORD bytes) {
        std::string data(bytes ? bytes : static_cast<size_t>(lseek(descriptor, 0, SEEK_END)) - offset, '\0');
        ssize_t count = pread(descriptor, data.data(), data.size(), offset);
        data.resize(count < 0 ? 0 : static_cast<size_t>(count));
        return data;
    }

    const ExtensionHost& host_;
    Request request_;
    EXTENSION_CONTROL_BLOCK ecb_{};
    char empty_[1] = "";
    size_t available_ = 0;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool done_ = false;
    Answer answer_;
    std::thread completion_;
};

using DllMainFunction = BOOL (*)(HINSTANCE, DWORD, LPVOID);

}  // namespace

ExtensionHost::ExtensionHost(const std::filesystem::path& file) {
    library_ = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library_) {
        error_ = dlerror();
        return;
    }
    link_map* map = nullptr;
    dlinfo(library_, RTLD_DI_LINKMAP, &map);
    osmia_host_register_module(reinterpret_cast<void*>(map->l_addr), std::filesystem::file_size(file),
                               file.c_str());
    auto dll_main = reinterpret_cast<DllMainFunction>(symbol("DllMain"));
    auto get_version = reinterpret_cast<PFN_GETEXTENSIONVERSION>(symbol("GetExtensionVersion"));
    if (dll_main && !dll_main(reinterpret_cast<HINSTANCE>(map->l_addr), DLL_PROCESS_ATTACH, nullptr))
        error_ = "DllMain refused";
    if (error_.empty() && !(get_version && get_version(&version_))) error_ = "GetExtensionVersion failed";
    if (error_.empty())
        extension_proc_ = reinterpret_cast<PFN_HTTPEXTENSIONPROC>(symbol("HttpExtensionProc"));
}

// The library stays mapped: threads of its own may still return through its code.
ExtensionHost::~ExtensionHost() {
    if (!loaded()) return;
    if (auto terminate = reinterpret_cast<PFN_TERMINATEEXTENSION>(symbol("TerminateExtension"))) {
        terminate(HSE_TERM_MUST_UNLOAD);
    }
    if (auto dll_main = reinterpret_cast<DllMainFunction>(symbol("DllMain")))
        dll_main(nullptr, DLL_PROCESS_DETACH, nullptr);
}

void* ExtensionHost::symbol(const char* name) const {
    return dlsym(library_, name);
}

Answer ExtensionHost::serve(const Request& request) {
    return Session(*this, request).run(extension_proc_);
}

}  // namespace osmia::sdk_test
