#include "config/section_node.h"

#include <algorithm>

#include "base/result.h"

namespace osmia::config {
namespace {

std::string key_text(const AttributeSchema& attribute, const Value& value) {
    if (attribute.type != ValueType::String) return std::to_string(value.number);
    std::string text = value.text;
    if (attribute.case_sensitive) return text;
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return text;
}

std::size_t known_index(int index) {
    OSMIA_CHECK(index >= 0, "code asks only for names that the schema has");
    return static_cast<std::size_t>(index);
}

}  // namespace

const Setting* SectionNode::setting(std::string_view attribute) const {
    const auto& found = settings[known_index(schema->attribute_index(attribute))];
    return found ? &*found : nullptr;
}

const Value& SectionNode::value(std::string_view attribute) const {
    const std::size_t index = known_index(schema->attribute_index(attribute));
    return settings[index] ? settings[index]->value : schema->attributes[index].default_value;
}

const SectionNode* SectionNode::child(std::string_view name) const {
    return children[known_index(schema->child_index(name))].get();
}

std::vector<std::string> item_keys(const SectionNode& item) {
    std::vector<std::string> keys;
    std::string combined;
    bool has_parts = false;
    for (std::size_t index = 0; index < item.settings.size(); ++index) {
        const AttributeSchema& attribute = item.schema->attributes[index];
        const Value& value = item.settings[index] ? item.settings[index]->value : attribute.default_value;
        if (attribute.key && item.settings[index]) keys.push_back(attribute.name + '=' + key_text(attribute, value));
        if (!attribute.key_part) continue;
        has_parts = true;
        combined += key_text(attribute, value) + '\x1f';
    }
    if (has_parts) keys.push_back(std::move(combined));
    return keys;
}

}  // namespace osmia::config
