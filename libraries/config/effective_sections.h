/// \file
/// From the merged sections at a path to what a worker asks for. Internal to the library.
#pragma once

#include <optional>

#include "config/effective_configuration.h"
#include "config/section_set.h"

namespace osmia::config {

/// Fills the sections of \a result from \a sections. A section that is the same node as in \a above_sections is shared
/// with \a above (both may be null). Returns what makes the configuration unusable: a guard section that is not
/// harmless, a module that nothing provides, a managed module that would have to see every request.
std::optional<ConfigurationError> fill_sections(EffectiveConfiguration& result, const SectionSet& sections,
                                                const PoolConfiguration& pool, const EffectiveConfiguration* above,
                                                const SectionSet* above_sections);

/// The error that a page shows for a diagnostic.
ConfigurationError to_error(const Diagnostic& diagnostic);

}  // namespace osmia::config
