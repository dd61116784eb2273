#include "config/section_edit.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/nearest_name.h"
#include "config/section_merge.h"
#include "config/url_mapping.h"
#include "config/value.h"
#include "config/xml_text.h"

namespace osmia::config {
namespace {

/// The only path of a location tag, without slashes at its ends; "" for ".", "*" for a list, which is never edited.
std::string path_of(const XmlElement& location) {
    const XmlAttribute* attribute = location.find("path");
    std::string path = attribute == nullptr ? "" : attribute->value;
    if (path.find(',') != std::string::npos) return "*";
    std::replace(path.begin(), path.end(), '\\', '/');
    while (path.ends_with('/')) path.pop_back();
    while (path.starts_with('/')) path.erase(0, 1);
    return path == "." ? std::string() : path;
}

std::optional<std::size_t> child_named(const XmlElement& element, std::string_view name) {
    for (std::size_t index = 0; index < element.children.size(); ++index) {
        if (element.children[index].name == name) return index;
    }
    return std::nullopt;
}

/// How far a section's path leads below an element; the handle grows with it. True when all of it is there.
bool descend(const XmlEdit& edit, ElementHandle& handle, std::string_view& path) {
    while (!path.empty()) {
        const std::size_t slash = std::min(path.find('/'), path.size());
        const auto child = child_named(edit.at(handle), path.substr(0, slash));
        if (!child) return false;
        handle.push_back(*child);
        path.remove_prefix(std::min(slash + 1, path.size()));
    }
    return true;
}

/// The element that holds the sections of a location: the root for none.
std::vector<ElementHandle> holders(const XmlEdit& edit, const std::string& location) {
    std::vector<ElementHandle> list;
    if (location.empty()) list.emplace_back();
    for (std::size_t index = 0; index < edit.root().children.size(); ++index) {
        const XmlElement& child = edit.root().children[index];
        if (child.name == "location" && equals_ignoring_case(path_of(child), location)) list.push_back({index});
    }
    return list;
}

bool is_plain(const XmlElement& location) {
    return std::all_of(location.attributes.begin(), location.attributes.end(),
                       [](const XmlAttribute& attribute) { return attribute.name == "path"; });
}

/// Makes the groups that are missing and the section.
ElementHandle make_below(XmlEdit& edit, ElementHandle handle, std::string_view path) {
    descend(edit, handle, path);
    while (!path.empty()) {
        const std::size_t slash = std::min(path.find('/'), path.size());
        handle = edit.append_child(handle, std::string(path.substr(0, slash)));
        path.remove_prefix(std::min(slash + 1, path.size()));
    }
    return handle;
}

ElementHandle find_or_make(XmlEdit& edit, const SectionAddress& address) {
    if (auto found = find_section(edit, address)) return *found;
    if (address.location.empty()) return make_below(edit, {}, address.section->path);
    for (const ElementHandle& holder : holders(edit, address.location)) {
        if (is_plain(edit.at(holder))) return make_below(edit, holder, address.section->path);
    }
    const ElementHandle location = edit.append_child({}, "location", {{"path", address.location}});
    return make_below(edit, location, address.section->path);
}

bool is_lock(std::string_view name) {
    constexpr std::string_view locks[] = {"lockItem", "lockAttributes", "lockElements", "lockAllAttributesExcept", "lockAllElementsExcept"};
    return std::find(std::begin(locks), std::end(locks), name) != std::end(locks);
}

Result<void> check_text(const Change& change) {
    bool good = is_xml_text(change.value);
    for (const ChangeStep& step : change.steps) {
        for (const auto& [name, value] : step.attributes) {
            good = good && is_xml_text(value);
            const auto same = [&](const auto& other) { return other.first == name; };
            if (std::count_if(step.attributes.begin(), step.attributes.end(), same) > 1) {
                return make_error(ErrorKind::Invalid, "'{}' is given twice", name);
            }
        }
    }
    if (!good) return make_error(ErrorKind::Invalid, "a value is not UTF-8 text, or has control characters");
    return {};
}

/// Whether an attribute's text and another are one value, as keys compare.
bool is_same_value(const AttributeSchema& schema, std::string_view text, std::string_view other) {
    const auto left = parse_value(schema, text);
    const auto right = parse_value(schema, other);
    if (!left.ok() || !right.ok()) return text == other;
    if (schema.type != ValueType::String) return left.value().number == right.value().number;
    return schema.case_sensitive ? text == other : equals_ignoring_case(text, other);
}

std::string shown(const AttributeList& attributes) {
    std::string text;
    for (const auto& [name, value] : attributes) text += fmt::format("{}{}='{}'", text.empty() ? "[" : ",", name, value);
    return text + ']';
}

/// Applies changes below one section.
class SectionChanges {
public:
    SectionChanges(XmlEdit& edit, bool server) : edit_(edit), server_(server) {}

