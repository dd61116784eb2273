/// \file
/// What is in force, value by value, each with the file and line it comes from: for tools and people.
#pragma once

#include <string>
#include <vector>

#include "config/section_set.h"

namespace osmia::config {

/// One attribute, or (attribute empty) one item of a collection.
struct EffectiveValue {
    std::string element;    ///< "system.webServer/defaultDocument/files/add[@value='a']"
    std::string attribute;  ///< "enabled"
    std::string value;      ///< as a file would hold it; of a secret: stars
    Place place;            ///< no file: the schema's default
    bool locked = false;    ///< deeper files must not change it

    /// "FILE:LINE" or "default".
    std::string origin() const;
};

/// Every attribute of a section (set or default) and every item of its collections, in effective order.
std::vector<EffectiveValue> effective_values(const SectionSet& sections, const SectionSchema& section);

/// A section as XML, as a file would have to hold it for the same effect: what is set, without the schema's defaults.
std::string section_xml(const SectionSet& sections, const SectionSchema& section);

/// "[@name='x']": how an item is told from the others; empty when it has no key.
std::string item_selector(const SectionNode& item);

}  // namespace osmia::config
