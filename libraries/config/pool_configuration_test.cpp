#include "config/pool_configuration.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "config/machine_document.h"
#include "config/windows_path.h"

namespace osmia::config {
namespace {

constexpr const char* machine_text = R"(<configuration>
  <system.applicationHost>
    <applicationPools>
      <add name="A" queueLength="77" startMode="AlwaysRunning">
        <processModel identityType="SpecificUser" userName="ann" password="s3cret-a" idleTimeout="1.00:01:00" />
        <recycling><periodicRestart requests="9"><schedule><add value="03:30:00"/></schedule></periodicRestart></recycling>
        <failure rapidFailProtectionMaxCrashes="3" />
        <cpu limit="5" action="Throttle" />
        <environmentVariables><add name="X" value="a &quot;b&quot; &lt;&#10;%" /></environmentVariables>
      </add>
      <add name="B"><environmentVariables><add name="TOKEN" value="s3cret-b"/></environmentVariables></add>
    </applicationPools>
    <sites>
      <site name="One" id="1">
        <application path="/" applicationPool="A">
          <virtualDirectory path="/" physicalPath="/srv/one" />
          <virtualDirectory path="/img" physicalPath="/srv/img" allowSubDirConfig="false" />
        </application>
        <application path="/b" applicationPool="B">
          <virtualDirectory path="/" physicalPath="/srv/b" userName="bob" password="s3cret-c" />
        </application>
        <application path="/b/a" applicationPool="a"><virtualDirectory path="/" physicalPath="/srv/ba" /></application>
        <bindings><binding protocol="http" bindingInformation="[::1]:80:one.test" /></bindings>
      </site>
      <site name="Two" id="2">
        <application path="/" applicationPool="B"><virtualDirectory path="/" physicalPath="/srv/two" /></application>
      </site>
    </sites>
  </system.applicationHost>
  <system.webServer>
    <!-- s3cret comment -->
    <directoryBrowse enabled="true" />
    <security><authentication><anonymousAuthentication enabled="true" password="s3cret-d"/></authentication></security>
  </system.webServer>
  <location path="One/b/x"><system.webServer><directoryBrowse enabled="false" /></system.webServer></location>
  <location path="One/b"><system.webServer><defaultDocument enabled="false"><!-- s3cret --></defaultDocument></system.webServer></location>
  <location path="Two"><system.webServer><defaultDocument enabled="false"/></system.webServer></location>
  <location path="one/Sub" overrideMode="Allow">
    <system.webServer>
  <!-- ä --> <handlers accessPolicy="Read" />
    </system.webServer>
  </location>
  <system.osmia>
    <applicationSettings><add path="One" executionTimeout="00:00:05"/><add path="Two" replay="none"/></applicationSettings>
  </system.osmia>
</configuration>
)";

ServerConfiguration machine(std::string text = machine_text) {
    auto loaded = load_server_configuration_text(text, "/etc/machine.config");
    EXPECT_TRUE(loaded.configuration.has_value());
    for (const Diagnostic& diagnostic : loaded.diagnostics) {
        EXPECT_EQ(diagnostic.severity, Severity::Warning) << format_diagnostic(diagnostic);
    }
    return loaded.configuration.value_or(ServerConfiguration{});
}

ServerConfiguration reloaded(const std::string& text) {
    auto loaded = load_pool_configuration(text, "pool.config");
    for (const Diagnostic& diagnostic : loaded.diagnostics) ADD_FAILURE() << format_diagnostic(diagnostic);
    return loaded.configuration.value_or(ServerConfiguration{});
}

TEST(PoolConfiguration, CarriesThePoolWithoutItsPassword) {
    const ServerConfiguration original = machine();
    const ServerConfiguration part = reloaded(write_pool_configuration(original, "A").value());
    ASSERT_EQ(part.pools.size(), 1U);
    PoolConfiguration expected = original.pools.at(0);
    expected.process_model.password.clear();
    EXPECT_EQ(part.pools[0], expected);
}

TEST(PoolConfiguration, CarriesTheSitesOfItsApplications) {
    const ServerConfiguration original = machine();
    const ServerConfiguration part = reloaded(write_pool_configuration(original, "A").value());
    ASSERT_EQ(part.sites.size(), 1U);
    EXPECT_EQ(part.sites[0].bindings, original.sites[0].bindings);
    ASSERT_EQ(part.sites[0].applications.size(), 3U);
    EXPECT_EQ(part.sites[0].applications[0], original.sites[0].applications[0]);
    EXPECT_EQ(part.sites[0].applications[2].virtual_directories,
              original.sites[0].applications[2].virtual_directories);
}

TEST(PoolConfiguration, LeavesOfAnotherPoolsApplicationAboveOnlyItsPaths) {
    const ServerConfiguration part = reloaded(write_pool_configuration(machine(), "A").value());
    const Application& above = part.sites.at(0).applications.at(1);
    EXPECT_EQ(above.path, "/b");
    EXPECT_EQ(above.application_pool, "(another pool)");
    EXPECT_EQ(above.virtual_directories.at(0).physical_path, "/srv/b");
    EXPECT_EQ(above.virtual_directories.at(0).user_name, "");
}

TEST(PoolConfiguration, TellsOfAnotherPoolsApplicationBelowOnlyThatItIsThere) {
    auto original = machine();
    original.sites[0].applications[0].application_pool = "B";  // B has "/" and "/b", A has "/b/a"
    const ServerConfiguration part = reloaded(write_pool_configuration(original, "B").value());
    const Application& below = part.sites.at(0).applications.at(2);
    EXPECT_EQ(below.path, "/b/a");
    EXPECT_EQ(below.application_pool, "(another pool)");
    EXPECT_EQ(below.virtual_directories.at(0).physical_path, "/(another pool)");
}

TEST(PoolConfiguration, HoldsNoSecretOfAnyPoolAndNoComment) {
    EXPECT_THAT(write_pool_configuration(machine(), "A").value(), testing::Not(testing::HasSubstr("s3cret")));
}

TEST(PoolConfiguration, HoldsTheLocationsInAndAboveItsApplicationsOnly) {
    const ServerConfiguration part = reloaded(write_pool_configuration(machine(), "A").value());
    std::vector<std::string> paths;
    for (const auto& [path, uses] : part.document->locations()) paths.push_back(path);
    EXPECT_THAT(paths, testing::ElementsAre("one/b", "one/sub"));
    EXPECT_TRUE(part.document->sections().node("system.webServer/directoryBrowse")->flag("enabled"));
}

TEST(PoolConfiguration, APoolWithoutApplicationsHasNoSites) {
    std::string text = machine_text;
    text.replace(text.find("</applicationPools>"), 0, "<add name=\"Empty\"/>");
    const ServerConfiguration part = reloaded(write_pool_configuration(machine(text), "Empty").value());
    EXPECT_TRUE(part.sites.empty());
    EXPECT_EQ(part.pools.size(), 1U);
}

std::string with_mistake(std::string text) {
    const std::string right = "accessPolicy=\"Read\"";
    const std::size_t at = text.find(right);
    EXPECT_NE(at, std::string::npos);
    return text.replace(at, right.size(), "accessPolicy=\"Rad\"");
}

TEST(PoolConfiguration, ErrorsFoundInItNameThePlaceInTheOriginalFile) {
    const auto loaded =
        load_pool_configuration(with_mistake(write_pool_configuration(machine(), "A").value()), "pool.config");
    const auto original = load_server_configuration_text(with_mistake(machine_text), "/etc/machine.config");
    ASSERT_EQ(loaded.diagnostics.size(), 1U);
    EXPECT_EQ(loaded.diagnostics[0].file, "/etc/machine.config");
    for (const Diagnostic& diagnostic : original.diagnostics) {
        if (diagnostic.severity != Severity::Error) continue;
        EXPECT_EQ(loaded.diagnostics[0].line, diagnostic.line);
        EXPECT_EQ(loaded.diagnostics[0].column, diagnostic.column);
        EXPECT_EQ(loaded.diagnostics[0].message, diagnostic.message);
    }
    EXPECT_TRUE(has_errors(original.diagnostics));
}

TEST(PoolConfiguration, SettingsOfItsApplicationsAreInIt) {
    const ServerConfiguration part = reloaded(write_pool_configuration(machine(), "A").value());
    EXPECT_EQ(part.sites.at(0).applications.at(0).settings.execution_timeout, std::chrono::seconds(5));
}

TEST(PoolConfiguration, OfAnUnknownPoolDoesNotExist) {
    const auto text = write_pool_configuration(machine(), "C");
    ASSERT_FALSE(text.ok());
    EXPECT_EQ(text.error().kind, ErrorKind::NotFound);
}

TEST(PoolConfiguration, LineInstructionsMeanNothingInAnAdministratorsFile) {
    const auto loaded = load_server_configuration_text(
        "<?osmia-file /etc/shadow?>\n<?osmia-line 900?>\n<configuration><nonsense/></configuration>", "own.config");
    ASSERT_EQ(loaded.diagnostics.size(), 1U);
    EXPECT_EQ(loaded.diagnostics[0].file, "own.config");
    EXPECT_EQ(loaded.diagnostics[0].line, 3U);
}

TEST(PoolConfiguration, LeavesOutModulesWhosePreConditionDoesNotHoldForThePool) {
    std::string text = machine_text;
    const std::string sections = R"(<system.webServer><modules><clear/></modules><globalModules><clear/>
      <add name="Always" image="a.so"/><add name="Classic" image="c.so" preCondition="classicMode"/>
      <add name="Wide" image="w.so" preCondition="integratedMode,bitness64"/><add name="Narrow" image="n.so" preCondition="bitness32"/>
      <add name="Managed" image="m.so" preCondition="runtimeVersionv4.0"/></globalModules></system.webServer>)";
    text.insert(text.rfind("  <system.osmia>"), sections);
    const auto configuration = machine(std::move(text));
    const auto names = [](const ServerConfiguration& from) {
        std::string list;
        for (const GlobalModule& module : from.global_modules) list += module.name + " ";
        return list;
    };
    EXPECT_EQ(names(configuration), "Always Classic Wide Narrow Managed ");
    const auto part = load_pool_configuration(write_pool_configuration(configuration, "A").value(), "pool.config");
    ASSERT_TRUE(part.configuration.has_value());
    EXPECT_EQ(names(*part.configuration), "Always Wide ");
}

