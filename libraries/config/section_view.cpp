#include "config/section_view.h"

#include <algorithm>

#include "base/result.h"

namespace osmia::config {
namespace {

bool share_a_key(const SectionNode& left, const SectionNode& right) {
    const auto keys = item_keys(left);
    const auto others = item_keys(right);
    return std::find_first_of(keys.begin(), keys.end(), others.begin(), others.end()) != keys.end();
}

}  // namespace

SectionView& SectionView::then(const SectionNode* node) {
    if (node != nullptr) nodes_.push_back(node);
    return *this;
}

const Setting* SectionView::setting(std::string_view attribute) const {
    for (const SectionNode* node : nodes_) {
        if (const Setting* setting = node->setting(attribute)) return setting;
    }
    return nullptr;
}

const Value& SectionView::value(std::string_view attribute) const {
    if (const Setting* found = setting(attribute)) return found->value;
    const int index = schema_->attribute_index(attribute);
    OSMIA_CHECK(index >= 0, "code asks only for names that the schema has");
    return schema_->attributes[static_cast<std::size_t>(index)].default_value;
}

SectionView SectionView::child(std::string_view name) const {
    const int index = schema_->child_index(name);
    OSMIA_CHECK(index >= 0, "code asks only for names that the schema has");
    SectionView view(*schema_->children[static_cast<std::size_t>(index)]);
    for (const SectionNode* node : nodes_) view.then(node->child(name));
    return view;
}

std::vector<const SectionNode*> SectionView::items() const {
    std::vector<const SectionNode*> result;
    for (auto node = nodes_.rbegin(); node != nodes_.rend(); ++node) {
        if ((*node)->cleared) result.clear();
        for (const auto& item : (*node)->items) {
            std::erase_if(result, [&](const SectionNode* other) { return share_a_key(*item, *other); });
            result.push_back(item.get());
        }
    }
    return result;
}

}  // namespace osmia::config
