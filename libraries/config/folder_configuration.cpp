#include "config/folder_configuration.h"

#include <fmt/format.h>

#include "config/xml_text.h"

namespace osmia::config {
namespace {

constexpr const char* default_listen = "127.0.0.1:8080";

Result<std::string> binding_elements(const FolderOptions& options) {
    std::string text;
    std::vector<std::string> listen = options.listen;
    if (listen.empty()) listen.emplace_back(default_listen);
    for (const std::string& argument : listen) {
        text += fmt::format("          <binding protocol=\"http\" bindingInformation=\"{}\" />\n",
                            xml_escaped(OSMIA_TRY(binding_information(argument))));
    }
    return text;
}

std::string process_model(const FolderOptions& options) {
    if (!options.user) return "<processModel identityType=\"ApplicationPoolIdentity\" />";
    return fmt::format("<processModel identityType=\"SpecificUser\" userName=\"{}\" />", xml_escaped(*options.user));
}

/// The handlers of a folder are the shipped ones; an extension answers every path, whether a file is there or not, and
/// without allowPathInfo finds the whole of it in PATH_INFO.
std::string handler_elements(const FolderOptions& options) {
    if (options.extension.empty()) return {};
    return fmt::format(
        "      <add name=\"Extension\" path=\"*\" verb=\"*\" modules=\"IsapiModule\" scriptProcessor=\"{}\" "
        "resourceType=\"Unspecified\" requireAccess=\"Execute\" />\n",
        xml_escaped(options.extension));
}

// One extension answers every path, so no name is hidden and none has a type.
std::string filtering_elements(const FolderOptions& options) {
    if (options.extension.empty()) return {};
    return "      <requestFiltering allowDoubleEscaping=\"true\"><fileExtensions><clear /></fileExtensions>"
           "<hiddenSegments><clear /></hiddenSegments></requestFiltering>\n";
}

constexpr const char* configuration_template = R"(<?xml version="1.0" encoding="UTF-8"?>
<configuration>
  <system.applicationHost>
    <applicationPools>
      <add name="{pool}">{model}</add>
    </applicationPools>
    <sites>
      <site name="{site}" id="1">
        <application path="/" applicationPool="{pool}">
          <virtualDirectory path="/" physicalPath="{folder}" />
        </application>
        <bindings>
{bindings}        </bindings>
      </site>
    </sites>
  </system.applicationHost>
  <!-- A developer's folder: what lies in it may run. A server's own file starts from "Read, Script" and allows the
       extensions that it lists. -->
  <location path="" overrideMode="Allow">
    <system.webServer>
      <handlers accessPolicy="Read, Script, Execute">
{handlers}      </handlers>
      <modules />
    </system.webServer>
  </location>
  <system.webServer>
    <security>
      <isapiCgiRestriction notListedIsapisAllowed="true" notListedCgisAllowed="false" />
{filtering}    </security>
  </system.webServer>
</configuration>
)";

}  // namespace

Result<std::string> folder_configuration_text(const FolderOptions& options) {
    if (!options.folder.starts_with('/')) {
        return make_error(ErrorKind::Invalid, "the folder '{}' is not an absolute path", options.folder);
    }
    using fmt::arg;
    return fmt::format(configuration_template, arg("pool", folder_pool_name), arg("site", folder_site_name),
                       arg("model", process_model(options)), arg("folder", xml_escaped(options.folder)),
                       arg("bindings", OSMIA_TRY(binding_elements(options))),
                       arg("handlers", handler_elements(options)),
                       arg("filtering", filtering_elements(options)));
}

LoadedServerConfiguration make_folder_configuration(const FolderOptions& options) {
    auto text = folder_configuration_text(options);
    if (text.ok()) return load_server_configuration_text(std::move(text).value(), "(osmia serve)");
    LoadedServerConfiguration loaded;
    loaded.diagnostics.push_back(
        {"(osmia serve)", 0, 0, Severity::Error, ErrorNumber::BadData, text.error().message, {}});
    return loaded;
}

}  // namespace osmia::config
