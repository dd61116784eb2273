#include "config/section_merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "config/nearest_name.h"
#include "config/url_mapping.h"
#include "config/value.h"
#include "config/windows_path.h"

namespace osmia::config {
namespace {

using NodePointer = std::shared_ptr<const SectionNode>;

std::string shown(const Place& place) { return fmt::format("{}:{}", *place.file, place.line); }

/// Names of the XML machinery, which belong to other tools: "xmlns", "xmlns:x", "xml:space", "xdt:Transform".
bool is_foreign(std::string_view name) { return name == "xmlns" || name.find(':') != std::string_view::npos; }

const Lock* find_lock(const std::vector<Lock>& locks, std::string_view name, int level) {
    const auto found = std::find_if(locks.begin(), locks.end(),
                                    [&](const Lock& lock) { return lock.name == name && lock.level < level; });
    return found == locks.end() ? nullptr : &*found;
}

std::vector<std::string> split_names(std::string_view text) {
    std::vector<std::string> names;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        std::string_view name = text.substr(0, comma);
        while (name.starts_with(' ')) name.remove_prefix(1);
        while (name.ends_with(' ')) name.remove_suffix(1);
        if (!name.empty()) names.emplace_back(name);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return names;
}

bool is_collection_name(const ElementSchema& schema, std::string_view name) {
    return schema.collection && !name.empty() &&
           (name == schema.collection->add || name == schema.collection->remove || name == schema.collection->clear);
}

/// Merges one element and what is below it.
class ElementMerge {
public:
    ElementMerge(const ElementSchema& schema, const SectionNode* base, const XmlElement& element,
                 const MergeContext& context)
        : context_(context),
          element_(element),
          schema_(schema),
          node_(base != nullptr ? std::make_shared<SectionNode>(*base) : std::make_shared<SectionNode>(schema)) {}

    NodePointer run(bool complete) {
        node_->place = context_.document.place(element_.begin);
        node_->shipped = context_.shipped;
        for (const XmlAttribute& attribute : element_.attributes) read_attribute(attribute);
        if (element_.text_offset != 0) error(element_.text_offset, ErrorNumber::BadData, "text is not allowed here");
        inherited_ = std::exchange(node_->items, {});
        for (const XmlElement& child : element_.children) read_child(child);
        const bool prepend = schema_.collection && schema_.collection->prepend;
        auto& first = prepend ? added_ : inherited_;
        auto& second = prepend ? inherited_ : added_;
        node_->items = std::move(first);
        node_->items.insert(node_->items.end(), second.begin(), second.end());
        if (complete) check_required();
        return std::move(node_);
    }

private:
    void report(std::uint32_t offset, Severity severity, ErrorNumber number, std::string message) {
        context_.sink.add(context_.document.diagnostic(offset, severity, number, std::move(message)));
    }
    void error(std::uint32_t offset, ErrorNumber number, std::string message) {
        report(offset, Severity::Error, number, std::move(message));
    }
    void locked_error(std::uint32_t offset, std::string_view what, const Lock& lock) {
        error(offset, ErrorNumber::Locked, fmt::format("{} is locked at {}", what, shown(lock.place)));
    }

    // Attributes.

    void read_attribute(const XmlAttribute& attribute) {
        if (is_foreign(attribute.name)) return;
        if (read_lock(attribute)) return;
        const int index = schema_.attribute_index(attribute.name);
        if (index < 0) {
            return error(attribute.offset, ErrorNumber::BadData,
                         fmt::format("<{}> has no attribute '{}'{}", element_.name, attribute.name,
                                     suggestion(attribute.name, schema_.attribute_names())));
        }
        const AttributeSchema& schema = schema_.attributes[static_cast<std::size_t>(index)];
        if (const Lock* lock = find_lock(node_->locked_attributes, schema.name, context_.level)) {
            return locked_error(attribute.offset, fmt::format("the attribute '{}'", schema.name), *lock);
        }
        auto value = parse_value(schema, prepared(schema, attribute));
        if (!value.ok()) return error(attribute.value_offset, ErrorNumber::BadData, value.error().message);
        warn_if_later(schema, attribute, value.value());
        node_->settings[static_cast<std::size_t>(index)] =
            Setting{std::move(value).value(), context_.document.place(attribute.offset)};
    }

    /// The attribute's text with variables replaced and separators turned, as its schema wants.
    std::string prepared(const AttributeSchema& schema, const XmlAttribute& attribute) {
        std::vector<std::string> unset;
        std::string text = schema.expanded ? expand_variables(attribute.value, unset) : attribute.value;
        for (const std::string& name : unset) {
            report(attribute.value_offset, Severity::Warning, ErrorNumber::None,
                   fmt::format("the environment variable '{}' is not set, so %{}% stays as it is", name, name));
        }
        if (schema.secret && text.starts_with("[enc:")) {
            report(attribute.offset, Severity::Warning, ErrorNumber::None,
                   fmt::format("'{}' was encrypted on another machine and cannot be read here", schema.name));
        }
        return schema.path ? mapped(attribute.value, to_linux_path(text)) : text;
    }

