/// \file
/// The identity that HSE_REQ_EXEC_URL gives a child request.
#pragma once

#include <httpserv.h>

#include <atomic>
#include <string>

namespace isapi {

/// A name and a way of authentication, as the extension says them. Counted; made with one reference.
class ChildUser final : public IHttpUser {
public:
    ChildUser(std::u16string name, std::u16string type) : name_(std::move(name)), type_(std::move(type)) {}
    virtual ~ChildUser() = default;

    PCWSTR GetRemoteUserName() override { return text(name_); }
    PCWSTR GetUserName() override { return text(name_); }
    PCWSTR GetAuthenticationType() override { return text(type_); }
    PCWSTR GetPassword() override { return text(nothing_); }
    HANDLE GetImpersonationToken() override { return nullptr; }
    HANDLE GetPrimaryToken() override { return nullptr; }
    VOID ReferenceUser() override { references_.fetch_add(1, std::memory_order_relaxed); }
    VOID DereferenceUser() override {
        if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }
    BOOL SupportsIsInRole() override { return FALSE; }
    HRESULT IsInRole(PCWSTR, BOOL*) override { return E_NOTIMPL; }
    PVOID GetUserVariable(PCSTR) override { return nullptr; }

private:
    static PCWSTR text(const std::u16string& value) { return value.c_str(); }

    std::u16string name_, type_, nothing_;
    std::atomic<int> references_ = 1;
};

}  // namespace isapi