    Result<void> apply(const ElementHandle& section, const ElementSchema& schema, const SectionNode* inherited,
                       const Change& change) {
        OSMIA_TRY_VOID(check_text(change));
        handle_ = section;
        schema_ = &schema;
        node_ = inherited;
        const bool item = change.kind == Change::Kind::Add || change.kind == Change::Kind::Remove;
        const std::size_t steps = change.steps.size() - (item ? 1 : 0);
        for (std::size_t step = 0; step < steps; ++step) OSMIA_TRY_VOID(take(change.steps[step], change.kind));
        if (done_) return {};
        switch (change.kind) {
            case Change::Kind::Set: return set(change);
            case Change::Kind::Reset: return reset(change);
            case Change::Kind::Add: return add(change);
            case Change::Kind::Remove: return remove(change.steps.back().attributes);
        }
        return {};
    }

private:
    Result<void> take(const ChangeStep& step, Change::Kind kind) {
        if (done_) return {};
        return step.element.empty() ? take_item(step.attributes) : take_child(step.element, kind);
    }

    Result<void> take_child(const std::string& name, Change::Kind kind) {
        const int index = schema_->child_index(name);
        if (index < 0) {
            return make_error(ErrorKind::Invalid, "<{}> has no element <{}>{}", schema_->name, name,
                              suggestion(name, schema_->element_names()));
        }
        schema_ = schema_->children[static_cast<std::size_t>(index)].get();
        node_ = node_ == nullptr ? nullptr : node_->children[static_cast<std::size_t>(index)].get();
        if (const auto child = child_named(edit_.at(handle_), name)) {
            handle_.push_back(*child);
        } else if (kind == Change::Kind::Reset) {
            done_ = true;
        } else {
            handle_ = edit_.append_child(handle_, name);
        }
        return {};
    }

    Result<void> check_collection() const {
        if (schema_->collection) return {};
        return make_error(ErrorKind::Invalid, "<{}> holds no collection", schema_->name);
    }

    Result<void> check_names(const AttributeList& attributes) const {
        const ElementSchema& item = *schema_->collection->item;
        for (const auto& [name, value] : attributes) {
            const int index = item.attribute_index(name);
            if (is_lock(name)) continue;
            if (index < 0) {
                return make_error(ErrorKind::Invalid, "<{}> has no attribute '{}'{}", item.name, name,
                                  suggestion(name, item.attribute_names()));
            }
        }
        return {};
    }

    /// The number of the child that has all these attributes.
    std::optional<std::size_t> find_item(const AttributeList& attributes) const {
        const XmlElement& element = edit_.at(handle_);
        const ElementSchema& item = *schema_->collection->item;
        for (std::size_t index = 0; index < element.children.size(); ++index) {
            if (element.children[index].name == schema_->collection->add && matches(element.children[index], item, attributes)) {
                return index;
            }
        }
        return std::nullopt;
    }

    static bool matches(const XmlElement& element, const ElementSchema& schema, const AttributeList& attributes) {
        return std::all_of(attributes.begin(), attributes.end(), [&](const auto& wanted) {
            const int index = schema.attribute_index(wanted.first);
            if (index < 0) return false;
            const AttributeSchema& attribute = schema.attributes[static_cast<std::size_t>(index)];
            const XmlAttribute* written = element.find(wanted.first);
            const std::string text = written != nullptr ? written->value : format_value(attribute, attribute.default_value);
            return is_same_value(attribute, text, wanted.second);
        });
    }

    const SectionNode* find_inherited(const AttributeList& attributes) const {
        if (node_ == nullptr) return nullptr;
        for (const auto& item : node_->items) {
            const bool same = std::all_of(attributes.begin(), attributes.end(), [&](const auto& wanted) {
                const int index = item->schema->attribute_index(wanted.first);
                if (index < 0) return false;
                const AttributeSchema& attribute = item->schema->attributes[static_cast<std::size_t>(index)];
                return is_same_value(attribute, format_value(attribute, item->value(wanted.first)), wanted.second);
            });
            if (same) return item.get();
        }
        return nullptr;
    }

