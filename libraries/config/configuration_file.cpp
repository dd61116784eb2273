#include "config/configuration_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "config/nearest_name.h"
#include "config/url_mapping.h"

namespace osmia::config {
namespace {

/// Top-level sections and groups that other software owns: .NET's, and what IIS writes for its own key store.
constexpr std::array foreign_sections{
    "appSettings", "assemblyBinding", "configProtectedData", "connectionStrings", "cryptographySettings",
    "entityFramework", "mscorlib", "protocolMapping", "runtime", "satelliteassemblies", "startup", "system.codedom",
    "system.data", "system.data.dataset", "system.data.odbc", "system.data.oledb", "system.data.oracleclient",
    "system.data.sqlclient", "system.diagnostics", "system.drawing", "system.ftpServer", "system.identityModel",
    "system.identityModel.services", "system.net", "system.runtime.caching", "system.runtime.remoting",
    "system.runtime.serialization", "system.serviceModel", "system.serviceModel.activation", "system.transactions",
    "system.web", "system.web.extensions", "system.windows.forms", "system.workflow.runtime", "system.xaml.hosting",
    "system.xml.serialization", "uri", "windows"};

bool is_foreign(std::string_view path) {
    if (path.find(':') != std::string_view::npos) return true;
    return std::find(foreign_sections.begin(), foreign_sections.end(), path) != foreign_sections.end();
}

std::string lower_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return text;
}

/// "site\app/" → "site/app"; "." → "".
std::string location_path(std::string path) {
    std::replace(path.begin(), path.end(), '\\', '/');
    while (path.ends_with('/')) path.pop_back();
    while (path.starts_with('/')) path.erase(0, 1);
    return path == "." ? std::string() : path;
}

std::string joined(const std::string& group, const std::string& name) {
    return group.empty() ? name : group + '/' + name;
}

}  // namespace

/// Walks a document once.
class OutlineReader {
public:
    OutlineReader(ConfigurationFile& file, const Schema& schema, DiagnosticSink& sink,
                  std::span<const std::shared_ptr<const ConfigurationFile>> above)
        : file_(file), schema_(schema), sink_(sink), above_(above) {}

    void run() {
        const XmlElement& root = file_.document().root();
        if (root.name != "configuration") {
            return error(root.begin, ErrorNumber::BadData,
                         fmt::format("the file's root is <{}>; it must be <configuration>", root.name));
        }
        check_text(root);
        for (const XmlElement& child : root.children) {
            if (child.name == "configSections") read_declarations(child, "");
        }
        const auto here = std::make_shared<const LocationTag>();
        for (const XmlElement& child : root.children) {
            if (child.name == "configSections") continue;
            if (child.name == "location") {
                read_location(child);
            } else {
                read_element(child, child.name, here);
            }
        }
    }

private:
    void error(std::uint32_t offset, ErrorNumber number, std::string message) {
        sink_.add(file_.document().diagnostic(offset, Severity::Error, number, std::move(message)));
    }

    void check_text(const XmlElement& element) {
        if (element.text_offset != 0) error(element.text_offset, ErrorNumber::BadData, "text is not allowed here");
    }

    void read_declarations(const XmlElement& element, const std::string& group) {
        for (const XmlElement& child : element.children) {
            const XmlAttribute* name = child.find("name");
            const bool is_section = child.name == "section";
            const bool is_group = child.name == "sectionGroup";
            if (!is_section && !is_group) continue;  // "clear" and "remove" exist in .NET's files
            if (name == nullptr || name->value.empty()) {
                error(child.begin, ErrorNumber::BadData, fmt::format("<{}> needs the attribute 'name'", child.name));
                continue;
            }
            const std::string path = joined(group, name->value);
            if (is_group) {
                read_declarations(child, path);
            } else {
                read_declaration(child, path);
            }
        }
    }

    void read_declaration(const XmlElement& element, const std::string& path) {
        const XmlAttribute* mode = element.find("overrideModeDefault");
        if (mode == nullptr) {
            const SectionSchema* section = schema_.find(path);
            file_.declared_[path] = section == nullptr || section->override_allowed;
        } else if (mode->value == "Allow" || mode->value == "Deny") {
            file_.declared_[path] = mode->value == "Allow";
        } else {
            error(mode->value_offset, ErrorNumber::BadData,
                  fmt::format("'{}' is not a value of 'overrideModeDefault'; give Allow or Deny", mode->value));
        }
    }

