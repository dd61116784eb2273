/// \file
/// `osmia schema`: the sections that this version knows, as text for people or as an XML schema for editors.
#pragma once

#include <string>

#include "base/result.h"

namespace osmia::command {

/// Sections whose path is or begins with \a section (empty: all), one line for each attribute with type, default and limits.
/// NotFound: there is none.
Result<std::string> schema_text(const std::string& section);

/// An XSD 1.0 for applicationHost.config and web.config. What belongs to other software is allowed and not looked at.
std::string schema_xsd();

}  // namespace osmia::command
