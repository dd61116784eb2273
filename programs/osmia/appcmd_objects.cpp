// What `appcmd list` knows: objects, their lines and properties.
#include <algorithm>
#include <cstdio>

#include "config/effective_values.h"
#include "config/machine_document.h"
#include "config/url_mapping.h"
#include "config/xml_text.h"
#include "osmia/appcmd.h"
#include "osmia/control_client.h"

namespace osmia::command {

using namespace config;
using Json = nlohmann::ordered_json;

namespace {

/// The list of a running server, or an empty one.
Json live(const AppcmdArguments& arguments, const char* what) {
    const auto reply = ask_server(arguments.state, {{"command", "list"}, {"what", what}});
    if (!reply.ok() || !reply.value().contains("result")) return Json::array();
    return reply.value()["result"];
}

std::string text(const Json& object, const char* field) {
    if (!object.contains(field)) return {};
    return object[field].is_string() ? object[field].get<std::string>() : object[field].dump();
}

/// "Started" from what the server says; Unknown without one.
std::string state_of(const Json& list, const char* key, const std::string& name) {
    for (const Json& one : list) {
        if (text(one, key) != name) continue;
        std::string state = text(one, "state");
        if (!state.empty() && state[0] >= 'a' && state[0] <= 'z') state[0] = static_cast<char>(state[0] - 32);
        return state;
    }
    return "Unknown";
}

std::string bindings_of(const SiteConfiguration& site, const ServerConfiguration& configuration) {
    const SectionNode& sites = *configuration.document->sections().node("system.applicationHost/sites");
    std::string list;
    for (const auto& item : sites.items) {
        if (item->text("name") != site.name || item->child("bindings") == nullptr) continue;
        for (const auto& binding : item->child("bindings")->items) {
            list += fmt::format("{}{}/{}", list.empty() ? "" : ",", binding->text("protocol"), binding->text("bindingInformation"));
        }
    }
    return list;
}

ChangeStep item(const char* attribute, const std::string& value) { return {{}, {{attribute, value}}}; }

std::vector<AppcmdObject> sites(const AppcmdArguments& arguments, const ServerConfiguration& configuration) {
    std::vector<AppcmdObject> list;
    const Json running = live(arguments, "sites");
    for (const SiteConfiguration& site : configuration.sites) {
        const std::string id = std::to_string(site.id);
        const std::string bindings = bindings_of(site, configuration);
        const std::string state = state_of(running, "name", site.name);
        list.push_back({site.name, fmt::format("id:{},bindings:{},state:{}", id, bindings, state),
                        {{"SITE.NAME", site.name}, {"SITE.ID", id}, {"bindings", bindings}, {"state", state}}, {item("name", site.name)}});
    }
    return list;
}

std::vector<AppcmdObject> applications(const ServerConfiguration& configuration) {
    std::vector<AppcmdObject> list;
    for (const SiteConfiguration& site : configuration.sites) {
        for (const Application& one : site.applications) {
            list.push_back({site.name + one.path, "applicationPool:" + one.application_pool,
                            {{"path", one.path}, {"APP.NAME", site.name + one.path}, {"APPPOOL.NAME", one.application_pool}, {"SITE.NAME", site.name}},
                            {item("name", site.name), item("path", one.path)}});
        }
    }
    return list;
}

std::vector<AppcmdObject> directories(const ServerConfiguration& configuration) {
    std::vector<AppcmdObject> list;
    for (const SiteConfiguration& site : configuration.sites) {
        for (const Application& application : site.applications) {
            for (const VirtualDirectory& one : application.virtual_directories) {
                const std::string name = site.name + (application.path == "/" ? "" : application.path) + one.path;
                list.push_back({name, "physicalPath:" + one.physical_path,
                                {{"VDIR.NAME", name}, {"physicalPath", one.physical_path}, {"path", one.path}, {"APP.NAME", site.name + application.path}},
                                {item("name", site.name), item("path", application.path), item("path", one.path)}});
            }
        }
    }
    return list;
}

std::vector<AppcmdObject> pools(const AppcmdArguments& arguments, const ServerConfiguration& configuration) {
    std::vector<AppcmdObject> list;
    const Json running = live(arguments, "pools");
    for (const PoolConfiguration& pool : configuration.pools) {
        const char* mode = pool.managed_pipeline_mode == PipelineMode::Classic ? "Classic" : "Integrated";
        const std::string state = state_of(running, "name", pool.name);
        list.push_back({pool.name, fmt::format("MgdVersion:{},MgdMode:{},state:{}", pool.managed_runtime_version, mode, state),
                        {{"APPPOOL.NAME", pool.name}, {"PipelineMode", mode}, {"RuntimeVersion", pool.managed_runtime_version}, {"state", state}},
                        {item("name", pool.name)}});
    }
    return list;
}

std::vector<AppcmdObject> modules(const ServerConfiguration& configuration) {
    std::vector<AppcmdObject> list;
    const SectionNode* section = configuration.document->sections().node("system.webServer/modules");
    for (std::size_t index = 0; section != nullptr && index < section->items.size(); ++index) {
        const SectionNode& one = *section->items[index];
        const std::string type = one.text("type").empty() ? "native" : "type:" + one.text("type");
        list.push_back({one.text("name"), fmt::format(" {}, preCondition:{} ", type, one.text("preCondition")),
                        {{"MODULE.NAME", one.text("name")}, {"type", one.text("type")}, {"preCondition", one.text("preCondition")}}, {}});
    }
    return list;
}

std::vector<AppcmdObject> workers(const AppcmdArguments& arguments) {
    std::vector<AppcmdObject> list;
    for (const Json& one : live(arguments, "workers")) {
        list.push_back({text(one, "pid"), "apppool:" + text(one, "pool"), {{"WP.NAME", text(one, "pid")}, {"APPPOOL.NAME", text(one, "pool")}}, {}});
    }
    return list;
}

std::vector<AppcmdObject> requests(const AppcmdArguments& arguments) {
    std::vector<AppcmdObject> list;
    for (const Json& one : live(arguments, "requests")) {
        const std::string id = text(one, one.contains("requestId") ? "requestId" : "id");
        const std::string milliseconds = text(one, one.contains("milliseconds") ? "milliseconds" : "time");
        const std::string url = text(one, "method") + ' ' + text(one, "url");
        list.push_back({id, fmt::format("url:{},time:{} msec,client:{}", url, milliseconds, text(one, "client")),
                        {{"REQUEST.NAME", id}, {"APPPOOL.NAME", text(one, "pool")}, {"WP.NAME", text(one, "worker")}, {"Url", text(one, "url")},
                         {"Verb", text(one, "method")}, {"ClientIp", text(one, "client")}, {"TimeElapsed", milliseconds}}, {}});
    }
    return list;
}

/// The values of an object's own element, as "processModel.idleTimeout".
std::vector<std::pair<std::string, EffectiveValue>> element_values(const AppcmdArguments& arguments, const ServerConfiguration& configuration,
                                                                   const AppcmdObject& object) {
    std::vector<std::pair<std::string, EffectiveValue>> list;
    if (object.steps.empty()) return list;
    const bool pool = arguments.object == "APPPOOL";
    const SectionSet& sections = configuration.document->sections();
    const SectionSchema& section = *sections.schema().find(pool ? "system.applicationHost/applicationPools" : "system.applicationHost/sites");
    const ElementSchema* schema = section.element.get();
    const SectionNode* node = sections.node(section.path);
    std::string path = section.path;
    for (const ChangeStep& step : object.steps) {
        for (const auto& one : node->items) {
            if (!equals_ignoring_case(one->text(step.attributes[0].first), step.attributes[0].second)) continue;
            node = one.get();
            break;
        }
        schema = schema->collection->item.get();
        path += '/' + schema->name + item_selector(*node);
    }
    for (EffectiveValue& value : effective_values(sections, section)) {
        if (value.attribute.empty() || !value.element.starts_with(path)) continue;
        std::string below = value.element.substr(path.size());
        if (!below.empty() && below.front() != '/') continue;
        std::replace(below.begin(), below.end(), '/', '.');
        std::string name = below.empty() ? value.attribute : below.substr(1) + '.' + value.attribute;
        list.emplace_back(std::move(name), std::move(value));
    }
    return list;
}

const std::string* property(const AppcmdObject& object, const std::string& name) {
    for (const auto& [known, value] : object.properties) {
        if (equals_ignoring_case(known, name)) return &value;
    }
    return nullptr;
}

bool fits(const AppcmdArguments& arguments, const ServerConfiguration& configuration, const AppcmdObject& object) {
    if (!arguments.identifier.empty()) {
        std::string wanted = arguments.identifier;
        const bool below_site = arguments.object == "APP" || arguments.object == "VDIR";
        if (below_site && wanted.find('/') == std::string::npos) wanted += '/';
        const bool site = arguments.object == "APP" && wanted.ends_with('/') && object.name.starts_with(wanted);
        if (!equals_ignoring_case(object.name, wanted) && !site) return false;
    }
    return std::all_of(arguments.parameters.begin(), arguments.parameters.end(), [&](const std::string& parameter) {
        const std::size_t colon = parameter.find(':');
        const std::string name = parameter.substr(0, colon);
        const std::string wanted = colon == std::string::npos ? "" : parameter.substr(colon + 1);
        if (const std::string* value = property(object, name)) return equals_ignoring_case(*value, wanted);
        for (const auto& [known, value] : element_values(arguments, configuration, object)) {
            if (equals_ignoring_case(known, name)) return equals_ignoring_case(value.value, wanted);
        }
        return false;
    });
}

void print_all(const AppcmdArguments& arguments, const ServerConfiguration& configuration, const AppcmdObject& object) {
    std::printf("%s\n", arguments.object.c_str());
    for (const auto& [name, value] : object.properties) std::printf("  %s:\"%s\"\n", name.c_str(), value.c_str());
    std::string element;
    bool first = true;
    for (const auto& [name, value] : element_values(arguments, configuration, object)) {
        const std::size_t dot = name.rfind('.');
        const std::string at = dot == std::string::npos ? "" : name.substr(0, dot);
        if (first || at != element) {
            const std::string shown = at.empty() ? (arguments.object == "APPPOOL" ? "add" : "element") : at;
            std::printf("  %s[%s]\n", at.empty() ? "" : "  ", shown.c_str());
        }
        first = false;
        element = at;
        std::printf("  %s  %s:\"%s\"\n", at.empty() ? "" : "  ", value.attribute.c_str(), value.value.c_str());
    }
}

/// The element as it stands in the file.
void print_element(const AppcmdArguments& arguments, const ServerConfiguration& configuration, const AppcmdObject& object) {
    const XmlDocument& document = configuration.document->file().document();
    const bool pool = arguments.object == "APPPOOL";
    const SectionState& state = configuration.document->sections().state(
        *configuration.document->sections().schema().find(pool ? "system.applicationHost/applicationPools" : "system.applicationHost/sites"));
    const SectionNode* node = state.node.get();
    for (const ChangeStep& step : object.steps) {
        const auto found = std::find_if(node->items.begin(), node->items.end(), [&](const auto& one) {
            return equals_ignoring_case(one->text(step.attributes[0].first), step.attributes[0].second);
        });
        if (found == node->items.end()) return;
        node = found->get();
    }
    std::vector<const XmlElement*> open{&document.root()};
    while (!open.empty()) {
        const XmlElement* element = open.back();
        open.pop_back();
        const Place place = document.place(element->begin);
        if (place.line == node->place.line && place.column == node->place.column) {
            std::printf("%.*s\n", static_cast<int>(element->end - element->begin), document.text().data() + element->begin);
            return;
        }
        for (const XmlElement& child : element->children) open.push_back(&child);
    }
}

}  // namespace

Result<std::vector<AppcmdObject>> list_objects(const AppcmdArguments& arguments, const ServerConfiguration& configuration) {
    if (arguments.object == "SITE") return sites(arguments, configuration);
    if (arguments.object == "APP") return applications(configuration);
    if (arguments.object == "VDIR") return directories(configuration);
    if (arguments.object == "APPPOOL") return pools(arguments, configuration);
    if (arguments.object == "MODULE") return modules(configuration);
    if (arguments.object == "WP") return workers(arguments);
    if (arguments.object == "REQUEST") return requests(arguments);
    return make_error(ErrorKind::Invalid, "The object type '{}' is not supported by Osmia", arguments.object);
}

int print_objects(const AppcmdArguments& arguments, const ServerConfiguration& configuration, const std::vector<AppcmdObject>& objects) {
    bool any = false;
    if (arguments.xml) std::puts("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<appcmd>");
    for (const AppcmdObject& object : objects) {
        if (!fits(arguments, configuration, object)) continue;
        any = true;
        if (arguments.xml) {
            std::string tag = "    <" + arguments.object;
            for (const auto& [name, value] : object.properties) tag += fmt::format(" {}=\"{}\"", name, xml_escaped(value));
            std::printf("%s />\n", tag.c_str());
        } else if (arguments.config) {
            print_element(arguments, configuration, object);
        } else if (arguments.text == "*") {
            print_all(arguments, configuration, object);
        } else if (!arguments.text.empty()) {
            const std::string* value = property(object, arguments.text == "name" ? arguments.object + ".NAME" : arguments.text);
            std::string found = value != nullptr ? *value : "";
            for (const auto& [name, one] : element_values(arguments, configuration, object)) {
                if (value == nullptr && equals_ignoring_case(name, arguments.text)) found = one.value;
            }
            std::printf("%s\n", found.c_str());
        } else {
            std::printf("%s \"%s\" (%s)\n", arguments.object.c_str(), object.name.c_str(), object.line.c_str());
        }
    }
    if (arguments.xml) std::puts("</appcmd>");
    return any ? 0 : 1;
}

}  // namespace osmia::command
