#include "config/effective_values.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/value.h"
#include "config/xml_text.h"

namespace osmia::config {
namespace {

constexpr const char* hidden = "********";

bool is_named(const std::vector<Lock>& locks, const std::string& name) {
    return std::any_of(locks.begin(), locks.end(), [&](const Lock& lock) { return lock.name == name; });
}

/// Walks one section.
class ValueList {
public:
    std::vector<EffectiveValue> run(const ElementSchema& schema, const SectionNode* node, const std::string& path,
                                    bool locked) {
        walk(schema, node, path, locked);
        return std::move(values_);
    }

private:
    void walk(const ElementSchema& schema, const SectionNode* node, const std::string& path, bool locked) {
        for (std::size_t index = 0; index < schema.attributes.size(); ++index) {
            const AttributeSchema& attribute = schema.attributes[index];
            const auto* setting = node != nullptr && node->settings[index] ? &*node->settings[index] : nullptr;
            const Value& value = setting != nullptr ? setting->value : attribute.default_value;
            std::string text = format_value(attribute, value);
            if (attribute.secret && !text.empty()) text = hidden;
            const bool own_lock = node != nullptr && is_named(node->locked_attributes, attribute.name);
            values_.push_back({path, attribute.name, std::move(text), setting != nullptr ? setting->place : Place{},
                               locked || own_lock});
        }
        for (std::size_t index = 0; index < schema.children.size(); ++index) {
            const ElementSchema& child = *schema.children[index];
            const SectionNode* below = node != nullptr ? node->children[index].get() : nullptr;
            if (below == nullptr && child.holder) continue;
            const bool own_lock = node != nullptr && is_named(node->locked_elements, child.name);
            walk(child, below, path + '/' + child.name, locked || own_lock || (below != nullptr && below->locked));
        }
        if (node == nullptr) return;
        for (const auto& item : node->items) {
            const std::string at = path + '/' + item->schema->name + item_selector(*item);
            values_.push_back({at, {}, {}, item->place, locked || item->locked.has_value()});
            walk(*item->schema, item.get(), at, locked || item->locked.has_value());
        }
    }

    std::vector<EffectiveValue> values_;
};

/// One element and what is below it.
void write_xml(std::string& text, const SectionNode& node, const std::string& name, int depth) {
    const std::string indentation(static_cast<std::size_t>(depth) * 2, ' ');
    text += indentation + '<' + name;
    for (std::size_t index = 0; index < node.settings.size(); ++index) {
        if (!node.settings[index]) continue;
        const AttributeSchema& attribute = node.schema->attributes[index];
        std::string value = format_value(attribute, node.settings[index]->value);
        if (attribute.secret && !value.empty()) value = hidden;
        text += fmt::format(" {}=\"{}\"", attribute.name, xml_escaped(value));
    }
    const bool empty = node.items.empty() && std::none_of(node.children.begin(), node.children.end(), [](const auto& child) { return child != nullptr; });
    text += empty ? " />\n" : ">\n";
    if (empty) return;
    for (const auto& child : node.children) {
        if (child != nullptr) write_xml(text, *child, child->schema->name, depth + 1);
    }
    for (const auto& item : node.items) write_xml(text, *item, item->schema->name, depth + 1);
    text += indentation + "</" + name + ">\n";
}

}  // namespace

std::string section_xml(const SectionSet& sections, const SectionSchema& section) {
    std::string text;
    const SectionNode empty(*section.element);
    const SectionNode* node = sections.node(section.path);
    std::string close;
    std::string_view rest = section.path;
    int depth = 0;
    for (std::size_t slash = rest.find('/'); slash != std::string_view::npos; slash = rest.find('/')) {
        const std::string indentation(static_cast<std::size_t>(depth++) * 2, ' ');
        text += fmt::format("{}<{}>\n", indentation, rest.substr(0, slash));
        close = fmt::format("{}</{}>\n", indentation, rest.substr(0, slash)) + close;
        rest.remove_prefix(slash + 1);
    }
    write_xml(text, node != nullptr ? *node : empty, std::string(rest), depth);
    return text + close;
}

std::string EffectiveValue::origin() const {
    return place.file == nullptr ? "default" : fmt::format("{}:{}", *place.file, place.line);
}

std::string item_selector(const SectionNode& item) {
    std::string text;
    for (std::size_t index = 0; index < item.settings.size(); ++index) {
        const AttributeSchema& attribute = item.schema->attributes[index];
        if ((!attribute.key && !attribute.key_part) || !item.settings[index]) continue;
        const std::string value = format_value(attribute, item.settings[index]->value);
        const char quote = value.find('\'') == std::string::npos ? '\'' : '"';
        text += fmt::format("{}@{}={}{}{}", text.empty() ? "" : " and ", attribute.name, quote, value, quote);
    }
    return text.empty() ? text : '[' + text + ']';
}

std::vector<EffectiveValue> effective_values(const SectionSet& sections, const SectionSchema& section) {
    const SectionState& state = sections.state(section);
    return ValueList().run(*section.element, state.node.get(), section.path, state.denied.has_value());
}

}  // namespace osmia::config
