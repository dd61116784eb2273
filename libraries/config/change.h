/// \file
/// One change of a configuration as a person types it, in IIS's own notation for paths into a section.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/xml_edit.h"

namespace osmia::config {

/// One step down from a section: into a named element, or into the collection's item with these attributes.
struct ChangeStep {
    std::string element;  ///< empty: an item
    AttributeList attributes;
};

struct Change {
    enum class Kind {
        Set,     ///< gives an attribute a value
        Reset,   ///< takes it out of the file, so that what is inherited counts
        Add,     ///< adds the item that the last step describes
        Remove,  ///< removes it
    };
    Kind kind = Kind::Set;
    std::vector<ChangeStep> steps;
    std::string attribute;  ///< of Set and Reset
    std::string value;      ///< of Set
    std::optional<std::size_t> position;  ///< of Add: before the item with this number; nothing: behind the last
};

/// Reads one change. \a separator stands between name and value: '=' for osmia, ':' for appcmd.
///
///     enabled=true                      clientCache.setEtag=false         ~clientCache.setEtag
///     [name='x'].image=y.so             +files.[value='index.php']        +files.[@start,value='index.php']
///     -files.[value='index.php']
///
/// Values in brackets stand in single or double quotes.
Result<Change> parse_change(std::string_view text, char separator);

}  // namespace osmia::config
