/// \file
/// IOsmiaSection over a configuration section: what a module reads, and where it keeps what it made of it.
#pragma once

#include <osmia_host.h>

#include <atomic>
#include <deque>
#include <string_view>
#include <vector>

#include "config/effective_configuration.h"
#include "config/section_node.h"

namespace osmia::worker {

/// The section with a number from find_section(), as it is in force. Lives as long as \a configuration.
IOsmiaSection& section_in_force(const config::EffectiveConfiguration& configuration, DWORD section);

/// The number of a section by its path; ~0 when no schema has it.
inline constexpr DWORD NoSection = ~DWORD{0};
DWORD find_section(std::string_view path);

/// IHttpModuleContextContainer for few modules and many readers: a list that only grows, read without a lock.
class SharedContainer final : public IHttpModuleContextContainer {
public:
    SharedContainer() = default;
    SharedContainer(const SharedContainer&) = delete;
    SharedContainer& operator=(const SharedContainer&) = delete;
    virtual ~SharedContainer();

    IHttpStoredContext* GetModuleContext(HTTP_MODULE_ID moduleId) override;
    HRESULT SetModuleContext(IHttpStoredContext* ppStoredContext, HTTP_MODULE_ID moduleId) override;

private:
    struct Entry {
        HTTP_MODULE_ID module;
        IHttpStoredContext* context;
        Entry* next;
    };
    std::atomic<Entry*> first_ = nullptr;
};

/// One element, with its children and items made along with it. Points into the section's nodes.
class ElementAdapter final : public IOsmiaElement {
public:
    /// \a node may be null: every attribute then has its default.
    ElementAdapter(const config::ElementSchema& schema, const config::SectionNode* node);
    virtual ~ElementAdapter() = default;

    BOOL GetFlag(PCSTR pszAttribute) const override { return value(pszAttribute).number != 0; }
    LONGLONG GetNumber(PCSTR pszAttribute) const override { return value(pszAttribute).number; }
    PCSTR GetText(PCSTR pszAttribute) const override { return value(pszAttribute).text.c_str(); }
    const IOsmiaElement& GetChild(PCSTR pszName) const override;
    DWORD GetItemCount() const override { return static_cast<DWORD>(items_.size()); }
    const IOsmiaElement& GetItem(DWORD dwIndex) const override;
    BOOL IsDelegated() const override;

private:
    const config::Value& value(PCSTR attribute) const;

    const config::ElementSchema& schema_;
    const config::SectionNode* node_;
    std::deque<ElementAdapter> children_, items_;
};

/// A section. Attached to its node, or kept to the end of the process for sections that no file mentions.
class SectionAdapter final : public IOsmiaSection, public config::SectionAttachment {
public:
    SectionAdapter(const config::ElementSchema& schema, const config::SectionNode* node) : root_(schema, node) {}

    BOOL GetFlag(PCSTR pszAttribute) const override { return root_.GetFlag(pszAttribute); }
    LONGLONG GetNumber(PCSTR pszAttribute) const override { return root_.GetNumber(pszAttribute); }
    PCSTR GetText(PCSTR pszAttribute) const override { return root_.GetText(pszAttribute); }
    const IOsmiaElement& GetChild(PCSTR pszName) const override { return root_.GetChild(pszName); }
    DWORD GetItemCount() const override { return root_.GetItemCount(); }
    const IOsmiaElement& GetItem(DWORD dwIndex) const override { return root_.GetItem(dwIndex); }
    BOOL IsDelegated() const override { return root_.IsDelegated(); }
    IHttpModuleContextContainer* GetModuleContextContainer() override { return &contexts_; }

private:
    ElementAdapter root_;
    SharedContainer contexts_;
};

}  // namespace osmia::worker
