#include "config/configuration_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "config/nearest_name.h"
#include "config/url_mapping.h"
#include "config/windows_path.h"

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

/// "a, b/c" → "a", "b/c"; "" → "".
std::vector<std::string> location_paths(std::string_view list) {
    std::vector<std::string> paths;
    for (;;) {
        const std::size_t comma = list.find(',');
        std::string_view path = list.substr(0, comma);
        while (path.starts_with(' ')) path.remove_prefix(1);
        while (path.ends_with(' ')) path.remove_suffix(1);
        paths.push_back(location_path(std::string(path)));
        if (comma == std::string_view::npos) return paths;
        list.remove_prefix(comma + 1);
    }
}

std::optional<AllowDefinition> allow_definition_of(std::string_view name) {
    if (name == "Everywhere") return AllowDefinition::Everywhere;
    if (name == "MachineToApplication") return AllowDefinition::Application;
    const bool machine = name == "MachineOnly" || name == "MachineToRootWeb" || name == "AppHostOnly";
    return machine ? std::optional(AllowDefinition::Machine) : std::nullopt;
}

/// The stricter of the two: what the schema says of ours cannot be widened by declaring a section again.
AllowDefinition stricter(AllowDefinition left, AllowDefinition right) {
    if (left == AllowDefinition::Machine || right == AllowDefinition::Machine) return AllowDefinition::Machine;
    return left == AllowDefinition::Application ? left : right;
}

/// Why a configSource cannot be used, or empty.
std::string wrong_source(std::string_view source) {
    if (source.empty()) return "configSource must not be empty";
    if (source.starts_with('/') || has_drive_letter(source)) return "configSource must be a relative path";
    const std::string slashed = '/' + std::string(source) + '/';
    if (slashed.find("/../") != std::string::npos) return "configSource must not lead out of the file's folder";
    return {};
}

std::string joined(const std::string& group, const std::string& name) {
    return group.empty() ? name : group + '/' + name;
}

}  // namespace