    /// The place on this machine. %SystemDrive% stands for C: where that is mapped.
    std::string mapped(std::string_view written, std::string path) const {
        if (context_.paths == nullptr) return path;
        constexpr std::string_view drive = "%SystemDrive%";
        if (equals_ignoring_case(written.substr(0, drive.size()), drive)) {
            const std::string on_drive = "C:" + to_linux_path(written.substr(drive.size()));
            std::string found = context_.paths->apply(on_drive);
            return found == on_drive ? path : found;
        }
        return context_.paths->apply(std::move(path));
    }

    void warn_if_later(const AttributeSchema& schema, const XmlAttribute& attribute, const Value& value) {
        if (!schema.later || !context_.warnings || value == schema.default_value) return;
        report(attribute.offset, Severity::Warning, ErrorNumber::None,
               fmt::format("'{}' has no effect yet", schema.name));
    }

    // Locks.

    bool read_lock(const XmlAttribute& attribute) {
        // Asked for every attribute of every element: what is none of these must cost nothing.
        const std::string_view name = attribute.name;
        if (!name.starts_with("lock") && name != "configSource" && name != "childSource") return false;
        std::vector<std::string> attributes = schema_.attribute_names();
        std::vector<std::string> elements = schema_.element_names();
        if (attribute.name == "lockItem") {
            read_lock_item(attribute);
        } else if (attribute.name == "lockAttributes") {
            add_locks(node_->locked_attributes, attribute, attributes, false);
        } else if (attribute.name == "lockElements") {
            add_locks(node_->locked_elements, attribute, elements, false);
        } else if (attribute.name == "lockAllAttributesExcept") {
            add_locks(node_->locked_attributes, attribute, attributes, true);
        } else if (attribute.name == "lockAllElementsExcept") {
            add_locks(node_->locked_elements, attribute, elements, true);
        } else if (attribute.name == "configSource") {
            error(attribute.offset, ErrorNumber::BadData, "configSource may only stand on a section");
        } else if (attribute.name == "childSource") {
            error(attribute.offset, ErrorNumber::NotSupported,
                  fmt::format("childSource is not supported: put the content of <{}> here, or give its section a configSource",
                              element_.name));
        } else {
            return false;
        }
        return true;
    }

    void read_lock_item(const XmlAttribute& attribute) {
        AttributeSchema schema;
        schema.name = attribute.name;
        schema.type = ValueType::Bool;
        const auto value = parse_value(schema, attribute.value);
        if (!value.ok()) return error(attribute.value_offset, ErrorNumber::BadData, value.error().message);
        if (value.value().number == 0 || node_->locked) return;
        node_->locked = Lock{{}, context_.level, context_.document.place(attribute.offset)};
    }

    void add_locks(std::vector<Lock>& locks, const XmlAttribute& attribute, const std::vector<std::string>& known,
                   bool all_except) {
        const std::vector<std::string> given = split_names(attribute.value);
        const auto is_given = [&](const std::string& name) {
            return std::find(given.begin(), given.end(), name) != given.end();
        };
        for (const std::string& name : given) {
            if (name == "*" || std::find(known.begin(), known.end(), name) != known.end()) continue;
            error(attribute.value_offset, ErrorNumber::BadData,
                  fmt::format("'{}' is nothing that <{}> can lock{}", name, element_.name, suggestion(name, known)));
        }
        for (const std::string& name : known) {
            if (all_except ? is_given(name) : !is_given(name) && !is_given("*")) continue;
            locks.push_back({name, context_.level, context_.document.place(attribute.offset)});
        }
    }

    // Child elements.

    void read_child(const XmlElement& child) {
        if (is_foreign(child.name)) return;
        const int index = schema_.child_index(child.name);
        if (index < 0 && !is_collection_name(schema_, child.name)) {
            return error(child.begin, ErrorNumber::BadData,
                         fmt::format("<{}> has no element <{}>{}", element_.name, child.name,
                                     suggestion(child.name, schema_.element_names())));
        }
        if (const Lock* lock = find_lock(node_->locked_elements, child.name, context_.level)) {
            return locked_error(child.begin, fmt::format("the element <{}>", child.name), *lock);
        }
        if (index >= 0) return merge_child(child, static_cast<std::size_t>(index));
        if (child.name == schema_.collection->add) return add_item(child);
        if (child.name == schema_.collection->remove) return remove_item(child);
        clear_items(child);
    }

    void merge_child(const XmlElement& child, std::size_t index) {
        if (!mentioned_.insert(index).second) {
            return error(child.begin, ErrorNumber::Duplicate,
                         fmt::format("<{}> stands twice in <{}>", child.name, element_.name));
        }
        const SectionNode* inherited = node_->children[index].get();
        if (inherited != nullptr && inherited->locked && inherited->locked->level < context_.level) {
            return locked_error(child.begin, fmt::format("the element <{}>", child.name), *inherited->locked);
        }
        const ElementSchema& schema = *schema_.children[index];
        node_->children[index] = ElementMerge(schema, inherited, child, context_).run(!schema.holder);
    }

