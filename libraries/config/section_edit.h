/// \file
/// Changes of sections in a file's text, by the schema.
#pragma once

#include <string>
#include <vector>

#include "config/change.h"
#include "config/section_set.h"
#include "config/xml_edit.h"

namespace osmia::config {

/// Where in a file a section stands.
struct SectionAddress {
    const SectionSchema* section = nullptr;
    std::string location;  ///< path of a `<location>`; empty: the file's own level
    bool server = false;   ///< it is applicationHost.config's own level, where the file's items replace the shipped ones
};

/// The element of a section in the file, or nothing.
std::optional<ElementHandle> find_section(const XmlEdit& edit, const SectionAddress& address);

/// Makes the changes. \a inherited is the section as it is in force at that path without them (null: nobody mentions it):
/// items that only levels above hold are removed by `<remove>` and changed by `<remove>` and `<add>`; at the server's level the
/// shipped items are written out first, because the file's own count instead of them.
///
/// NotFound: there is no such item. Busy: an item with this key exists. Invalid: a name or value that the schema does not know.
/// After an error \a edit may hold a part of the changes and must not be kept.
Result<void> apply_changes(XmlEdit& edit, const SectionAddress& address, const std::vector<Change>& changes,
                           const SectionNode* inherited);

/// Removes a section's element, with the groups and the location that held nothing else. NotFound: it is not there.
Result<void> remove_section(XmlEdit& edit, const SectionAddress& address);

/// Locks a section for files below \a address.location, or opens it to them: a `<location overrideMode>` around it.
Result<void> set_override_mode(XmlEdit& edit, const SectionAddress& address, const char* mode);

}  // namespace osmia::config
