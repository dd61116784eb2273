/// \file
/// Nothing fails open: finds sections that would refuse or authenticate requests and that Osmia does not implement.
#pragma once

#include <string>
#include <vector>

#include "config/section_set.h"

namespace osmia::config {

/// A section in force that must not be ignored.
struct GuardFinding {
    const SectionSchema* section = nullptr;
    std::shared_ptr<const XmlDocument> document;
    std::uint32_t offset = 0;
    std::string message;
};

/// Every guard section whose content is not harmless. Harmless is what changes nothing for any request: the defaults, an
/// authentication method that is off, `sslFlags="None"`, an authorization that allows everyone. A section that a module
/// enforces is harmless wherever <modules> has that module.
std::vector<GuardFinding> guard_findings(const SectionSet& sections);

}  // namespace osmia::config
