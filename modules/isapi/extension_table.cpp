#include "isapi/extension_table.h"

#include <osmia_host_runtime.h>

#include <ctime>

namespace isapi {

namespace {

template <class Function>
Function symbol(IOsmiaExtension& image, PCSTR name) {
    return reinterpret_cast<Function>(image.GetSymbol(name));
}

}  // namespace

Extension* ExtensionTable::find(const std::string& file, std::string& error) {
    Slot* slot = nullptr;
    {
        const std::lock_guard lock(mutex_);
        auto& place = slots_[file];
        if (!place) place = std::make_unique<Slot>();
        slot = place.get();
    }
    // One extension's slow start must not hold up the others.
    const std::lock_guard lock(slot->mutex);
    if (!slot->extension) {
        slot->extension = load(file, error);
        if (slot->extension) {
            report(*slot->extension);
            const std::lock_guard table_lock(mutex_);
            loaded_.push_back(slot->extension.get());
        }
    }
    return slot->extension.get();
}

std::unique_ptr<Extension> ExtensionTable::load(const std::string& file, std::string& error) {
    char text[512] = "";
    auto extension = std::make_unique<Extension>();
    extension->file_ = file;
    if (FAILED(host_.LoadExtension(file.c_str(), &extension->image_, text, sizeof text))) {
        error = text;
        return nullptr;
    }
    if (start(*extension, error)) return extension;
    // A version that does not start never takes the old one away.
    IOsmiaExtension* const failed = extension->image_;
    if (FAILED(host_.LoadLastGood(failed, &extension->image_, text, sizeof text))) return nullptr;
    host_.WriteLog(("extension " + file + " cannot be started: " + error + "; the version before runs").c_str());
    return start(*extension, error) ? std::move(extension) : nullptr;
}

bool ExtensionTable::start(Extension& extension, std::string& error) {
    IOsmiaExtension& image = *extension.image_;
    osmia_host_register_module(image.GetBase(), image.GetSize(), extension.file_.c_str());
    const auto get_version = symbol<PFN_GETEXTENSIONVERSION>(image, "GetExtensionVersion");
    extension.proc_ = symbol<PFN_HTTPEXTENSIONPROC>(image, "HttpExtensionProc");
    extension.terminate_ = symbol<PFN_TERMINATEEXTENSION>(image, "TerminateExtension");
    extension.main_ = symbol<BOOL(WINAPI*)(HINSTANCE, DWORD, LPVOID)>(image, "DllMain");
    if (get_version == nullptr || extension.proc_ == nullptr) {
        error = "it does not export GetExtensionVersion and HttpExtensionProc";
        return false;
    }
    if (extension.main_ != nullptr && extension.main_(image.GetBase(), DLL_PROCESS_ATTACH, nullptr) == FALSE) {
        error = "its DllMain returned FALSE";
        return false;
    }
    if (get_version(&extension.version_) == FALSE) {
        if (extension.main_ != nullptr) extension.main_(image.GetBase(), DLL_PROCESS_DETACH, nullptr);
        error = "its GetExtensionVersion returned FALSE";
        return false;
    }
    extension.version_.lpszExtensionDesc[HSE_MAX_EXT_DLL_NAME_LEN - 1] = '\0';
    extension.loaded_at_ = static_cast<ULONGLONG>(std::time(nullptr));
    return true;
}

void ExtensionTable::report(const Extension& extension) {
    const DWORD version = extension.version_.dwExtensionVersion;
    const std::string text = std::to_string(HIWORD(version)) + "." + std::to_string(LOWORD(version));
    OSMIA_EXTENSION_REPORT report{};
    report.pszFile = extension.file_.c_str();
    report.pszVersion = text.c_str();
    report.pszDescription = extension.version_.lpszExtensionDesc;
    report.pszHash = extension.image_->GetHash();
    report.fCached = TRUE;
    report.LoadedAt = extension.loaded_at_;
    report.Requests = extension.requests_;
    host_.ReportExtension(&report);
}

void ExtensionTable::report_counts() {
    const std::lock_guard lock(mutex_);
    for (Extension* extension : loaded_) {
        const ULONGLONG requests = extension->requests();
        if (requests == extension->reported_requests_) continue;
        extension->reported_requests_ = requests;
        report(*extension);
    }
}

void ExtensionTable::terminate() {
    std::vector<Extension*> loaded;
    {
        const std::lock_guard lock(mutex_);
        loaded.swap(loaded_);
    }
    for (auto it = loaded.rbegin(); it != loaded.rend(); ++it) {
        Extension& extension = **it;
        report(extension);
        if (extension.terminate_ != nullptr) extension.terminate_(HSE_TERM_MUST_UNLOAD);
        if (extension.main_ != nullptr)
            extension.main_(extension.image_->GetBase(), DLL_PROCESS_DETACH, nullptr);
    }
}

}  // namespace isapi