    /// What a file would hold of an item: all attributes, or its keys alone.
    static AttributeList written(const SectionNode& item, bool keys_only) {
        AttributeList list;
        for (std::size_t index = 0; index < item.settings.size(); ++index) {
            const AttributeSchema& attribute = item.schema->attributes[index];
            if (!item.settings[index] || (keys_only && !attribute.key && !attribute.key_part)) continue;
            list.emplace_back(attribute.name, format_value(attribute, item.settings[index]->value));
        }
        if (!keys_only && item.locked) list.emplace_back("lockItem", "true");
        return list;
    }

    /// Shipped items count only while the file says nothing of the collection: from now on they stand in the file.
    void write_out_shipped() {
        if (!server_ || node_ == nullptr || touches_collection(*schema_, edit_.at(handle_))) return;
        if (node_->items.empty() || !node_->items.front()->shipped) return;
        // MIME types of the file join the shipped ones.
        if (schema_->collection->add == "mimeMap") return;
        for (const auto& item : node_->items) edit_.append_child(handle_, item->schema->name, written(*item, false));
    }

    Error no_item(const AttributeList& attributes) const {
        return make_error(ErrorKind::NotFound, "<{}> has no <{}> {}", schema_->name, schema_->collection->add, shown(attributes));
    }

    Result<void> take_item(const AttributeList& attributes) {
        OSMIA_TRY_VOID(check_collection());
        OSMIA_TRY_VOID(check_names(attributes));
        write_out_shipped();
        auto index = find_item(attributes);
        if (!index) {
            const SectionNode* inherited = find_inherited(attributes);
            if (inherited == nullptr) return no_item(attributes);
            if (schema_->collection->remove.empty()) return no_item(attributes);
            edit_.append_child(handle_, schema_->collection->remove, written(*inherited, true));
            index = edit_.append_child(handle_, schema_->collection->add, written(*inherited, false)).back();
        }
        handle_.push_back(*index);
        schema_ = schema_->collection->item.get();
        node_ = nullptr;
        return {};
    }

    Result<const AttributeSchema*> attribute_of(const std::string& name) const {
        const int index = schema_->attribute_index(name);
        if (index >= 0) return &schema_->attributes[static_cast<std::size_t>(index)];
        return make_error(ErrorKind::Invalid, "<{}> has no attribute '{}'{}", schema_->name, name,
                          suggestion(name, schema_->attribute_names()));
    }

    Result<void> set(const Change& change) {
        if (!is_lock(change.attribute)) {
            const AttributeSchema* attribute = OSMIA_TRY(attribute_of(change.attribute));
            const auto value = parse_value(*attribute, change.value);
            if (!value.ok()) return value.error();
        }
        edit_.set_attribute(handle_, change.attribute, change.value);
        return {};
    }

    Result<void> reset(const Change& change) {
        if (!is_lock(change.attribute)) OSMIA_TRY_VOID(attribute_of(change.attribute));
        edit_.remove_attribute(handle_, change.attribute);
        return {};
    }

    Result<void> add(const Change& change) {
        const AttributeList& attributes = change.steps.back().attributes;
        OSMIA_TRY_VOID(check_collection());
        OSMIA_TRY_VOID(check_names(attributes));
        for (const auto& [name, value] : attributes) {
            const int index = schema_->collection->item->attribute_index(name);
            if (index < 0) continue;
            const auto parsed = parse_value(schema_->collection->item->attributes[static_cast<std::size_t>(index)], value);
            if (!parsed.ok()) return parsed.error();
        }
        write_out_shipped();
        for (const AttributeList& key : keys_of(attributes)) {
            const SectionNode* inherited = find_inherited(key);
            if (!find_item(key) && (inherited == nullptr || (server_ && inherited->shipped))) continue;
            return make_error(ErrorKind::Busy, "<{}> has the <{}> {} already", schema_->name, schema_->collection->add, shown(key));
        }
        handle_ = edit_.insert_child(handle_, place_of(change), schema_->collection->add, attributes);
        return {};
    }

    /// What must be unique in the collection: each key alone, the parts of a combined key together.
    std::vector<AttributeList> keys_of(const AttributeList& attributes) const {
        std::vector<AttributeList> keys;
        AttributeList combined;
        if (schema_->collection->duplicates) return keys;
        for (const AttributeSchema& attribute : schema_->collection->item->attributes) {
            const auto given = std::find_if(attributes.begin(), attributes.end(), [&](const auto& one) { return one.first == attribute.name; });
            if (attribute.key && given != attributes.end()) keys.push_back({*given});
            if (!attribute.key_part) continue;
            combined.emplace_back(attribute.name, given != attributes.end() ? given->second : format_value(attribute, attribute.default_value));
        }
        if (!combined.empty()) keys.push_back(std::move(combined));
        return keys;
    }

