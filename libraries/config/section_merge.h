/// \file
/// Puts one file's section on top of what is in force above it, checking it against the schema on the way.
#pragma once

#include <memory>

#include "config/diagnostic_sink.h"
#include "config/section_node.h"
#include "config/windows_path.h"
#include "config/xml_document.h"

namespace osmia::config {

/// What a merge reports to and whom it speaks for. Borrowed for the call.
struct MergeContext {
    const XmlDocument& document;
    DiagnosticSink& sink;
    int level = 0;          ///< of the file, see Lock
    bool warnings = true;   ///< whether attributes without effect yet are told
    bool shipped = false;   ///< the file is the shipped defaults, whose items the machine's file may replace
    const PathMappings* paths = nullptr;  ///< for paths of a Windows machine; null: none
};

/// The section \a element of a file merged onto \a base (null: nothing is set above). What is wrong is left out of the
/// result and reported, with IIS's numbers: an unknown name or bad value 0x8007000d, a duplicate key 0x800700b7, a locked
/// attribute, element or item 0x80070021. Rules: iis-config facts, section 3; `<clear/>` drops what came before it in
/// document order; removing what is not there is no error; adding beside a locked item is allowed.
std::shared_ptr<const SectionNode> merge_section(const ElementSchema& schema, const SectionNode* base,
                                                 const XmlElement& element, const MergeContext& context);

/// True when \a element (a section of \a schema) holds an add, remove or clear of any of its collections.
bool touches_collection(const ElementSchema& schema, const XmlElement& element);

}  // namespace osmia::config
