/// \file
/// Fuzzes the editor of configuration files: the input's first line says what to change, the rest is the file.
///
/// Whatever the file, the text stays well-formed (the editor checks it), an attribute that was set reads back, and an element
/// that was added and removed again leaves nothing behind that the reader notices.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "config/change.h"
#include "config/section_edit.h"
#include "config/xml_edit.h"
#include "config/xml_text.h"

namespace {

using namespace osmia::config;

void edit_elements(XmlEdit edit, const std::string& value) {
    ElementHandle handle;
    for (int depth = 0; depth < 8; ++depth) {
        edit.set_attribute(handle, "x", value);
        if (edit.at(handle).find("x") == nullptr) std::abort();
        const std::size_t children = edit.at(handle).children.size();
        const ElementHandle first = edit.insert_child(handle, 0, "a", {{"k", value}});
        edit.append_child(handle, "b");
        edit.append_child(first, "c");
        edit.remove(first);
        if (edit.at(handle).children.size() != children + 1) std::abort();
        edit.remove_attribute(handle, "x");
        if (edit.at(handle).children.empty()) return;
        handle.push_back(0);
    }
}

void edit_sections(XmlEdit edit, const Change& change) {
    for (const char* path : {"system.applicationHost/sites", "system.webServer/defaultDocument", "system.webServer/handlers"}) {
        const SectionAddress address{builtin_schema().find(path), {}, true};
        if (!apply_changes(edit, address, {change}, nullptr).ok()) return;
        if (!set_override_mode(edit, address, "Allow").ok() || !find_section(edit, address)) std::abort();
        if (!remove_section(edit, address).ok()) std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const std::size_t line = std::min(text.find('\n'), text.size());
    const std::string words = text.substr(0, line);
    const auto change = parse_change(words, '=');
    (void)parse_change(words, ':');
    auto edit = XmlEdit::open(text.substr(std::min(line + 1, text.size())), "file");
    if (!edit.ok()) return 0;
    if (is_xml_text(words)) edit_elements(edit.value(), words);
    if (change.ok()) edit_sections(edit.value(), change.value());
    return 0;
}