TEST(PoolConfiguration, HoldsWhatAConfigSourceNamesWithItsPlaces) {
    const std::string folder = testing::TempDir() + "config_source";
    ASSERT_TRUE(make_directories(folder).ok());
    const std::string part_file = folder + "/documents.config";
    ASSERT_TRUE(replace_file(part_file, "<!-- s3cret -->\n<defaultDocument>\n<files><add value='d'/></files></defaultDocument>").ok());
    std::string text = machine_text;
    text.insert(text.rfind("  <system.osmia>"), "<system.webServer><defaultDocument configSource='documents.config'/></system.webServer>");
    auto loaded = load_server_configuration_text(text, folder + "/machine.config");
    ASSERT_TRUE(loaded.configuration.has_value());
    const std::string part = write_pool_configuration(*loaded.configuration, "A").value();
    EXPECT_EQ(part.find("s3cret"), std::string::npos);
    const auto read = load_pool_configuration(part, "pool.config");
    ASSERT_TRUE(read.configuration.has_value());
    const SectionNode& files = *read.configuration->document->sections().node("system.webServer/defaultDocument")->child("files");
    ASSERT_EQ(files.items.size(), 1U);
    EXPECT_EQ(*files.items[0]->place.file, part_file);
    EXPECT_EQ(files.items[0]->place.line, 3U);
}

