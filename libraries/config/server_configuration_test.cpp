#include "config/server_configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osmia::config {
namespace {

using namespace std::chrono_literals;

constexpr const char* one_site = R"(<configuration>
  <system.applicationHost>
    <applicationPools>
      <add name="DefaultAppPool" />
    </applicationPools>
    <sites>
      <site name="Main" id="1">
        <application path="/">
          <virtualDirectory path="/" physicalPath="/srv/main" />
        </application>
        <bindings>
          <binding protocol="http" bindingInformation="*:8080:" />
        </bindings>
      </site>
    </sites>
  </system.applicationHost>
</configuration>
)";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

std::string formatted(const Diagnostics& diagnostics) {
    std::string text;
    for (const Diagnostic& diagnostic : diagnostics) text += format_diagnostic(diagnostic);
    return text;
}

ServerConfiguration loaded(const std::string& text) {
    auto result = load_server_configuration_text(text, "test.config");
    EXPECT_TRUE(result.configuration.has_value()) << formatted(result.diagnostics);
    return result.configuration.value_or(ServerConfiguration{});
}

std::string findings(const std::string& text) {
    return formatted(load_server_configuration_text(text, "test.config").diagnostics);
}

TEST(ServerConfiguration, LoadsOnePoolAndOneSiteWithoutAnyFinding) {
    EXPECT_EQ(findings(one_site), "");
    const ServerConfiguration configuration = loaded(one_site);
    ASSERT_EQ(configuration.pools.size(), 1U);
    ASSERT_EQ(configuration.sites.size(), 1U);
    const SiteConfiguration& site = configuration.sites[0];
    EXPECT_EQ(site.name, "Main");
    EXPECT_EQ(site.id, 1U);
    ASSERT_EQ(site.bindings.size(), 1U);
    EXPECT_EQ(site.bindings[0].address, "*");
    EXPECT_EQ(site.bindings[0].port, 8080);
    ASSERT_EQ(site.applications.size(), 1U);
    EXPECT_EQ(site.applications[0].application_pool, "DefaultAppPool");
    EXPECT_EQ(site.applications[0].virtual_directories[0].physical_path, "/srv/main");
}

TEST(ServerConfiguration, DefaultsOfTheSchemaAreThoseOfTheStructures) {
    const ServerConfiguration configuration = loaded(one_site);
    PoolConfiguration pool;
    pool.name = "DefaultAppPool";
    EXPECT_EQ(configuration.pools[0], pool);
    EXPECT_EQ(configuration.web_limits, WebLimits{});
    EXPECT_EQ(configuration.listener_limits, ListenerLimits{});
    EXPECT_EQ(configuration.sites[0].limits, SiteLimits{});
    EXPECT_EQ(configuration.sites[0].hsts, Hsts{});
    EXPECT_EQ(configuration.sites[0].failed_request_tracing, FailedRequestTracing{});
}

TEST(ServerConfiguration, AFileWithoutModulesGetsTheShippedOnes) {
    const ServerConfiguration configuration = loaded(one_site);
    ASSERT_GE(configuration.global_modules.size(), 3U);
    EXPECT_EQ(configuration.global_modules[0].name, "IsapiModule");
    EXPECT_EQ(configuration.global_modules[0].image, "isapi.so");
}

TEST(ServerConfiguration, ReadsThroughTheElementsThatHoldDefaults) {
    std::string text = replaced(one_site, R"(<add name="DefaultAppPool" />)", R"(<add name="DefaultAppPool" queueLength="20">
        <recycling><periodicRestart><schedule><add value="03:00:00"/></schedule></periodicRestart></recycling>
      </add>
      <applicationPoolDefaults queueLength="10" startMode="AlwaysRunning">
        <processModel idleTimeout="00:05:00" />
        <recycling><periodicRestart time="29:00:00"><schedule><add value="01:00:00"/></schedule></periodicRestart></recycling>
        <environmentVariables><add name="A" value="1"/></environmentVariables>
      </applicationPoolDefaults>)");
    text = replaced(text, "</sites>", R"(<siteDefaults serverAutoStart="false"><limits connectionTimeout="00:00:09"/></siteDefaults>
      <virtualDirectoryDefaults allowSubDirConfig="false" />
      <applicationDefaults applicationPool="DefaultAppPool" /></sites>)");
    const ServerConfiguration configuration = loaded(text);
    const PoolConfiguration& pool = configuration.pools.at(0);
    EXPECT_EQ(pool.queue_length, 20U);
    EXPECT_EQ(pool.start_mode, StartMode::AlwaysRunning);
    EXPECT_EQ(pool.process_model.idle_timeout, 5min);
    EXPECT_THAT(pool.recycling.schedule, testing::ElementsAre(1h, 3h));
    EXPECT_THAT(pool.environment_variables, testing::ElementsAre(EnvironmentVariable{"A", "1"}));
    const SiteConfiguration& site = configuration.sites.at(0);
    EXPECT_FALSE(site.server_auto_start);
    EXPECT_EQ(site.limits.connection_timeout, 9s);
    EXPECT_FALSE(site.applications.at(0).virtual_directories.at(0).allow_sub_dir_config);
}

