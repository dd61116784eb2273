/// \file
/// A host for one extension inside the test process: loads it as the worker does, and plays the server's part
/// for one request after another.
#pragma once

#include <httpext.h>

#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace osmia::sdk_test {

/// What the client sends.
struct Request {
    std::string method = "GET";
    std::string query = {};
    std::string body = {};
    bool chunked = false;       ///< the length is unknown to the extension
    size_t read_ahead = 49152;  ///< of the body, there from the start
};

/// What the extension sent, and how it ended.
struct Answer {
    DWORD returned = 0;  ///< by HttpExtensionProc
    std::string status;  ///< from the header calls; empty when there was none
    std::string headers;
    std::string body;       ///< everything written, file ranges included
    std::string redirect;   ///< of SEND_URL_REDIRECT_RESP or SEND_URL
    DWORD done_status = 0;  ///< of DONE_WITH_SESSION
};

/// A loaded extension. Ends with TerminateExtension and DllMain(DETACH); stays mapped. Used by one thread,
/// its extension by any.
class ExtensionHost {
public:
    /// Loads with local scope and immediate binding. Check loaded() and error().
    explicit ExtensionHost(const std::filesystem::path& file);
    ~ExtensionHost();
    ExtensionHost(const ExtensionHost&) = delete;
    ExtensionHost& operator=(const ExtensionHost&) = delete;

    bool loaded() const { return extension_proc_ != nullptr; }
    const std::string& error() const { return error_; }
    const HSE_VERSION_INFO& version() const { return version_; }
    /// A function or object the library exports; null when it does not.
    void* symbol(const char* name) const;

    /// URL paths are files below this folder.
    std::filesystem::path site_root;
    std::map<std::string, std::string> variables;

    /// Runs one request to its end, DONE_WITH_SESSION included when it is pending.
    Answer serve(const Request& request);

private:
    void* library_ = nullptr;
    std::string error_;
    HSE_VERSION_INFO version_{};
    PFN_HTTPEXTENSIONPROC extension_proc_ = nullptr;
};

}  // namespace osmia::sdk_test
