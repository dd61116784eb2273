/// \file
/// IScriptMapInfo over a <handlers> entry.
#pragma once

#include <osmia_host.h>

#include <string>

#include "config/effective_configuration.h"

namespace osmia::worker {

/// The handler of one request. Owns copies of the texts, so it does not depend on the configuration's life.
class HandlerAdapter final : public IScriptMapInfo {
public:
    explicit HandlerAdapter(const config::Handler& handler);
    virtual ~HandlerAdapter() = default;

    PCWSTR GetPath() const override { return path_.c_str(); }
    PCSTR GetAllowedVerbs() const override { return verbs_.c_str(); }
    PCWSTR GetModules(DWORD* pcchModules) const override { return sized(modules_, pcchModules); }
    PCWSTR GetScriptProcessor(DWORD* pcchProcessor) const override {
        return sized(processor_, pcchProcessor);
    }
    PCWSTR GetManagedType(DWORD* pcchType) const override { return sized(type_, pcchType); }
    BOOL GetAllowPathInfoForScriptMappings() const override { return allow_path_info_; }
    DWORD GetRequiredAccess() const override { return access_; }
    DWORD GetResourceType() const override { return resource_type_; }
    BOOL GetIsStarScriptMap() const override { return path_ == u"*"; }
    DWORD GetResponseBufferLimit() const override { return buffer_limit_; }
    PCWSTR GetName() const override { return name_.c_str(); }

private:
    static PCWSTR sized(const std::u16string& text, DWORD* length) {
        if (length != nullptr) *length = static_cast<DWORD>(text.size());
        return text.c_str();
    }

    std::u16string name_, path_, modules_, processor_, type_;
    std::string verbs_;
    BOOL allow_path_info_;
    DWORD access_, resource_type_, buffer_limit_;
};

}  // namespace osmia::worker