TEST(ServerConfiguration, ReadsItsOwnSectionsByApplicationName) {
    const ServerConfiguration configuration =
        loaded(replaced(one_site, "</configuration>", R"(<system.osmia>
        <limits maxHeaderFields="50" headerTimeout="00:00:05" />
        <applicationSettings><add path="main/" executionTimeout="00:00:30" replay="none" /></applicationSettings>
      </system.osmia></configuration>)"));
    EXPECT_EQ(configuration.listener_limits.max_header_fields, 50U);
    EXPECT_EQ(configuration.listener_limits.header_timeout, 5s);
    const ApplicationSettings& settings = configuration.sites.at(0).applications.at(0).settings;
    EXPECT_EQ(settings.execution_timeout, 30s);
    EXPECT_EQ(settings.replay, Replay::None);
}

TEST(ServerConfiguration, FindsPoolsAndSitesWithoutCase) {
    const ServerConfiguration configuration = loaded(one_site);
    EXPECT_EQ(configuration.find_pool("defaultapppool"), &configuration.pools[0]);
    EXPECT_EQ(configuration.find_site("MAIN"), &configuration.sites[0]);
    EXPECT_EQ(configuration.find_site(1U), &configuration.sites[0]);
    EXPECT_EQ(configuration.find_pool("Other"), nullptr);
    EXPECT_EQ(configuration.find_site(2U), nullptr);
}

TEST(ServerConfiguration, ShowsTheLineAndACaretForEveryErrorOfAFile) {
    std::string text = replaced(one_site, R"(<add name="DefaultAppPool" />)", R"(<add name="DefaultAppPool" queueLenght="5" />)");
    text = replaced(text, R"(id="1")", R"(id="one")");
    EXPECT_EQ(findings(text), R"(test.config:4:34: error: <add> has no attribute 'queueLenght'; did you mean 'queueLength'?
      <add name="DefaultAppPool" queueLenght="5" />
                                 ^
test.config:7:29: error: 'one' is not a value of 'id'; give a whole number from 0
      <site name="Main" id="one">
                            ^
)");
}

TEST(ServerConfiguration, AnyErrorMeansNoConfiguration) {
    EXPECT_FALSE(load_server_configuration_text("<configuration><nonsense/></configuration>", "x").configuration);
    EXPECT_FALSE(load_server_configuration_text("", "x").configuration);
    EXPECT_FALSE(load_server_configuration("/nonexistent/applicationHost.config").configuration);
}

struct Mistake {
    const char* from;
    const char* to;
    std::uint32_t line;
    std::uint32_t column;
    ErrorNumber number;
    const char* message;  ///< a part of it
};

class MistakeTest : public testing::TestWithParam<Mistake> {};

TEST_P(MistakeTest, IsAnErrorWithItsPlaceAndNumber) {
    const Mistake& mistake = GetParam();
    const auto result = load_server_configuration_text(replaced(one_site, mistake.from, mistake.to), "test.config");
    EXPECT_FALSE(result.configuration.has_value());
    Diagnostics errors;
    for (const Diagnostic& diagnostic : result.diagnostics) {
        if (diagnostic.severity == Severity::Error) errors.push_back(diagnostic);
    }
    ASSERT_EQ(errors.size(), 1U) << formatted(result.diagnostics);
    EXPECT_THAT(errors[0].message, testing::HasSubstr(mistake.message));
    EXPECT_EQ(errors[0].number, mistake.number);
    EXPECT_EQ(errors[0].line, mistake.line) << formatted(errors);
    EXPECT_EQ(errors[0].column, mistake.column) << formatted(errors);
}

constexpr ErrorNumber bad = ErrorNumber::BadData;
constexpr ErrorNumber twice = ErrorNumber::Duplicate;
const char* const pool = R"(<add name="DefaultAppPool" />)";
const char* const binding = R"("*:8080:")";
const char* const end = "</configuration>";

const Mistake mistakes[] = {
    // The file.
    {"<configuration>", "<!DOCTYPE x [<!ENTITY a 'b'>]><configuration>", 1, 13, bad, "document type"},
    {"<configuration>", "<?xml version='1.0' encoding='windows-1252'?><!--\xc3\xa4--><configuration>", 1, 1, bad, "encoding"},
    {"<configuration>", "< ! -- garbage", 1, 2, bad, "malformed XML"},
    {"</site>", "</sites>", 14, 9, bad, "does not match"},
    {end, "", 18, 1, bad, "cut off"},
    {end, "<system.webserver/></configuration>", 17, 1, bad, "did you mean 'system.webServer'?"},
    {end, "<system.webServer><handler/></system.webServer></configuration>", 17, 19, bad, "did you mean 'handlers'?"},
    {end, "text</configuration>", 17, 1, bad, "text is not allowed"},
    {end, "<location path='Main'>text</location></configuration>", 17, 23, bad, "text is not allowed"},
    {end, "<system.applicationHost><sites/></system.applicationHost></configuration>", 17, 25, twice, "stands twice"},
    {end, "<location path='Main'><system.applicationHost><sites/></system.applicationHost></location></configuration>", 17, 47, bad, "whole server"},
    {end, "<location overrideMode='Deny' allowOverride='false'/></configuration>", 17, 31, bad, "cannot stand on one"},
    {end, "<location overrideMode='denied'/></configuration>", 17, 25, bad, "Allow, Deny or Inherit"},
    {end, "<location pth='Main'/></configuration>", 17, 11, bad, "no attribute 'pth'"},
    // Elements and attributes.
    {"<sites>", "<sites>text", 6, 12, bad, "text is not allowed"},
    {pool, "<pool/>", 4, 7, bad, "known here: applicationPoolDefaults, add"},
    {pool, R"(<add name="DefaultAppPool"><procesModel/></add>)", 4, 34, bad, "did you mean 'processModel'?"},
    {pool, R"(<add name="DefaultAppPool"/><add/>)", 4, 35, bad, "needs the attribute 'name'"},
    {pool, R"(<add name="DefaultAppPool"/><add name="DEFAULTAPPPOOL"/>)", 4, 35, twice, "exists already, at test.config:4"},
    {pool, R"(<add name="DefaultAppPool"><cpu/><cpu/></add>)", 4, 40, twice, "<cpu> stands twice"},
    {pool, R"(<add name="DefaultAppPool" configSource="x"/>)", 4, 34, bad, "only stand on a section"},
    {pool, R"(<add name="DefaultAppPool" lockAttributes="nam"/>)", 4, 50, bad, "did you mean 'name'?"},
    {pool, R"(<add name="DefaultAppPool" lockItem="yes"/>)", 4, 44, bad, "true or false"},
    // Values.
    {pool, R"(<add name="DefaultAppPool" autoStart="1"/>)", 4, 45, bad, "true or false"},
    {pool, R"(<add name="DefaultAppPool" queueLength="9"/>)", 4, 47, bad, "from 10 to 65535"},
    {pool, R"(<add name="DefaultAppPool" queueLength="65536"/>)", 4, 47, bad, "from 10 to 65535"},
    {pool, R"(<add name="DefaultAppPool" queueLength="-10"/>)", 4, 47, bad, "out of range"},
    {pool, R"(<add name="DefaultAppPool" startMode="Always"/>)", 4, 45, bad, "OnDemand, AlwaysRunning"},
    {pool, R"(<add name="DefaultAppPool" startMode="OnDemnd"/>)", 4, 45, bad, "did you mean 'OnDemand'?"},
    {pool, R"(<add name="DefaultAppPool"><processModel idleTimeout="00:00:59"/></add>)", 4, 61, bad, "multiple of 60 seconds"},
    {pool, R"(<add name="DefaultAppPool"><processModel idleTimeout="5"/></add>)", 4, 61, bad, "hours:minutes:seconds"},
    {pool, R"(<add name="DefaultAppPool"><processModel pingInterval="00:00:00"/></add>)", 4, 62, bad, "from 00:00:01"},
    {pool, R"(<add name="Default/AppPool"/>)", 4, 18, bad, "must not contain"},
    {pool, R"(<add name="DefaultAppPool"><recycling logEventOnRecycle="Time, Moon"/></add>)", 4, 64, bad, "any of"},
    {R"(name="Main")", R"(name="")", 7, 19, bad, "must not be empty"},
    {R"(id="1")", R"(id="0")", 7, 29, bad, "from 1"},
    {"<bindings>", "<limits maxBandwidth='1023'/><bindings>", 11, 31, bad, "0 to 1023 are reserved"},
    // Cross references.
    {pool, R"(<add name="AppPool"/>)", 8, 9, bad, "there is no application pool 'DefaultAppPool'"},
    {R"(path="/">)", R"(path="/" applicationPool="DefaultAppPol">)", 8, 31, bad, "did you mean 'DefaultAppPool'?"},
    {R"(<application path="/">)", R"(<application path="/shop">)", 7, 7, bad, "no application with path=\"/\""},
    {R"(<virtualDirectory path="/")", R"(<virtualDirectory path="/images")", 8, 9, bad, "no virtualDirectory with path=\"/\""},
    {R"(<application path="/">)", R"(<application path="shop">)", 8, 28, bad, "must start with '/'"},
    {"/srv/main", "main", 9, 38, bad, "not absolute"},
    {"/srv/main", "", 9, 38, bad, "needs a 'physicalPath'"},
    {"/srv/main", "C:\\inetpub\\wwwroot", 9, 38, bad, "Windows path"},
    {"/srv/main", "\\\\server\\share", 9, 38, bad, "network path"},
    {binding, R"("*:80")", 12, 36, bad, "IP:PORT:HOST"},
    {binding, R"("*:65536:")", 12, 36, bad, "from 1 to 65535"},
    {binding, R"("300.1.1.1:80:")", 12, 36, bad, "no IP address"},
    {binding, R"("[::g]:80:")", 12, 36, bad, "no IPv6 address"},
    {binding, R"("*:80:a b")", 12, 36, bad, "no host name"},
    {binding, R"("unix:run/x")", 12, 36, bad, "not absolute"},
    {R"(protocol="http")", R"(protocol="net.tcp")", 12, 11, ErrorNumber::NotSupported, "net.tcp"},
    {"</bindings>", R"(<binding protocol="http"/></bindings>)", 13, 9, bad, "needs the attribute 'bindingInformation'"},
    {"</bindings>", R"(<binding protocol="http" bindingInformation="*:8080:"/></bindings>)", 13, 9, twice, "exists already"},
    {"</bindings>", R"(<binding protocol="http" bindingInformation=":8080:"/></bindings>)", 7, 7, twice, "twice"},
    {"</sites>", R"(<site name="main" id="2"/></sites>)", 15, 5, twice, "exists already"},
    {"</sites>", R"(<site name="Two" id="1"/></sites>)", 15, 5, twice, "exists already"},
    {end, "<system.webServer><modules><add name='IsapiModul'/></modules></system.webServer></configuration>", 17, 28,
     ErrorNumber::ModuleMissing, "did you mean 'IsapiModule'?"},
};

INSTANTIATE_TEST_SUITE_P(All, MistakeTest, testing::ValuesIn(mistakes));

struct Caution {
    const char* from;
    const char* to;
    std::uint32_t line;
    const char* message;  ///< a part of it; empty: no finding at all
};

class CautionTest : public testing::TestWithParam<Caution> {};

TEST_P(CautionTest, IsAWarningAndTheConfigurationIsUsed) {
    const Caution& caution = GetParam();
    const auto result = load_server_configuration_text(replaced(one_site, caution.from, caution.to), "test.config");
    EXPECT_TRUE(result.configuration.has_value()) << formatted(result.diagnostics);
    if (std::string_view(caution.message).empty()) {
        EXPECT_EQ(formatted(result.diagnostics), "");
        return;
    }
    ASSERT_EQ(result.diagnostics.size(), 1U) << formatted(result.diagnostics);
    EXPECT_EQ(result.diagnostics[0].severity, Severity::Warning);
    EXPECT_EQ(result.diagnostics[0].line, caution.line);
    EXPECT_THAT(result.diagnostics[0].message, testing::HasSubstr(caution.message));
}

const Caution cautions[] = {
    {pool, R"(<add name="DefaultAppPool" enable32BitAppOnWin64="true"/>)", 4, "'enable32BitAppOnWin64' has no effect yet"},
    {pool, R"(<add name="DefaultAppPool" managedRuntimeVersion="v4.0"/>)", 4, ""},
    {pool, R"(<add name="DefaultAppPool"><recycling><periodicRestart time="1.05:00:00"/></recycling></add>)", 4, ""},
    {end, "<system.webServer><cors/></system.webServer></configuration>", 17, "no module"},
    {end, "<system.webServer><caching/></system.webServer></configuration>", 17, "no effect yet"},
    {end, "<system.webServer><security><access sslFlags='Ssl'/></security></system.webServer></configuration>", 17, "500.19"},
    {end, "<system.webServer><security><access sslFlags='None'/></security></system.webServer></configuration>", 17, ""},
    {end, "<location path='Main/a'><system.webServer><isapiFilters><filter name='a' path='/a.so'/></isapiFilters></system.webServer></location></configuration>", 17, "500.19"},
    {end, "<location path='Mian'><system.webServer><directoryBrowse/></system.webServer></location></configuration>", 17, "did you mean 'Main'?"},
    {end, "<system.osmia><applicationSettings><add path='Main/x'/></applicationSettings></system.osmia></configuration>", 17, "no application 'Main/x'"},
    {"/srv/main", "/srv/%OSMIA_TEST_UNSET%", 9, "'OSMIA_TEST_UNSET' is not set"},
    {end, "<appSettings><add key='a'/></appSettings><system.web><compilation/></system.web></configuration>", 17, ""},
    {end, "<x:y xmlns:x='urn:x'/></configuration>", 17, ""},
    {"<configuration>", "<configuration xmlns='urn:x'><configSections><section name='mine'/><sectionGroup name='g'><section name='s'/></sectionGroup></configSections><mine a='1'/><g><s/></g>", 1, ""},
    {"<configuration>", "\xef\xbb\xbf<?xml version='1.0' encoding='UTF-8'?>\r\n<configuration>", 1, ""},
};

INSTANTIATE_TEST_SUITE_P(All, CautionTest, testing::ValuesIn(cautions));

TEST(ServerConfiguration, ReadsUtf16InBothByteOrders) {
    const std::string text = std::string("<?xml version='1.0' encoding='utf-16'?>\n") + one_site;
    for (const bool big_endian : {false, true}) {
        std::string bytes = big_endian ? "\xfe\xff" : "\xff\xfe";
        for (const char c : text) {
            if (big_endian) bytes += '\0';
            bytes += c;
            if (!big_endian) bytes += '\0';
        }
        EXPECT_EQ(loaded(bytes).sites.at(0).name, "Main");
    }
}

TEST(ServerConfiguration, NeverShowsAPassword) {
    const std::string shown = findings(replaced(
        one_site, pool, R"(<add name="DefaultAppPool"><processModel password="hunter2" userNam="x"/></add>)"));
    EXPECT_THAT(shown, testing::HasSubstr("userNam"));
    EXPECT_THAT(shown, testing::Not(testing::HasSubstr("hunter2")));
}

TEST(ServerConfiguration, ExpandsEnvironmentVariablesAndTurnsBackslashes) {
    ::setenv("OSMIA_TEST_ROOT", "/srv", 1);
    const ServerConfiguration configuration = loaded(replaced(one_site, "/srv/main", "%OSMIA_TEST_ROOT%\\main\\"));
    EXPECT_EQ(configuration.sites.at(0).applications.at(0).virtual_directories.at(0).physical_path, "/srv/main");
    const ServerConfiguration drive = loaded(replaced(one_site, "/srv/main", "%SystemDrive%\\inetpub"));
    EXPECT_EQ(drive.sites.at(0).applications.at(0).virtual_directories.at(0).physical_path, "/inetpub");
}

TEST(ServerConfiguration, KeepsTheFirstFindingsOfManyAndSaysHowManyAreLeftOut) {
    std::string attributes;
    for (int index = 0; index < 128; ++index) attributes += " x" + std::to_string(index) + "='1'";
    std::string text = replaced(one_site, "<sites>", "<sites" + attributes + ">");
    text = replaced(text, "<bindings>", "<bindings" + attributes + ">");
    const auto result = load_server_configuration_text(text, "test.config");
    ASSERT_EQ(result.diagnostics.size(), max_diagnostics + 1);
    EXPECT_THAT(result.diagnostics.back().message, testing::HasSubstr("56 more"));
}

}  // namespace
}  // namespace osmia::config
