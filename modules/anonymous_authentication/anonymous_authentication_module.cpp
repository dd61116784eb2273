// AnonymousAuthenticationModule: lets in who has shown no credentials, if <anonymousAuthentication> is enabled.
#include <osmia_module.h>

#include <string>

namespace anonymous_authentication {

namespace {

std::u16string widen(std::string_view text) {
    // Account names are ASCII here as in /etc/passwd; anything else is not a name.
    std::u16string wide;
    for (const char c : text) wide += static_cast<unsigned char>(c) < 0x80 ? static_cast<char16_t>(c) : u'\ufffd';
    return wide;
}

/// The user of every anonymous request under one section. Lives with the section, so it counts no references.
class AnonymousUser final : public IHttpUser {
public:
    explicit AnonymousUser(std::string_view name) : name_(widen(name)) {}
    virtual ~AnonymousUser() = default;
    PCWSTR GetRemoteUserName() override { return u""; }
    PCWSTR GetUserName() override { return name_.c_str(); }
    PCWSTR GetAuthenticationType() override { return u""; }
    PCWSTR GetPassword() override { return u""; }
    HANDLE GetImpersonationToken() override { return nullptr; }
    HANDLE GetPrimaryToken() override { return nullptr; }
    VOID ReferenceUser() override {}
    VOID DereferenceUser() override {}
    BOOL SupportsIsInRole() override { return FALSE; }
    HRESULT IsInRole(PCWSTR, BOOL* pfInRole) override {
        if (pfInRole != nullptr) *pfInRole = FALSE;
        return S_OK;
    }
    PVOID GetUserVariable(PCSTR) override { return nullptr; }

private:
    std::u16string name_;
};

struct Settings {
    explicit Settings(const IOsmiaElement& section)
        : enabled(section.GetFlag("enabled") != FALSE), user(section.GetText("userName")) {}
    bool enabled;
    mutable AnonymousUser user;
};

OsmiaSettings<Settings> settings_of;

class AnonymousAuthenticationModule final : public OsmiaHttpModule<AnonymousAuthenticationModule> {
public:
    REQUEST_NOTIFICATION_STATUS OnAuthenticateRequest(IHttpContext* pContext,
                                                      IAuthenticationProvider* pProvider) override {
        const Settings& settings = settings_of.get(osmia(*pContext));
        if (settings.enabled && pContext->GetUser() == nullptr) pProvider->SetUser(&settings.user);
        return RQ_NOTIFICATION_CONTINUE;
    }
};

}  // namespace

}  // namespace anonymous_authentication

HRESULT WINAPI RegisterModule(DWORD, IHttpModuleRegistrationInfo* pModuleInfo, IHttpServer* pServer) {
    namespace module = anonymous_authentication;
    const HRESULT opened = module::settings_of.open(
        pServer, pModuleInfo, "system.webServer/security/authentication/anonymousAuthentication");
    if (FAILED(opened)) return opened;
    // Only who has not shown who he is is anonymous, so every other method is asked first.
    pModuleInfo->SetPriorityForRequestNotification(RQ_AUTHENTICATE_REQUEST, PRIORITY_ALIAS_LAST);
    return OsmiaRegister<module::AnonymousAuthenticationModule>(pModuleInfo, RQ_AUTHENTICATE_REQUEST);
}