    // The collection.

    using KeyMap = std::unordered_map<std::string, NodePointer>;

    /// The keys in use. Made when first needed.
    KeyMap& keys() {
        if (!keys_made_) {
            for (const NodePointer& item : inherited_) register_keys(item);
            keys_made_ = true;
        }
        return keys_;
    }
    void register_keys(const NodePointer& item) {
        for (std::string& key : item_keys(*item)) keys_.emplace(std::move(key), item);
    }

    NodePointer find_item(const SectionNode& like) {
        for (const std::string& key : item_keys(like)) {
            const auto found = keys().find(key);
            if (found != keys().end()) return found->second;
        }
        return nullptr;
    }

    void add_item(const XmlElement& child) {
        NodePointer item = ElementMerge(*schema_.collection->item, nullptr, child, context_).run(true);
        if (!is_complete(*item)) return;  // reported
        const NodePointer twin = schema_.collection->duplicates ? nullptr : find_item(*item);
        if (twin != nullptr && twin->shipped && !context_.shipped && context_.level == 0) {
            erase_item(twin);
        } else if (twin != nullptr) {
            const bool same_file = *twin->place.file == *item->place.file;
            return error(child.begin, ErrorNumber::Duplicate,
                         fmt::format("<{}> {} exists already, at {}{}", child.name, describe_key(*item),
                                     shown(twin->place), same_file ? "" : "; <remove> it first"));
        }
        keys();
        register_keys(item);
        added_.push_back(std::move(item));
    }

    static bool is_complete(const SectionNode& item) {
        for (std::size_t index = 0; index < item.settings.size(); ++index) {
            if (item.schema->attributes[index].required && !item.settings[index]) return false;
        }
        return true;
    }

    std::string describe_key(const SectionNode& item) const {
        std::string text;
        for (std::size_t index = 0; index < item.settings.size(); ++index) {
            const AttributeSchema& attribute = item.schema->attributes[index];
            if ((!attribute.key && !attribute.key_part) || !item.settings[index]) continue;
            if (!text.empty()) text += ' ';
            text += fmt::format("{}=\"{}\"", attribute.name, format_value(attribute, item.settings[index]->value));
        }
        return text;
    }

    void remove_item(const XmlElement& child) {
        const NodePointer like = ElementMerge(*schema_.collection->item, nullptr, child, context_).run(false);
        if (item_keys(*like).empty()) {
            return error(child.begin, ErrorNumber::BadData, fmt::format("<{}> does not name an item", child.name));
        }
        const NodePointer item = find_item(*like);
        if (item == nullptr) return;
        if (item->locked && item->locked->level < context_.level) {
            return locked_error(child.begin, fmt::format("the item {}", describe_key(*item)), *item->locked);
        }
        erase_item(item);
    }

    void erase_item(const NodePointer& item) {
        for (const std::string& key : item_keys(*item)) keys_.erase(key);
        std::erase(inherited_, item);
        std::erase(added_, item);
    }

    void clear_items(const XmlElement& child) {
        for (const NodePointer& item : inherited_) {
            if (!item->locked || item->locked->level >= context_.level) continue;
            return locked_error(child.begin, fmt::format("the item {}", describe_key(*item)), *item->locked);
        }
        inherited_.clear();
        added_.clear();
        keys_.clear();
        keys_made_ = true;
        node_->cleared = true;
    }

    void check_required() {
        for (std::size_t index = 0; index < node_->settings.size(); ++index) {
            const AttributeSchema& attribute = schema_.attributes[index];
            if (!attribute.required || node_->settings[index] || element_.find(attribute.name) != nullptr) continue;
            error(element_.begin, ErrorNumber::BadData,
                  fmt::format("<{}> needs the attribute '{}'", element_.name, attribute.name));
        }
    }

    const MergeContext& context_;
    const XmlElement& element_;
    const ElementSchema& schema_;
    std::shared_ptr<SectionNode> node_;
    std::vector<NodePointer> inherited_;
    std::vector<NodePointer> added_;
    std::set<std::size_t> mentioned_;
    KeyMap keys_;
    bool keys_made_ = false;
};

}  // namespace

NodePointer merge_section(const ElementSchema& schema, const SectionNode* base, const XmlElement& element,
                          const MergeContext& context) {
    return ElementMerge(schema, base, element, context).run(!schema.holder);
}

bool touches_collection(const ElementSchema& schema, const XmlElement& element) {
    return std::any_of(element.children.begin(), element.children.end(), [&](const XmlElement& child) {
        if (is_collection_name(schema, child.name)) return true;
        const int index = schema.child_index(child.name);
        return index >= 0 && touches_collection(*schema.children[static_cast<std::size_t>(index)], child);
    });
}

}  // namespace osmia::config