    void read_location(const XmlElement& element) {
        auto tag = std::make_shared<LocationTag>();
        tag->place = file_.document().place(element.begin);
        const XmlAttribute* mode = nullptr;
        for (const XmlAttribute& attribute : element.attributes) {
            if (attribute.name == "path") {
                tag->path = location_path(attribute.value);
            } else if (attribute.name == "overrideMode" || attribute.name == "allowOverride") {
                if (mode != nullptr) {
                    error(attribute.offset, ErrorNumber::BadData,
                          "overrideMode and allowOverride cannot stand on one <location>");
                }
                mode = &attribute;
                read_override(attribute, *tag);
            } else if (attribute.name == "inheritInChildApplications") {
                tag->inherit_in_child_applications = !equals_ignoring_case(attribute.value, "false");
            } else if (attribute.name.find(':') == std::string::npos) {
                error(attribute.offset, ErrorNumber::BadData,
                      fmt::format("<location> has no attribute '{}'", attribute.name));
            }
        }
        check_text(element);
        for (const XmlElement& child : element.children) read_element(child, child.name, tag);
    }

    void read_override(const XmlAttribute& attribute, LocationTag& tag) {
        const std::string& value = attribute.value;
        if (value == "Allow" || value == "true") {
            tag.override_mode = OverrideMode::Allow;
        } else if (value == "Deny" || value == "false") {
            tag.override_mode = OverrideMode::Deny;
        } else if (value != "Inherit") {
            error(attribute.value_offset, ErrorNumber::BadData,
                  fmt::format("'{}' is not a value of '{}'; give {}", value, attribute.name,
                              attribute.name == "overrideMode" ? "Allow, Deny or Inherit" : "true or false"));
        }
    }

    void read_element(const XmlElement& element, const std::string& path,
                      const std::shared_ptr<const LocationTag>& location) {
        const SectionSchema* section = schema_.find(path);
        if (section != nullptr) return read_section(*section, element, location);
        // Groups of ours come before declarations: declaring <system.webServer> again must not hide what is in it.
        if (schema_.is_group(path)) {
            check_text(element);
            for (const XmlElement& child : element.children) read_element(child, path + '/' + child.name, location);
            return;
        }
        if (is_foreign(path) || is_foreign(element.name) || file_.declares(path)) return;
        if (std::any_of(above_.begin(), above_.end(), [&](const auto& file) { return file->declares(path); })) return;
        unknown(element, path);
    }

    void unknown(const XmlElement& element, const std::string& path) {
        const std::size_t slash = path.rfind('/');
        const std::string group = slash == std::string::npos ? std::string() : path.substr(0, slash);
        const std::vector<std::string> names = schema_.names_below(group);
        error(element.begin, ErrorNumber::BadData,
              fmt::format("there is no section <{}>{}", path, suggestion(element.name, names)));
    }

    void read_section(const SectionSchema& section, const XmlElement& element,
                      const std::shared_ptr<const LocationTag>& location) {
        const bool machine_only = section.allow_definition == AllowDefinition::Machine;
        if (machine_only && file_.kind() == FileKind::Web) {
            return error(element.begin, ErrorNumber::Locked,
                         fmt::format("<{}> may only stand in applicationHost.config", section.path));
        }
        if (machine_only && !location->path.empty()) {
            return error(element.begin, ErrorNumber::BadData,
                         fmt::format("<{}> holds for the whole server and cannot stand in a <location> with a path",
                                     section.path));
        }
        if (!seen_.insert({lower_case(location->path), section.index}).second) {
            return error(element.begin, ErrorNumber::Duplicate,
                         fmt::format("<{}> stands twice in this file for {}", section.path,
                                     location->path.empty() ? "the file's own level"
                                                            : fmt::format("the location '{}'", location->path)));
        }
        file_.uses_.push_back({&section, &element, location});
    }

    ConfigurationFile& file_;
    const Schema& schema_;
    DiagnosticSink& sink_;
    std::span<const std::shared_ptr<const ConfigurationFile>> above_;
    std::set<std::pair<std::string, std::size_t>> seen_;
};

std::shared_ptr<const ConfigurationFile> ConfigurationFile::read(std::shared_ptr<const XmlDocument> document,
                                                                 FileKind kind, const Schema& schema,
                                                                 DiagnosticSink& sink,
                                                                 std::span<const std::shared_ptr<const ConfigurationFile>> above) {
    auto file = std::make_shared<ConfigurationFile>();
    file->document_ = std::move(document);
    file->kind_ = kind;
    OutlineReader(*file, schema, sink, above).run();
    return file;
}

bool ConfigurationFile::declares(std::string_view path) const {
    if (declared_.find(path) != declared_.end()) return true;
    const auto below = declared_.lower_bound(std::string(path) + '/');
    return below != declared_.end() && std::string_view(below->first).starts_with(std::string(path) + '/');
}

}  // namespace osmia::config
