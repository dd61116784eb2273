#include "worker/module_host/section_adapter.h"

#include "config/section_set.h"

namespace osmia::worker {

namespace {

const config::ElementSchema NoElement;

const IOsmiaElement& nothing() {
    static const ElementAdapter element(NoElement, nullptr);
    return element;
}

// What stands for sections that no file mentions: one adapter per section, made when first asked for.
SectionAdapter& unmentioned(const config::SectionSchema& schema) {
    static std::vector<config::AttachmentSlot>* const slots =
        new std::vector<config::AttachmentSlot>(config::builtin_schema().sections().size());
    config::AttachmentSlot& slot = (*slots)[schema.index];
    config::SectionAttachment* found = slot.get();
    if (found == nullptr) found = &slot.keep(std::make_unique<SectionAdapter>(*schema.element, nullptr));
    return static_cast<SectionAdapter&>(*found);
}

}  // namespace

SharedContainer::~SharedContainer() {
    for (Entry* entry = first_.load(std::memory_order_acquire); entry != nullptr;) {
        Entry* const next = entry->next;
        entry->context->CleanupStoredContext();
        delete entry;
        entry = next;
    }
}

IHttpStoredContext* SharedContainer::GetModuleContext(HTTP_MODULE_ID moduleId) {
    for (Entry* entry = first_.load(std::memory_order_acquire); entry != nullptr; entry = entry->next) {
        if (entry->module == moduleId) return entry->context;
    }
    return nullptr;
}

HRESULT SharedContainer::SetModuleContext(IHttpStoredContext* pContext, HTTP_MODULE_ID moduleId) {
    constexpr DWORD AlreadyAssigned = 85;  // ERROR_ALREADY_ASSIGNED
    if (pContext == nullptr) return E_INVALIDARG;
    auto entry = std::make_unique<Entry>(Entry{moduleId, pContext, first_.load(std::memory_order_acquire)});
    do {
        if (GetModuleContext(moduleId) != nullptr) return HRESULT_FROM_WIN32(AlreadyAssigned);
    } while (!first_.compare_exchange_weak(entry->next, entry.get(), std::memory_order_acq_rel));
    entry.release();
    return S_OK;
}

ElementAdapter::ElementAdapter(const config::ElementSchema& schema, const config::SectionNode* node)
    : schema_(schema), node_(node) {
    for (std::size_t index = 0; index < schema.children.size(); ++index)
        children_.emplace_back(*schema.children[index], node == nullptr ? nullptr : node->children[index].get());
    if (node == nullptr) return;
    for (const auto& item : node->items) items_.emplace_back(*item->schema, item.get());
}

const config::Value& ElementAdapter::value(PCSTR attribute) const {
    static const config::Value none;
    const int index = attribute == nullptr ? -1 : schema_.attribute_index(attribute);
    if (index < 0) return none;
    const auto at = static_cast<std::size_t>(index);
    if (node_ != nullptr && node_->settings[at]) return node_->settings[at]->value;
    return schema_.attributes[at].default_value;
}

const IOsmiaElement& ElementAdapter::GetChild(PCSTR pszName) const {
    const int index = pszName == nullptr ? -1 : schema_.child_index(pszName);
    return index < 0 ? nothing() : children_[static_cast<std::size_t>(index)];
}

const IOsmiaElement& ElementAdapter::GetItem(DWORD dwIndex) const {
    return dwIndex < items_.size() ? items_[dwIndex] : nothing();
}

BOOL ElementAdapter::IsDelegated() const {
    return node_ != nullptr && node_->place.file != nullptr && node_->place.file->ends_with("/web.config");
}

IOsmiaSection& section_in_force(const config::EffectiveConfiguration& configuration, DWORD section) {
    const auto& schemas = config::builtin_schema().sections();
    const config::SectionSchema& schema = schemas[section < schemas.size() ? section : 0];
    const config::SectionNode* node =
        configuration.sections == nullptr ? nullptr : configuration.sections->state(schema).node.get();
    if (node == nullptr) return unmentioned(schema);
    config::SectionAttachment* found = node->attachment.get();
    if (found == nullptr) found = &node->attachment.keep(std::make_unique<SectionAdapter>(*node->schema, node));
    return static_cast<SectionAdapter&>(*found);
}

DWORD find_section(std::string_view path) {
    const config::SectionSchema* schema = config::builtin_schema().find(path);
    return schema == nullptr ? NoSection : static_cast<DWORD>(schema->index);
}

}  // namespace osmia::worker
