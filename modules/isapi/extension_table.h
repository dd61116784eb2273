/// \file
/// The ISAPI extensions of this worker: loaded on their first request, kept until the worker ends.
#pragma once

#include <httpext.h>
#include <osmia_host.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace isapi {

/// One loaded extension. Never unloaded: threads that it made may still run in it.
class Extension {
public:
    DWORD call(EXTENSION_CONTROL_BLOCK& block) {
        requests_.fetch_add(1, std::memory_order_relaxed);
        return proc_(&block);
    }
    ULONGLONG requests() const { return requests_.load(std::memory_order_relaxed); }
    const std::string& file() const { return file_; }

private:
    friend class ExtensionTable;

    std::string file_;
    IOsmiaExtension* image_ = nullptr;
    PFN_HTTPEXTENSIONPROC proc_ = nullptr;
    PFN_TERMINATEEXTENSION terminate_ = nullptr;
    BOOL(WINAPI* main_)(HINSTANCE, DWORD, LPVOID) = nullptr;
    HSE_VERSION_INFO version_{};
    ULONGLONG loaded_at_ = 0;
    std::atomic<ULONGLONG> requests_ = 0;
    ULONGLONG reported_requests_ = 0;  ///< guarded by the table's mutex
};

/// Finds and loads extensions. Thread-safe; two first requests of one extension load it once.
class ExtensionTable {
public:
    explicit ExtensionTable(IOsmiaHost& host) : host_(host) {}

    /// Null when it cannot be loaded; \a error then says why. A failed load is tried again by the next
    /// request.
    Extension* find(const std::string& file, std::string& error);
    /// Tells the host how often each extension was called, where that has changed.
    void report_counts();
    /// TerminateExtension(HSE_TERM_MUST_UNLOAD) and DllMain(DLL_PROCESS_DETACH) of each, in the reverse order
    /// of loading.
    void terminate();

private:
    struct Slot {
        std::mutex mutex;
        std::unique_ptr<Extension> extension;
    };

    std::unique_ptr<Extension> load(const std::string& file, std::string& error);
    bool start(Extension& extension, std::string& error);
    void report(const Extension& extension);

    IOsmiaHost& host_;
    std::mutex mutex_;
    std::map<std::string, std::unique_ptr<Slot>, std::less<>> slots_;
    std::vector<Extension*> loaded_;
};

}  // namespace isapi
