#include "config/schema.h"

#include <algorithm>

#include "config/embedded_files.h"

namespace osmia::config {

int ElementSchema::attribute_index(std::string_view attribute) const {
    for (std::size_t index = 0; index < attributes.size(); ++index) {
        if (attributes[index].name == attribute) return static_cast<int>(index);
    }
    return -1;
}

int ElementSchema::child_index(std::string_view child) const {
    for (std::size_t index = 0; index < children.size(); ++index) {
        if (children[index]->name == child) return static_cast<int>(index);
    }
    return -1;
}

std::vector<std::string> ElementSchema::attribute_names() const {
    std::vector<std::string> names;
    for (const AttributeSchema& attribute : attributes) names.push_back(attribute.name);
    return names;
}

std::vector<std::string> ElementSchema::element_names() const {
    std::vector<std::string> names;
    for (const auto& child : children) names.push_back(child->name);
    if (!collection) return names;
    for (const std::string* word : {&collection->add, &collection->remove, &collection->clear}) {
        if (!word->empty()) names.push_back(*word);
    }
    return names;
}

const SectionSchema* Schema::find(std::string_view path) const {
    for (const SectionSchema& section : sections_) {
        if (section.path == path) return &section;
    }
    return nullptr;
}

bool Schema::is_group(std::string_view path) const {
    return std::any_of(sections_.begin(), sections_.end(), [&](const SectionSchema& section) {
        return section.path.size() > path.size() && section.path[path.size()] == '/' &&
               std::string_view(section.path).starts_with(path);
    });
}

std::vector<std::string> Schema::names_below(std::string_view group) const {
    std::vector<std::string> names;
    for (const SectionSchema& section : sections_) {
        std::string_view rest = section.path;
        if (!group.empty()) {
            if (!rest.starts_with(group) || rest.size() <= group.size() || rest[group.size()] != '/') continue;
            rest.remove_prefix(group.size() + 1);
        }
        std::string name(rest.substr(0, rest.find('/')));
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
    }
    return names;
}

const Schema& builtin_schema() {
    static const Schema* const schema = [] {
        auto* made = new Schema;  // never freed: sections are pointed to until the process ends
        for (const EmbeddedFile& file : embedded_schemas()) {
            const auto added = made->add(file.text, file.name);
            OSMIA_CHECK(added.ok(), added.ok() ? "" : added.error().message.c_str());
        }
        return made;
    }();
    return *schema;
}

}  // namespace osmia::config