    /// The child number for the item with a given number.
    std::size_t place_of(const Change& change) const {
        const XmlElement& element = edit_.at(handle_);
        std::size_t items = 0;
        for (std::size_t index = 0; change.position && index < element.children.size(); ++index) {
            if (element.children[index].name != schema_->collection->add) continue;
            if (items++ == *change.position) return index;
        }
        return element.children.size();
    }

    Result<void> remove(const AttributeList& attributes) {
        OSMIA_TRY_VOID(check_collection());
        OSMIA_TRY_VOID(check_names(attributes));
        write_out_shipped();
        if (const auto index = find_item(attributes)) {
            ElementHandle item = handle_;
            item.push_back(*index);
            edit_.remove(item);
            return {};
        }
        const SectionNode* inherited = find_inherited(attributes);
        if (inherited == nullptr || schema_->collection->remove.empty()) return no_item(attributes);
        edit_.append_child(handle_, schema_->collection->remove, written(*inherited, true));
        return {};
    }

    XmlEdit& edit_;
    bool server_;
    ElementHandle handle_;
    const ElementSchema* schema_ = nullptr;
    const SectionNode* node_ = nullptr;
    bool done_ = false;
};

}  // namespace

std::optional<ElementHandle> find_section(const XmlEdit& edit, const SectionAddress& address) {
    for (const ElementHandle& holder : holders(edit, address.location)) {
        ElementHandle handle = holder;
        std::string_view path = address.section->path;
        if (descend(edit, handle, path)) return handle;
    }
    return std::nullopt;
}

Result<void> apply_changes(XmlEdit& edit, const SectionAddress& address, const std::vector<Change>& changes,
                           const SectionNode* inherited) {
    if (!is_xml_text(address.location)) return make_error(ErrorKind::Invalid, "the path is not UTF-8 text");
    if (address.section->opaque) {
        return make_error(ErrorKind::Invalid, "<{}> has no schema in this version, so it can only be edited by hand",
                          address.section->path);
    }
    const ElementHandle section = find_or_make(edit, address);
    if (const XmlAttribute* source = edit.at(section).find("configSource")) {
        return make_error(ErrorKind::Invalid, "<{}> stands in the file '{}' (configSource): edit that file",
                          address.section->path, source->value);
    }
    for (const Change& change : changes) {
        OSMIA_TRY_VOID(SectionChanges(edit, address.server).apply(section, *address.section->element, inherited, change));
    }
    return {};
}

Result<void> remove_section(XmlEdit& edit, const SectionAddress& address) {
    auto handle = find_section(edit, address);
    if (!handle) return make_error(ErrorKind::NotFound, "<{}> does not stand there", address.section->path);
    edit.remove(*handle);
    for (handle->pop_back(); !handle->empty() && edit.at(*handle).children.empty(); handle->pop_back()) edit.remove(*handle);
    return {};
}

Result<void> set_override_mode(XmlEdit& edit, const SectionAddress& address, const char* mode) {
    if (!is_xml_text(address.location)) return make_error(ErrorKind::Invalid, "the path is not UTF-8 text");
    ElementHandle handle = find_or_make(edit, address);
    if (handle.size() > 0 && edit.at({handle.front()}).name == "location") {
        const XmlElement& section = edit.at(handle);
        const XmlElement& location = edit.at({handle.front()});
        // A location with other sections in it keeps its own mode; this one gets a tag of its own.
        const XmlElement* only = &location;
        while (only->children.size() == 1 && only != &section) only = &only->children.front();
        if (only == &section) {
            edit.remove_attribute({handle.front()}, "allowOverride");
            edit.set_attribute({handle.front()}, "overrideMode", mode);
            return {};
        }
    }
    // The section's content moves into the new tag as it stands.
    const XmlElement& section = edit.at(handle);
    const std::string content(edit.document().text().substr(section.begin, section.end - section.begin));
    OSMIA_TRY_VOID(remove_section(edit, address));
    AttributeList attributes{{"path", address.location}, {"overrideMode", mode}};
    const ElementHandle location = edit.append_child({}, "location", attributes);
    const ElementHandle made = make_below(edit, location, address.section->path);
    edit.replace(made, content);
    return {};
}

}  // namespace osmia::config