/// Walks a document once.
class OutlineReader {
public:
    OutlineReader(ConfigurationFile& file, const Schema& schema, DiagnosticSink& sink,
                  std::span<const std::shared_ptr<const ConfigurationFile>> above, const SourceReader& sources)
        : file_(file), schema_(schema), sink_(sink), above_(above), sources_(sources) {}

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
        SectionDeclaration declaration;
        if (const XmlAttribute* mode = element.find("overrideModeDefault")) {
            if (mode->value == "Allow" || mode->value == "Deny") {
                declaration.override_allowed = mode->value == "Allow";
            } else {
                wrong_value(*mode, "Allow or Deny");
            }
        }
        if (const XmlAttribute* definition = element.find("allowDefinition")) {
            declaration.allow_definition = allow_definition_of(definition->value);
            if (!declaration.allow_definition) {
                wrong_value(*definition, "Everywhere, MachineToApplication, AppHostOnly, MachineOnly or MachineToRootWeb");
            }
        }
        if (const XmlAttribute* location = element.find("allowLocation")) {
            declaration.allow_location = read_bool(*location, true);
        }
        file_.declared_[path] = declaration;
    }

    void wrong_value(const XmlAttribute& attribute, const char* right) {
        error(attribute.value_offset, ErrorNumber::BadData,
              fmt::format("'{}' is not a value of '{}'; give {}", attribute.value, attribute.name, right));
    }

    bool read_bool(const XmlAttribute& attribute, bool otherwise) {
        if (equals_ignoring_case(attribute.value, "true")) return true;
        if (equals_ignoring_case(attribute.value, "false")) return false;
        wrong_value(attribute, "true or false");
        return otherwise;
    }

    /// One tag for each path of a list; they hold the same sections.
    void read_location(const XmlElement& element) {
        LocationTag tag;
        tag.place = file_.document().place(element.begin);
        std::vector<std::string> paths{std::string()};
        const XmlAttribute* mode = nullptr;
        for (const XmlAttribute& attribute : element.attributes) {
            if (attribute.name == "path") {
                paths = location_paths(attribute.value);
            } else if (attribute.name == "overrideMode" || attribute.name == "allowOverride") {
                if (mode != nullptr) {
                    error(attribute.offset, ErrorNumber::BadData,
                          "overrideMode and allowOverride cannot stand on one <location>");
                }
                mode = &attribute;
                read_override(attribute, tag);
            } else if (attribute.name == "inheritInChildApplications") {
                tag.inherit_in_child_applications = read_bool(attribute, true);
            } else if (attribute.name.find(':') == std::string::npos) {
                error(attribute.offset, ErrorNumber::BadData,
                      fmt::format("<location> has no attribute '{}'", attribute.name));
            }
        }
        check_text(element);
        for (std::string& path : paths) {
            tag.path = std::move(path);
            const auto shared = std::make_shared<const LocationTag>(tag);
            for (const XmlElement& child : element.children) read_element(child, child.name, shared);
        }
    }

    void read_override(const XmlAttribute& attribute, LocationTag& tag) {
        if (attribute.name == "allowOverride") {
            tag.override_mode = read_bool(attribute, true) ? OverrideMode::Allow : OverrideMode::Deny;
        } else if (equals_ignoring_case(attribute.value, "Allow")) {
            tag.override_mode = OverrideMode::Allow;
        } else if (equals_ignoring_case(attribute.value, "Deny")) {
            tag.override_mode = OverrideMode::Deny;
        } else if (!equals_ignoring_case(attribute.value, "Inherit")) {
            wrong_value(attribute, "Allow, Deny or Inherit");
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
        const bool prefixed = element.name.find(':') != std::string::npos;
        if (prefixed || is_foreign(path) || is_foreign(element.name)) {
            return foreign(element, path, prefixed ? "another tool's, by its prefix" : "of .NET or another product");
        }
        const bool declared = file_.declares(path) || std::any_of(above_.begin(), above_.end(), [&](const auto& file) {
            return file->declares(path);
        });
        if (declared) return foreign(element, path, "declared in <configSections>");
        unknown(element, path);
    }

    void foreign(const XmlElement& element, const std::string& path, const char* reason) {
        file_.foreign_.push_back({path, file_.document().place(element.begin), reason});
    }

    void unknown(const XmlElement& element, const std::string& path) {
        const std::size_t slash = path.rfind('/');
        const std::string group = slash == std::string::npos ? std::string() : path.substr(0, slash);
        const std::vector<std::string> names = schema_.names_below(group);
        error(element.begin, ErrorNumber::BadData,
              fmt::format("there is no section <{}>{}", path, suggestion(element.name, names)));
    }

    /// What the machine's file declares of a section, or null.
    const SectionDeclaration* declaration_of(const std::string& path) const {
        const ConfigurationFile& machine = above_.empty() ? file_ : *above_.front();
        if (machine.kind() != FileKind::Machine) return nullptr;
        const auto found = machine.declared().find(path);
        return found == machine.declared().end() ? nullptr : &found->second;
    }

    void read_section(const SectionSchema& section, const XmlElement& element,
                      const std::shared_ptr<const LocationTag>& location) {
        const SectionDeclaration* declaration = declaration_of(section.path);
        AllowDefinition allowed = section.allow_definition;
        if (declaration != nullptr && declaration->allow_definition) {
            allowed = stricter(allowed, *declaration->allow_definition);
        }
        const bool machine_only = allowed == AllowDefinition::Machine;
        if (machine_only && file_.kind() == FileKind::Web) {
            return error(element.begin, ErrorNumber::Locked,
                         fmt::format("<{}> may only stand in applicationHost.config", section.path));
        }
        if (machine_only && !location->path.empty()) {
            return error(element.begin, ErrorNumber::BadData,
                         fmt::format("<{}> holds for the whole server and cannot stand in a <location> with a path",
                                     section.path));
        }
        if (declaration != nullptr && !declaration->allow_location && location->place.line != 0) {
            return error(element.begin, ErrorNumber::BadData,
                         fmt::format("<{}> is declared with allowLocation=\"false\" and cannot stand in a <location>",
                                     section.path));
        }
        if (!seen_.insert({lower_case(location->path), section.index}).second) {
            return error(element.begin, ErrorNumber::Duplicate,
                         fmt::format("<{}> stands twice in this file for {}", section.path,
                                     location->path.empty() ? "the file's own level"
                                                            : fmt::format("the location '{}'", location->path)));
        }
        SectionUse use{&section, &element, location, file_.shared_document(), allowed == AllowDefinition::Application};
        if (const XmlAttribute* source = element.find("configSource")) {
            use.document = read_source(element, *source);
            if (use.document == nullptr) return;
            use.element = &use.document->root();
        }
        file_.uses_.push_back(std::move(use));
    }

    /// The file that holds a section's content, or null after an error.
    std::shared_ptr<const XmlDocument> read_source(const XmlElement& element, const XmlAttribute& source) {
        const std::string relative = to_linux_path(source.value);
        std::string wrong = wrong_source(relative);
        if (wrong.empty() && (element.attributes.size() > 1 || !element.children.empty())) {
            wrong = fmt::format("<{}> has configSource, so everything else of it must stand in that file", element.name);
        }
        if (wrong.empty() && !sources_) wrong = "configSource needs a configuration that lies in a folder";
        if (!wrong.empty()) {
            error(source.offset, ErrorNumber::BadData, std::move(wrong));
            return nullptr;
        }
        const std::string& name = file_.document().name();
        const std::string path = name.substr(0, name.rfind('/') + 1) + relative;
        auto text = sources_(path);
        if (!text.ok()) {
            const bool missing = text.error().kind == ErrorKind::NotFound;
            error(source.value_offset, missing ? ErrorNumber::PathNotFound : ErrorNumber::AccessDenied,
                  fmt::format("the file that configSource names cannot be read: {}", text.error().message));
            return nullptr;
        }
        auto document = XmlDocument::parse(std::move(text).value(), path, sink_);
        if (document == nullptr || document->root().name == element.name) return document;
        sink_.add(document->diagnostic(document->root().begin, Severity::Error, ErrorNumber::BadData,
                                       fmt::format("the file's root is <{}>; {}:{} wants <{}>", document->root().name, name,
                                                   file_.document().place(element.begin).line, element.name)));
        return nullptr;
    }

    ConfigurationFile& file_;
    const Schema& schema_;
    DiagnosticSink& sink_;
    std::span<const std::shared_ptr<const ConfigurationFile>> above_;
    const SourceReader& sources_;
    std::set<std::pair<std::string, std::size_t>> seen_;
};

std::shared_ptr<const ConfigurationFile> ConfigurationFile::read(std::shared_ptr<const XmlDocument> document,
                                                                 FileKind kind, const Schema& schema,
                                                                 DiagnosticSink& sink,
                                                                 std::span<const std::shared_ptr<const ConfigurationFile>> above,
                                                                 const SourceReader& sources) {
    auto file = std::make_shared<ConfigurationFile>();
    file->document_ = std::move(document);
    file->kind_ = kind;
    OutlineReader(*file, schema, sink, above, sources).run();
    return file;
}

bool ConfigurationFile::declares(std::string_view path) const {
    if (declared_.find(path) != declared_.end()) return true;
    const auto below = declared_.lower_bound(std::string(path) + '/');
    return below != declared_.end() && std::string_view(below->first).starts_with(std::string(path) + '/');
}

}  // namespace osmia::config
