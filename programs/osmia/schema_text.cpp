#include "osmia/schema_text.h"

#include <fmt/format.h>

#include <map>
#include <memory>
#include <vector>

#include "config/nearest_name.h"
#include "config/schema.h"
#include "config/value.h"
#include "config/xml_text.h"

namespace osmia::command {

using namespace config;

namespace {

std::string type_text(const AttributeSchema& attribute) {
    std::string names;
    for (const NamedNumber& one : attribute.names) names += (names.empty() ? "" : "|") + one.name;
    switch (attribute.type) {
        case ValueType::Bool: return "true|false";
        case ValueType::Enum: return names;
        case ValueType::Flags: return "any of " + names;
        case ValueType::UInt: return "number";
        case ValueType::Int: return "whole number";
        case ValueType::Int64: return "whole number";
        case ValueType::String: return attribute.path ? "path" : "text";
        case ValueType::TimeSpan: return "[days.]hours:minutes:seconds";
    }
    return {};
}

std::string bound(const AttributeSchema& attribute, std::int64_t number) { return format_value(attribute, Value{number, {}}); }

bool is_bounded(const AttributeSchema& attribute) {
    const bool number = attribute.type != ValueType::String && attribute.type != ValueType::Enum && attribute.type != ValueType::Flags &&
                        attribute.type != ValueType::Bool;
    const std::int64_t widest = attribute.type == ValueType::UInt ? 0xffffffff : INT64_MAX;
    return number && (attribute.minimum > 0 || attribute.maximum < widest || attribute.excluded_range);
}

std::string attribute_text(const AttributeSchema& attribute) {
    std::string text = fmt::format("{}: {}", attribute.name, type_text(attribute));
    if (attribute.has_default) text += fmt::format("; default \"{}\"", format_value(attribute, attribute.default_value));
    if (is_bounded(attribute)) {
        text += fmt::format("; {} {} to {}", attribute.excluded_range ? "not" : "from", bound(attribute, attribute.minimum), bound(attribute, attribute.maximum));
    }
    if (attribute.required) text += "; required";
    if (attribute.key) text += "; key";
    if (attribute.key_part) text += "; part of the key";
    if (attribute.case_sensitive && (attribute.key || attribute.key_part)) text += "; has case";
    if (attribute.expanded) text += "; %NAME% is replaced";
    if (attribute.secret) text += "; secret";
    if (attribute.later) text += "; no effect yet";
    return text;
}

void write_element(std::string& text, const ElementSchema& element, const std::string& indentation) {
    for (const AttributeSchema& attribute : element.attributes) text += indentation + attribute_text(attribute) + '\n';
    for (const auto& child : element.children) {
        if (child->holder) {
            text += fmt::format("{}<{}>: defaults for items\n", indentation, child->name);
            continue;
        }
        text += fmt::format("{}<{}>\n", indentation, child->name);
        write_element(text, *child, indentation + "  ");
    }
    if (!element.collection) return;
    const CollectionSchema& collection = *element.collection;
    std::string words = fmt::format("<{}>", collection.add);
    if (!collection.remove.empty()) words += fmt::format(" <{}>", collection.remove);
    if (!collection.clear.empty()) words += fmt::format(" <{}>", collection.clear);
    text += fmt::format("{}{}: a collection{}\n", indentation, words, collection.prepend ? ", own items before inherited ones" : "");
    write_element(text, *collection.item, indentation + "  ");
}

const char* status_text(const SectionSchema& section) {
    switch (section.status) {
        case SectionStatus::Works: return "";
        case SectionStatus::Later: return "; no effect yet";
        case SectionStatus::Lacking: return "; its module is not there: an error in a web.config";
        case SectionStatus::Guard: return "; not implemented, and where it would refuse a request the answer is 500.19";
    }
    return "";
}

void write_section(std::string& text, const SectionSchema& section) {
    const char* place = section.allow_definition == AllowDefinition::Machine       ? "applicationHost.config only"
                        : section.allow_definition == AllowDefinition::Application ? "applicationHost.config and applications' roots"
                                                                                   : "everywhere";
    text += fmt::format("{}\n  {}{}{}\n", section.path, place, section.override_allowed ? "" : "; locked for web.config", status_text(section));
    write_element(text, *section.element, "  ");
    text += '\n';
}

/// Writes the XSD. Groups become elements with what is in them in any order.
class XsdWriter {
public:
    std::string run() {
        for (const SectionSchema& section : builtin_schema().sections()) put(section);
        text_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" elementFormDefault=\"qualified\">\n";
        open("<xs:element name=\"configuration\">");
        open("<xs:complexType>");
        open("<xs:choice minOccurs=\"0\" maxOccurs=\"unbounded\">");
        open("<xs:element name=\"location\">");
        open("<xs:complexType>");
        open("<xs:choice minOccurs=\"0\" maxOccurs=\"unbounded\">");
        groups(root_);
        others();
        close("</xs:choice>");
        for (const char* name : {"path", "overrideMode", "allowOverride", "inheritInChildApplications"}) line(fmt::format("<xs:attribute name=\"{}\" type=\"xs:string\" />", name));
        close("</xs:complexType>");
        close("</xs:element>");
        groups(root_);
        others();
        close("</xs:choice>");
        line("<xs:anyAttribute processContents=\"skip\" />");
        close("</xs:complexType>");
        close("</xs:element>");
        return text_ + "</xs:schema>\n";
    }

private:
    struct Group {
        std::map<std::string, Group> groups;
        std::map<std::string, const SectionSchema*> sections;
    };