constexpr const char* windows_text = R"(<configuration><system.applicationHost>
<applicationPools><add name="A"/></applicationPools><sites><site name="S" id="1"><application path="/" applicationPool="A">
<virtualDirectory path="/" physicalPath="%SystemDrive%\inetpub\wwwroot\"/><virtualDirectory path="/d" physicalPath="d:\Web"/>
<virtualDirectory path="/u" physicalPath="\\Server\Share\x"/><virtualDirectory path="/l" physicalPath="/srv/l"/></application></site></sites>
</system.applicationHost><system.webServer><security><isapiCgiRestriction><add path="C:\inetpub\a.dll" allowed="true"/></isapiCgiRestriction></security></system.webServer>
<system.osmia><pathMappings><add from="C:\inetpub" to="/srv/inetpub/"/><add from="C:\inetpub\wwwroot" to="/srv/www"/><add from="D:" to="/data"/>
<add from="\\server\share" to="/mnt/share"/></pathMappings></system.osmia></configuration>)";

TEST(PathMappings, MapDrivesAndShares) {
    const auto configuration = machine(windows_text);
    const auto& directories = configuration.sites.at(0).applications.at(0).virtual_directories;
    EXPECT_EQ(directories.at(0).physical_path, "/srv/www");
    EXPECT_EQ(directories.at(1).physical_path, "/data/Web");
    EXPECT_EQ(directories.at(2).physical_path, "/mnt/share/x");
    EXPECT_EQ(directories.at(3).physical_path, "/srv/l");
    const auto part = load_pool_configuration(write_pool_configuration(configuration, "A").value(), "pool.config");
    ASSERT_TRUE(part.configuration.has_value());
    EXPECT_EQ(part.configuration->sites, configuration.sites);
    const SectionNode* allowed = part.configuration->document->sections().node("system.webServer/security/isapiCgiRestriction");
    EXPECT_EQ(allowed->items.at(0)->text("path"), "/srv/inetpub/a.dll");
}

