/// \file
/// What native modules would otherwise each write again: the factory, the object of one request, settings that are read
/// once per configuration section. C++ templates over httpserv.h and osmia_host.h; nothing here is needed, all of it is
/// used by the modules that Osmia ships. C++17 or later; empty before.
///
///     class Hello final : public OsmiaHttpModule<Hello> {
///     public:
///         REQUEST_NOTIFICATION_STATUS OnBeginRequest(IHttpContext* context, IHttpEventProvider*) override { ... }
///     };
///     HRESULT WINAPI RegisterModule(DWORD, IHttpModuleRegistrationInfo* info, IHttpServer*) {
///         return OsmiaRegister<Hello>(info, RQ_BEGIN_REQUEST);
///     }
#ifndef OSMIA_SDK_OSMIA_MODULE_H
#define OSMIA_SDK_OSMIA_MODULE_H

#include <osmia_host.h>

#if __cplusplus >= 201703L

#include <new>
#include <string>
#include <string_view>

/// The base of a module's class: gives it Dispose(), and short names for what is written often.
template <class Derived>
class OsmiaHttpModule : public CHttpModule {
public:
    VOID Dispose() override { static_cast<Derived*>(this)->~Derived(); }

protected:
    ~OsmiaHttpModule() = default;

    /// Osmia's face of the request; lives as long as it. Never null in Osmia's worker.
    static IOsmiaContext& osmia(IHttpContext& context) {
        PVOID face = nullptr;
        if (FAILED(context.GetExtendedInterface(OSMIA_CONTEXT_INTERFACE, &face))) abort();
        return *static_cast<IOsmiaContext*>(face);
    }
    /// A request header; empty when there is none. Valid until the header is changed.
    static std::string_view header(IHttpContext& context, PCSTR name) {
        USHORT length = 0;
        const PCSTR value = context.GetRequest()->GetHeader(name, &length);
        return value == nullptr ? std::string_view() : std::string_view(value, length);
    }
    static std::string_view header(IHttpContext& context, HTTP_HEADER_ID id) {
        USHORT length = 0;
        const PCSTR value = context.GetRequest()->GetHeader(id, &length);
        return value == nullptr ? std::string_view() : std::string_view(value, length);
    }
    static std::string_view text(IOsmiaContext& context, OSMIA_TEXT which) {
        DWORD length = 0;
        const PCSTR value = context.GetText(which, &length);
        return {value, length};
    }
    /// Replaces a response header.
    static void set_header(IHttpContext& context, PCSTR name, std::string_view value) {
        context.GetResponse()->SetHeader(name, value.data(), static_cast<USHORT>(value.size()), TRUE);
    }
    /// Sets the status and ends the request's way through the modules.
    static REQUEST_NOTIFICATION_STATUS refuse(IHttpContext& context, USHORT status, USHORT substatus = 0,
                                              HRESULT error = S_OK) {
        context.GetResponse()->SetStatus(status, "", substatus, error);
        context.SetRequestHandled();
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
};

/// Makes one Module per request, in the request's memory.
template <class Module>
class OsmiaModuleFactory final : public IHttpModuleFactory {
public:
    virtual ~OsmiaModuleFactory() = default;
    HRESULT GetHttpModule(CHttpModule** ppModule, IModuleAllocator* pAllocator) override {
        void* memory = pAllocator->AllocateMemory(sizeof(Module));
        if (memory == nullptr) return E_OUTOFMEMORY;
        *ppModule = new (memory) Module;
        return S_OK;
    }
    VOID Terminate() override { delete this; }
};

/// Subscribes a module whose objects need nothing to be made.
template <class Module>
HRESULT OsmiaRegister(IHttpModuleRegistrationInfo* pModuleInfo, DWORD events, DWORD post_events = 0) {
    auto* factory = new (std::nothrow) OsmiaModuleFactory<Module>;
    if (factory == nullptr) return E_OUTOFMEMORY;
    return pModuleInfo->SetRequestNotifications(factory, events, post_events);
}

/// \a text with <, >, &, " and ' made harmless in HTML.
inline std::string OsmiaEscapeHtml(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '&': out += "&amp;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&#39;"; break;
            default: out += c;
        }
    }
    return out;
}

/// A decoded URL path as it goes into a Location or an href: what RFC 3986 does not let stand in a path becomes %XX.
inline std::string OsmiaEncodePath(std::string_view path) {
    constexpr std::string_view plain = "-._~/!$&'()*+,;=:@";
    constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : path) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (letter || plain.find(c) != std::string_view::npos) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

/// Osmia's face of the worker. Never null in Osmia's worker.
inline IOsmiaHost* OsmiaHost(IHttpServer* pServer) {
    PVOID face = nullptr;
    if (pServer == nullptr || FAILED(pServer->GetExtendedInterface(OSMIA_HOST_INTERFACE, &face))) return nullptr;
    return static_cast<IOsmiaHost*>(face);
}

/// A configuration section as a module's own type. Settings is constructed from `const IOsmiaElement&` once per version
/// of the section, kept with it, shared by all requests it is in force for, and freed with it.
///
/// One object per section and module, with static life; open() in RegisterModule(), get() on any thread.
template <class Settings>
class OsmiaSettings {
public:
    /// ERROR_NOT_FOUND: no schema has this section.
    HRESULT open(IHttpServer* pServer, IHttpModuleRegistrationInfo* pModuleInfo, PCSTR pszSection) {
        IOsmiaHost* host = OsmiaHost(pServer);
        if (host == nullptr) return E_NOINTERFACE;
        owner_ = pModuleInfo->GetId();
        return host->FindSection(pszSection, &section_);
    }

    /// The settings in force for a request; they live as long as it.
    const Settings& get(IOsmiaContext& context) const {
        IOsmiaSection* section = context.GetSection(section_);
        IHttpModuleContextContainer* container = section->GetModuleContextContainer();
        IHttpStoredContext* stored = container->GetModuleContext(slot());
        if (stored == nullptr) {
            auto* made = new Kept(*section);
            if (FAILED(container->SetModuleContext(made, slot()))) made->CleanupStoredContext();
            stored = container->GetModuleContext(slot());
        }
        return static_cast<Kept*>(stored)->settings;
    }

private:
    struct Kept final : IHttpStoredContext {
        explicit Kept(const IOsmiaElement& element) : settings(element) {}
        virtual ~Kept() = default;
        VOID CleanupStoredContext() override { delete this; }
        Settings settings;
    };
    HTTP_MODULE_ID slot() const { return owner_; }

    HTTP_MODULE_ID owner_ = nullptr;
    DWORD section_ = 0;
};

#endif

#endif