    void put(const SectionSchema& section) {
        Group* group = &root_;
        std::string_view path = section.path;
        for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/')) {
            group = &group->groups[std::string(path.substr(0, slash))];
            path.remove_prefix(slash + 1);
        }
        group->sections[std::string(path)] = &section;
    }

    void line(const std::string& text) { text_ += indentation_ + text + '\n'; }
    void open(const std::string& text) {
        line(text);
        indentation_ += "  ";
    }
    void close(const std::string& text) {
        indentation_.resize(indentation_.size() - 2);
        line(text);
    }

    /// appSettings, system.web and whatever else .NET has.
    void others() {
        for (const char* name : {"configSections", "appSettings", "connectionStrings", "system.web", "runtime", "system.serviceModel", "system.net",
                                 "system.diagnostics", "system.codedom", "system.data", "configProtectedData"}) {
            line(fmt::format("<xs:element name=\"{}\" type=\"xs:anyType\" />", name));
        }
    }

    void groups(const Group& group) {
        for (const auto& [name, below] : group.groups) {
            open(fmt::format("<xs:element name=\"{}\">", name));
            open("<xs:complexType>");
            open("<xs:choice minOccurs=\"0\" maxOccurs=\"unbounded\">");
            groups(below);
            close("</xs:choice>");
            close("</xs:complexType>");
            close("</xs:element>");
        }
        for (const auto& [name, section] : group.sections) {
            if (section->opaque) {
                line(fmt::format("<xs:element name=\"{}\" type=\"xs:anyType\" />", name));
            } else {
                element(*section->element, name, true);
            }
        }
    }

    void element(const ElementSchema& schema, const std::string& name, bool complete) {
        open(fmt::format("<xs:element name=\"{}\">", name));
        open("<xs:complexType>");
        if (!schema.children.empty() || schema.collection) {
            open("<xs:choice minOccurs=\"0\" maxOccurs=\"unbounded\">");
            for (const auto& child : schema.children) element(*child, child->name, !child->holder);
            if (schema.collection) collection(*schema.collection);
            close("</xs:choice>");
        }
        for (const AttributeSchema& one : schema.attributes) attribute(one, complete && !schema.holder);
        line("<xs:anyAttribute processContents=\"skip\" />");
        close("</xs:complexType>");
        close("</xs:element>");
    }

    void collection(const CollectionSchema& collection) {
        element(*collection.item, collection.add, true);
        if (!collection.remove.empty()) element(*collection.item, collection.remove, false);
        if (!collection.clear.empty()) line(fmt::format("<xs:element name=\"{}\" />", collection.clear));
    }

    void attribute(const AttributeSchema& attribute, bool complete) {
        const char* use = attribute.required && complete ? " use=\"required\"" : "";
        open(fmt::format("<xs:attribute name=\"{}\"{}>", attribute.name, use));
        line(fmt::format("<xs:annotation><xs:documentation>{}</xs:documentation></xs:annotation>", xml_escaped(attribute_text(attribute))));
        open("<xs:simpleType>");
        const bool names = attribute.type == ValueType::Enum || attribute.type == ValueType::Bool;
        open("<xs:restriction base=\"xs:string\">");
        if (attribute.type == ValueType::Enum) {
            for (const NamedNumber& one : attribute.names) line(fmt::format("<xs:enumeration value=\"{}\" />", one.name));
        } else if (names) {
            line("<xs:enumeration value=\"true\" />");
            line("<xs:enumeration value=\"false\" />");
        } else if (attribute.type == ValueType::UInt) {
            line("<xs:pattern value=\"[0-9]+|0[xX][0-9a-fA-F]+\" />");
        }
        close("</xs:restriction>");
        close("</xs:simpleType>");
        close("</xs:attribute>");
    }

    Group root_;
    std::string text_;
    std::string indentation_ = "  ";
};

}  // namespace

Result<std::string> schema_text(const std::string& name) {
    std::string text;
    std::vector<std::string> names;
    for (const SectionSchema& section : builtin_schema().sections()) {
        names.push_back(section.path);
        const bool below = section.path.starts_with(name + '/');
        if (name.empty() || below || section.path == name || section.path == "system.webServer/" + name || section.path == "system.applicationHost/" + name) {
            write_section(text, section);
        }
    }
    if (text.empty()) return make_error(ErrorKind::NotFound, "there is no section '{}'{}", name, suggestion("system.webServer/" + name, names));
    return text;
}

std::string schema_xsd() { return XsdWriter().run(); }

}  // namespace osmia::command
