/// \file
/// Section schemas: which elements and attributes a section may have, of which type, with which default.
///
/// Schemas are data: text files in our own format (share/schema/README.md), compiled in for the shipped sections, so
/// that a module can bring one of its own. Trust: a schema file comes with the product or with an installed module.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace osmia::config {

enum class ValueType { Bool, Enum, Flags, UInt, Int, Int64, String, TimeSpan };

/// Extra rules for strings.
enum class TextRule { None, NotEmpty, PoolName, SiteName, ApplicationPath, VirtualDirectoryPath };

/// One parsed value: `text` of a String, `number` of everything else (TimeSpan: milliseconds; infinite_time for
/// "Infinite").
struct Value {
    std::int64_t number = 0;
    std::string text;

    bool operator==(const Value&) const = default;
};

inline constexpr std::int64_t infinite_time = INT64_MAX;

struct NamedNumber {
    std::string name;
    std::int64_t number = 0;
};

struct AttributeSchema {
    std::string name;
    ValueType type = ValueType::String;
    std::vector<NamedNumber> names;  ///< of Enum and Flags
    Value default_value;
    bool has_default = false;
    bool required = false;
    bool key = false;       ///< identifies the item alone
    bool key_part = false;  ///< identifies it together with the other parts
    bool case_sensitive = false;
    bool expanded = false;    ///< %VAR% is replaced
    bool path = false;        ///< Windows separators are turned into '/'
    bool secret = false;      ///< never shown
    bool infinite = false;    ///< "Infinite" is allowed
    bool later = false;       ///< accepted, without effect yet: a warning when set to anything but the default
    std::int64_t minimum = 0;  ///< numbers; TimeSpan in milliseconds
    std::int64_t maximum = 0;
    std::int64_t step = 0;        ///< TimeSpan: a multiple of this; 0: any
    bool excluded_range = false;  ///< minimum..maximum is what is not allowed
    TextRule rule = TextRule::None;
};

struct ElementSchema;

struct CollectionSchema {
    std::string add;     ///< the element names; remove and clear are empty where they do not exist
    std::string remove;
    std::string clear;
    bool prepend = false;     ///< a child level's items come before the inherited ones
    bool duplicates = false;  ///< equal keys are allowed
    std::string defaults;     ///< the sibling element that holds the items' defaults, or empty
    std::shared_ptr<const ElementSchema> item;
};

struct ElementSchema {
    std::string name;
    std::vector<AttributeSchema> attributes;
    std::vector<std::shared_ptr<const ElementSchema>> children;
    std::optional<CollectionSchema> collection;
    bool holder = false;  ///< holds defaults for items: nothing is required

    /// Indexes into the vectors above, or -1.
    int attribute_index(std::string_view attribute) const;
    int child_index(std::string_view child) const;
    /// Every attribute, child element and collection element name, for suggestions.
    std::vector<std::string> attribute_names() const;
    std::vector<std::string> element_names() const;
};

enum class SectionStatus {
    Works,    ///< implemented
    Later,    ///< accepted everywhere, changes nothing that a client must be able to rely on: a warning
    Lacking,  ///< its module is missing: a warning in the machine's file, an error in a web.config
    Guard,    ///< refuses or authenticates requests and is not implemented: where it would, the answer is 500.19
};

/// Where a section may stand.
enum class AllowDefinition { Everywhere, Machine, Application };

struct SectionSchema {
    std::string path;  ///< "system.webServer/security/access"
    SectionStatus status = SectionStatus::Works;
    AllowDefinition allow_definition = AllowDefinition::Everywhere;
    bool override_allowed = true;  ///< overrideModeDefault
    bool opaque = false;           ///< the content has no schema and is not looked at
    std::shared_ptr<const ElementSchema> element;
    std::size_t index = 0;
};

/// A set of sections. Immutable once read; safe to share between threads.
class Schema {
public:
    /// Adds the sections of a schema file. Invalid: \a text breaks the format; the message has \a name and the line.
    Result<void> add(std::string_view text, std::string_view name);

    const SectionSchema* find(std::string_view path) const;
    /// True when a section's path goes on below \a path ("system.webServer/security").
    bool is_group(std::string_view path) const;
    /// The names that may follow \a group ("" for the top), for suggestions.
    std::vector<std::string> names_below(std::string_view group) const;
    const std::vector<SectionSchema>& sections() const { return sections_; }

private:
    std::vector<SectionSchema> sections_;
};

/// The shipped sections. Lives to the end of the program.
const Schema& builtin_schema();

}  // namespace osmia::config