TEST(PathMappings, CoverWholeSegmentsOnly) {
    PathMappings paths;
    paths.add("C:\\web", "/srv/web");
    EXPECT_EQ(paths.apply("c:/WEB"), "/srv/web");
    EXPECT_EQ(paths.apply("C:/web/x"), "/srv/web/x");
    EXPECT_EQ(paths.apply("C:/website"), "C:/website");
    EXPECT_EQ(paths.apply("D:/web"), "D:/web");
}

struct WrongMapping {
    const char* from;
    const char* to;
    const char* message;
};
class WrongMappingTest : public testing::TestWithParam<WrongMapping> {};

TEST_P(WrongMappingTest, IsAnErrorWithItsPlace) {
    const auto loaded = load_server_configuration_text(
        fmt::format("<configuration><system.osmia><pathMappings>\n<add from='{}' to='{}'/></pathMappings></system.osmia></configuration>",
                    GetParam().from, GetParam().to),
        "m");
    EXPECT_FALSE(loaded.configuration.has_value());
    ASSERT_FALSE(loaded.diagnostics.empty());
    EXPECT_EQ(loaded.diagnostics[0].line, 2U);
    EXPECT_THAT(loaded.diagnostics[0].message, testing::HasSubstr(GetParam().message));
}

const WrongMapping wrong_mappings[] = {{"/inetpub", "/srv", "no Windows path"}, {"C:", "srv", "not an absolute path"}, {"", "/srv", "must not be empty"}};
INSTANTIATE_TEST_SUITE_P(All, WrongMappingTest, testing::ValuesIn(wrong_mappings));

}  // namespace
}  // namespace osmia::config
