#include "config/pool_configuration.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "config/binding_information.h"
#include "config/machine_document.h"
#include "config/pool_elements.h"
#include "config/url_mapping.h"
#include "config/xml_text.h"

namespace osmia::config {
namespace {

/// "Site" and "/app" → "site/app"; "/" → "site".
std::string application_key(const SiteConfiguration& site, const Application& application) {
    return location_key(site.name + (application.path == "/" ? std::string() : application.path));
}

bool is_at_or_below(std::string_view path, std::string_view above) {
    return path == above || (path.size() > above.size() && path.starts_with(above) && path[above.size()] == '/');
}

/// Whether a location in a site (path in lower case) speaks for one of the pool's applications: in one, or above one.
bool concerns(const SiteConfiguration& site, const PoolConfiguration& pool, std::string_view path) {
    const std::string_view below = path.substr(std::min(path.find('/'), path.size()));
    const auto is_own = [&](const Application& application) {
        return equals_ignoring_case(application.application_pool, pool.name);
    };
    return is_own(*map_url(site, below).application) ||
           std::any_of(site.applications.begin(), site.applications.end(), [&](const Application& application) {
               return is_own(application) && is_at_or_below(application_key(site, application), path);
           });
}

/// Replaces every byte between two offsets of the chunk, but keeps line ends, so that places stay.
void blank(std::string& text, std::size_t begin, std::size_t end, char with) {
    for (std::size_t at = begin; at < std::min(end, text.size()); ++at) {
        if (text[at] != '\n') text[at] = with;
    }
}

void blank_comments(std::string& text) {
    for (std::size_t begin = text.find("<!--"); begin != std::string::npos; begin = text.find("<!--", begin)) {
        const std::size_t end = text.find("-->", begin + 4);
        blank(text, begin, end == std::string::npos ? text.size() : end + 3, ' ');
    }
}

void blank_secrets(std::string& text, const XmlElement& element, std::uint32_t origin) {
    for (const XmlAttribute& attribute : element.attributes) {
        if (!equals_ignoring_case(attribute.name, "password")) continue;
        const std::size_t begin = attribute.value_offset - origin;
        blank(text, begin, text.find(text[begin - 1], begin), '*');
    }
    for (const XmlElement& child : element.children) blank_secrets(text, child, origin);
}

/// An element of the original file, in its column, without comments and passwords.
std::string original_text(const XmlDocument& document, const XmlElement& element) {
    std::string text(document.text().substr(element.begin, element.end - element.begin));
    blank_secrets(text, element, element.begin);
    blank_comments(text);
    std::string indentation;
    const std::uint32_t line = document.line_begin(element.begin);
    for (const char c : document.text().substr(line, element.begin - line)) {
        const bool continuation = (static_cast<unsigned char>(c) & 0xc0) == 0x80;
        if (!continuation) indentation += c == '\t' ? '\t' : ' ';
    }
    return fmt::format("<?osmia-line {}?>\n{}{}\n", document.place(element.begin).line, indentation, text);
}

const char* mode_attribute(OverrideMode mode) {
    if (mode == OverrideMode::Allow) return " overrideMode=\"Allow\"";
    return mode == OverrideMode::Deny ? " overrideMode=\"Deny\"" : "";
}

/// What follows belongs to this file. A name that could end an instruction is left out: places then name another.
std::string file_instruction(const std::string& name) {
    return name.find("?>") == std::string::npos ? fmt::format("<?osmia-file {}?>\n", name) : std::string();
}

/// One section with the groups and the location around it.
std::string section_text(const XmlDocument& machine, const SectionUse& use) {
    std::string open;
    std::string close;
    std::string_view groups = use.section->path;
    for (std::size_t slash = groups.find('/'); slash != std::string_view::npos; slash = groups.find('/')) {
        const std::string_view group = groups.substr(0, slash);
        open += fmt::format("<{}>", group);
        close = fmt::format("</{}>", group) + close;
        groups.remove_prefix(slash + 1);
    }
    const LocationTag& location = *use.location;
    if (location.place.line != 0) {
        open = fmt::format("<?osmia-line {}?>\n<location path=\"{}\"{}{}>", location.place.line,
                           xml_escaped(location.path), mode_attribute(location.override_mode),
                           location.inherit_in_child_applications ? "" : " inheritInChildApplications=\"false\"") +
               open;
        close += "</location>";
    }
    const bool elsewhere = use.document.get() != &machine;
    if (elsewhere) open += '\n' + file_instruction(use.document->name());
    if (elsewhere) close += '\n' + file_instruction(machine.name());
    return open + '\n' + original_text(*use.document, *use.element) + close + '\n';
}

/// configSections, so that sections of other software are stepped over and locks are as declared.
std::string declarations_text(const XmlDocument& document) {
    std::string text;
    for (const XmlElement& child : document.root().children) {
        if (child.name == "configSections") text += original_text(document, child);
    }
    return text;
}

std::string locations_text(const ServerConfiguration& configuration, const PoolConfiguration& pool,
                           const SiteConfiguration& site) {
    const auto& locations = configuration.document->locations();
    const std::string key = location_key(site.name);
    std::string text;
    // "site" and "site/…" are neighbours but for names such as "site two", which sort between them.
    for (auto at = locations.lower_bound(key); at != locations.end() && at->first.starts_with(key); ++at) {
        if (!is_at_or_below(at->first, key) || !concerns(site, pool, at->first)) continue;
        for (const SectionUse& use : at->second) text += section_text(configuration.document->file().document(), use);
    }
    return text;
}

std::string sections_text(const ServerConfiguration& configuration, const PoolConfiguration& pool) {
    const ConfigurationFile& file = configuration.document->file();
    std::string text;
    for (const SectionUse* use : configuration.document->server_uses()) {
        if (!std::string_view(use->section->path).starts_with("system.webServer/")) continue;
        text += section_text(file.document(), *use);
    }
    for (const SiteConfiguration* site : sites_of(configuration, pool)) {
        text += locations_text(configuration, pool, *site);
    }
    return text;
}

}  // namespace

Result<std::string> write_pool_configuration(const ServerConfiguration& configuration, std::string_view name) {
    const PoolConfiguration* pool = configuration.find_pool(name);
    if (pool == nullptr) return make_error(ErrorKind::NotFound, "there is no application pool '{}'", name);
    std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + file_instruction(configuration.source);
    text += "<configuration>\n";
    text += declarations_text(configuration.document->file().document());
    text += pool_part_elements(configuration, *pool);
    text += sections_text(configuration, *pool);
    text += "</configuration>\n";
    return text;
}

}  // namespace osmia::config
