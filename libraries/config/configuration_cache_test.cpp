#include "config/configuration_cache.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <thread>

#include "config/pool_configuration.h"

namespace osmia::config {
namespace {

using namespace std::chrono_literals;

/// Folders and files in memory. A folder exists when it was added or when a file lies in it.
class MemoryFiles final : public FolderFiles {
public:
    void write(const std::string& path, const std::string& text) {
        files_[path] = {text, ++changes_};
        for (std::size_t slash = path.rfind('/'); slash != std::string::npos && slash > 0; slash = path.rfind('/', slash - 1)) {
            folders_.insert(path.substr(0, slash));
        }
    }
    void add_folder(const std::string& path) { folders_.insert(path); }
    void remove(const std::string& path) { files_.erase(path); }
    void forbid(const std::string& path) { forbidden_.insert(path); }
    int reads() const { return reads_; }

    Result<FileStamp> stamp(const std::string& path) override {
        FileStamp stamp;
        stamp.directory = folders_.contains(path);
        stamp.exists = stamp.directory || files_.contains(path);
        if (files_.contains(path)) stamp.modified_nanoseconds = files_.at(path).second;
        return stamp;
    }
    Result<std::string> read(const std::string& path) override {
        ++reads_;
        if (forbidden_.contains(path)) return make_error(ErrorKind::Denied, "{}: Permission denied", path);
        return files_.at(path).first;
    }

private:
    std::map<std::string, std::pair<std::string, int>> files_;
    std::set<std::string> folders_;
    std::set<std::string> forbidden_;
    int changes_ = 0;
    int reads_ = 0;
};

/// Two applications of one pool; "/srv/main" is the site, "/srv/app" the application "/app", "/srv/pics" the virtual
/// directory "/pics" with allowSubDirConfig="false".
constexpr const char* machine_head = R"(<configuration><system.applicationHost>
<applicationPools><add name="P"/></applicationPools>
<sites><site name="Main" id="1">
<application path="/" applicationPool="P"><virtualDirectory path="/" physicalPath="/srv/main"/>
<virtualDirectory path="/pics" physicalPath="/srv/pics" allowSubDirConfig="false"/></application>
<application path="/app" applicationPool="P"><virtualDirectory path="/" physicalPath="/srv/app"/></application>
</site></sites></system.applicationHost>
)";

std::shared_ptr<const ServerConfiguration> machine(const std::string& sections) {
    auto loaded = load_server_configuration_text(machine_head + sections + "</configuration>", "machine.config");
    for (const Diagnostic& diagnostic : loaded.diagnostics) {
        EXPECT_EQ(diagnostic.severity, Severity::Warning) << format_diagnostic(diagnostic);
    }
    return std::make_shared<const ServerConfiguration>(loaded.configuration.value_or(ServerConfiguration{}));
}

std::string web(const std::string& content) {
    return "<configuration>\n<system.webServer>\n" + content + "\n</system.webServer>\n</configuration>\n";
}

/// Default documents are the simplest collection with mergeAppend=false, MIME types one without, handlers one that is
/// locked by declaration.
std::string described(const EffectiveConfiguration& configuration) {
    if (configuration.error) {
        const ConfigurationError& error = *configuration.error;
        return fmt::format("{:08x} {}:{}", static_cast<unsigned>(error.number), error.file, error.line);
    }
    std::string text = configuration.default_document->enabled ? "" : "off ";
    text += fmt::format("{}", fmt::join(configuration.default_document->files, ","));
    if (const std::string* type = configuration.static_content->mime_type("x.foo")) text += " foo=" + *type;
    if (configuration.directory_browse->enabled) text += " browse";
    if ((configuration.handlers->access_policy & access_policy::Execute) != 0) text += " execute";
    for (const Handler& handler : configuration.handlers->handlers) {
        if (handler.name.starts_with("own")) text += " " + handler.name;
    }
    return text;
}

struct Row {
    const char* what;
    const char* machine;  ///< sections of the machine's file
    std::vector<std::pair<const char*, const char*>> files;  ///< folder → content of system.webServer in its web.config
    const char* url;
    const char* expected;
};

class InheritanceTest : public testing::TestWithParam<Row> {};

TEST_P(InheritanceTest, GivesTheSectionsInForceOrTheError) {
    const Row& row = GetParam();
    SCOPED_TRACE(row.what);
    MemoryFiles files;
    for (const char* folder : {"/srv/main", "/srv/main/sub", "/srv/main/sub/deep", "/srv/app", "/srv/app/sub", "/srv/pics",
                               "/srv/pics/sub"}) {
        files.add_folder(folder);
    }
    for (const auto& [folder, content] : row.files) {
        const std::string text = content[0] == '!' ? content + 1 : web(content);
        files.write(std::string(folder) + "/web.config", text);
    }
    const auto configuration = machine(row.machine);
    const std::string expected = row.expected;
    ConfigurationCache direct(configuration, files);
    EXPECT_EQ(described(*direct.find(1, row.url)), expected);
    // The worker sees the same through its pool's part.
    auto part = load_pool_configuration(write_pool_configuration(*configuration, "P").value(), "pool.config");
    ASSERT_TRUE(part.configuration.has_value());
    ConfigurationCache worker(std::make_shared<const ServerConfiguration>(*part.configuration), files);
    EXPECT_EQ(described(*worker.find(1, row.url)), expected);
}

#define DOCUMENTS(list) "<defaultDocument><files>" list "</files></defaultDocument>"
#define WEB_SERVER(text) "<system.webServer>" text "</system.webServer>"
#define LOCATION(attributes, text) "<location " attributes ">" WEB_SERVER(text) "</location>"
#define MACHINE_DOCUMENTS WEB_SERVER(DOCUMENTS("<add value='m'/><add value='n'/>"))
#define OPEN_HANDLERS LOCATION("path='' overrideMode='Allow'", "<handlers accessPolicy='Read'><add name='base' path='*' verb='*'/></handlers>") MACHINE_DOCUMENTS

const Row rows[] = {
    // Levels.
    {"the machine's file alone", MACHINE_DOCUMENTS, {}, "/", "m,n"},
    {"a site's child entries come first", MACHINE_DOCUMENTS, {{"/srv/main", DOCUMENTS("<add value='a'/><add value='b'/>")}}, "/", "a,b,m,n"},
    {"a folder comes before the site", MACHINE_DOCUMENTS, {{"/srv/main", DOCUMENTS("<add value='a'/>")}, {"/srv/main/sub", DOCUMENTS("<add value='s'/>")}}, "/sub/x.html", "s,a,m,n"},
    {"a folder's file counts for the folder's own URL", MACHINE_DOCUMENTS, {{"/srv/main/sub", DOCUMENTS("<add value='s'/>")}}, "/sub", "s,m,n"},
    {"a folder's file does not count beside it", MACHINE_DOCUMENTS, {{"/srv/main/sub", DOCUMENTS("<add value='s'/>")}}, "/other/x", "m,n"},
    {"a deep folder without a file inherits", MACHINE_DOCUMENTS, {{"/srv/main/sub", DOCUMENTS("<add value='s'/>")}}, "/sub/deep/x", "s,m,n"},
    {"an application inherits from its site", MACHINE_DOCUMENTS, {{"/srv/main", DOCUMENTS("<add value='a'/>")}, {"/srv/app", DOCUMENTS("<add value='p'/>")}}, "/app/x", "p,a,m,n"},
    {"an application's path has no case", MACHINE_DOCUMENTS, {{"/srv/app", DOCUMENTS("<add value='p'/>")}}, "/APP/x", "p,m,n"},
    {"a virtual directory's own file counts", MACHINE_DOCUMENTS, {{"/srv/pics", DOCUMENTS("<add value='v'/>")}}, "/pics/x", "v,m,n"},
    {"allowSubDirConfig=false stops below it", MACHINE_DOCUMENTS, {{"/srv/pics", DOCUMENTS("<add value='v'/>")}, {"/srv/pics/sub", DOCUMENTS("<add value='w'/>")}}, "/pics/sub/x", "v,m,n"},
    {"attributes override", MACHINE_DOCUMENTS, {{"/srv/main", "<defaultDocument enabled='false'/>"}, {"/srv/main/sub", "<defaultDocument enabled='true'/>"}}, "/sub/x", "m,n"},
    {"attributes are inherited", MACHINE_DOCUMENTS, {{"/srv/main", "<defaultDocument enabled='false'/>"}}, "/sub/x", "off m,n"},
    {"path info below a file changes nothing", MACHINE_DOCUMENTS, {}, "/x.dll/a/b", "m,n"},
    {"an empty web.config changes nothing", MACHINE_DOCUMENTS, {{"/srv/main", "!<configuration/>"}}, "/", "m,n"},
    // Collections.
    {"clear drops what is inherited", MACHINE_DOCUMENTS, {{"/srv/main", DOCUMENTS("<clear/><add value='a'/>")}}, "/", "a"},
    {"clear drops what stands before it", MACHINE_DOCUMENTS, {{"/srv/main", DOCUMENTS("<add value='a'/><clear/><add value='b'/>")}}, "/", "b"},
    {"remove takes one", MACHINE_DOCUMENTS, {{"/srv/main", DOCUMENTS("<remove value='m'/>")}}, "/", "n"},
    {"remove compares without case", MACHINE_DOCUMENTS, {{"/srv/main", DOCUMENTS("<remove value='M'/>")}}, "/", "n"},
    {"remove of what is not there is no error", MACHINE_DOCUMENTS, {{"/srv/main", DOCUMENTS("<remove value='z'/>")}}, "/", "m,n"},
    {"remove, then add moves to the front", MACHINE_DOCUMENTS, {{"/srv/main", DOCUMENTS("<remove value='n'/><add value='n'/>")}}, "/", "n,m"},
    {"an inherited key again is a duplicate", MACHINE_DOCUMENTS, {{"/srv/main", DOCUMENTS("\n<add value='M'/>")}}, "/", "800700b7 /srv/main/web.config:4"},
    {"an own key again is a duplicate", MACHINE_DOCUMENTS, {{"/srv/main", DOCUMENTS("<add value='a'/>\n<add value='a'/>")}}, "/", "800700b7 /srv/main/web.config:4"},
    {"after clear an inherited key is free", MACHINE_DOCUMENTS, {{"/srv/main", DOCUMENTS("<clear/><add value='m'/>")}}, "/", "m"},
    {"a MIME type is added", MACHINE_DOCUMENTS, {{"/srv/main", "<staticContent><mimeMap fileExtension='.FOO' mimeType='a/b'/></staticContent>"}}, "/", "m,n foo=a/b"},
    {"a shipped MIME type again is a duplicate", MACHINE_DOCUMENTS, {{"/srv/main", "<staticContent>\n<mimeMap fileExtension='.html' mimeType='a/b'/></staticContent>"}}, "/", "800700b7 /srv/main/web.config:4"},
    {"the machine's own MIME type joins the shipped ones", MACHINE_DOCUMENTS WEB_SERVER("<staticContent><mimeMap fileExtension='.foo' mimeType='a/b'/></staticContent>"), {{"/srv/main", "<staticContent><remove fileExtension='.html'/><mimeMap fileExtension='.html' mimeType='x/y'/></staticContent>"}}, "/", "m,n foo=a/b"},
    {"the machine's own MIME type replaces a shipped one", MACHINE_DOCUMENTS WEB_SERVER("<staticContent><remove fileExtension='.foo'/><mimeMap fileExtension='.foo' mimeType='a/b'/><mimeMap fileExtension='.png' mimeType='x/y'/></staticContent>"), {}, "/", "m,n foo=a/b"},
    {"a complete file has its own MIME types only", "<configSections><section name='x'/></configSections>" MACHINE_DOCUMENTS WEB_SERVER("<staticContent><mimeMap fileExtension='.foo' mimeType='a/b'/></staticContent>"), {{"/srv/main", "<staticContent><mimeMap fileExtension='.html' mimeType='x/y'/></staticContent>"}}, "/", "m,n foo=a/b"},
    // Location tags.
    {"a location of the site", MACHINE_DOCUMENTS LOCATION("path='Main'", DOCUMENTS("<add value='l'/>")), {}, "/", "l,m,n"},
    {"location paths have no case", MACHINE_DOCUMENTS LOCATION("path='MAIN/Sub'", DOCUMENTS("<add value='l'/>")), {}, "/sub/x", "l,m,n"},
    {"a location counts before the file at its path", MACHINE_DOCUMENTS LOCATION("path='Main'", DOCUMENTS("<add value='l'/>")), {{"/srv/main", DOCUMENTS("<add value='a'/>")}}, "/", "a,l,m,n"},
    {"a deeper location overrides a shallower file", MACHINE_DOCUMENTS LOCATION("path='Main/sub'", DOCUMENTS("<add value='l'/>")), {{"/srv/main", DOCUMENTS("<add value='a'/>")}}, "/sub/x", "l,a,m,n"},
    {"a location of a file", MACHINE_DOCUMENTS LOCATION("path='Main/sub/one.html'", DOCUMENTS("<add value='l'/>")), {}, "/sub/one.html", "l,m,n"},
    {"a location of a file is not for its neighbour", MACHINE_DOCUMENTS LOCATION("path='Main/sub/one.html'", DOCUMENTS("<add value='l'/>")), {}, "/sub/two.html", "m,n"},
    {"a location of a folder that does not exist", MACHINE_DOCUMENTS LOCATION("path='Main/no/where'", DOCUMENTS("<add value='l'/>")), {}, "/no/where/x", "l,m,n"},
    {"path='.' is the file's own level", LOCATION("path='.'", DOCUMENTS("<add value='m'/>")), {}, "/", "m"},
    {"no path is the file's own level", LOCATION("", DOCUMENTS("<add value='m'/>")), {}, "/", "m"},
    {"a location in a web.config is relative", MACHINE_DOCUMENTS, {{"/srv/main", "!<configuration>" LOCATION("path='sub'", DOCUMENTS("<add value='r'/>")) "</configuration>"}}, "/sub/x", "r,m,n"},
    {"a web.config's location is not for its own level", MACHINE_DOCUMENTS, {{"/srv/main", "!<configuration>" LOCATION("path='sub'", DOCUMENTS("<add value='r'/>")) "</configuration>"}}, "/x", "m,n"},
    {"a file's web.config overrides the location above", MACHINE_DOCUMENTS, {{"/srv/main", "!<configuration>" LOCATION("path='sub'", DOCUMENTS("<add value='r'/>")) "</configuration>"}, {"/srv/main/sub", DOCUMENTS("<add value='s'/>")}}, "/sub/x", "s,r,m,n"},
    {"inheritInChildApplications=false stops at an application", MACHINE_DOCUMENTS, {{"/srv/main", "!<configuration>" LOCATION("path='.' inheritInChildApplications='false'", DOCUMENTS("<add value='r'/>")) "</configuration>"}}, "/app/x", "m,n"},
    {"inheritInChildApplications=false goes on into folders", MACHINE_DOCUMENTS, {{"/srv/main", "!<configuration>" LOCATION("path='.' inheritInChildApplications='false'", DOCUMENTS("<add value='r'/>")) "</configuration>"}}, "/sub/x", "r,m,n"},
    // Section locks.
    {"a section locked by declaration", MACHINE_DOCUMENTS, {{"/srv/main", "<handlers accessPolicy='Read, Execute'/>"}}, "/", "80070021 /srv/main/web.config:3"},
    {"opened by overrideMode", OPEN_HANDLERS, {{"/srv/main", "<handlers accessPolicy='Read, Execute'/>"}}, "/", "m,n execute"},
    {"opened for one site", MACHINE_DOCUMENTS LOCATION("path='Main' overrideMode='Allow'", "<handlers/>"), {{"/srv/main/sub", "<handlers accessPolicy='Read, Execute'/>"}}, "/sub/x", "m,n execute"},
    {"opened for one folder only", MACHINE_DOCUMENTS LOCATION("path='Main/sub' overrideMode='Allow'", "<handlers/>"), {{"/srv/main", "<handlers accessPolicy='Read, Execute'/>"}}, "/", "80070021 /srv/main/web.config:3"},
    {"closed by overrideMode", MACHINE_DOCUMENTS LOCATION("path='Main' overrideMode='Deny'", "<defaultDocument/>"), {{"/srv/main", DOCUMENTS("<add value='a'/>")}}, "/", "80070021 /srv/main/web.config:3"},
    {"closed by allowOverride", MACHINE_DOCUMENTS LOCATION("path='Main' allowOverride='false'", "<defaultDocument/>"), {{"/srv/main", DOCUMENTS("<add value='a'/>")}}, "/", "80070021 /srv/main/web.config:3"},
    {"closed above, opened below in one file", MACHINE_DOCUMENTS LOCATION("path='Main' overrideMode='Deny'", "<defaultDocument/>") LOCATION("path='Main/sub' overrideMode='Allow'", "<defaultDocument/>"), {{"/srv/main/sub", DOCUMENTS("<add value='s'/>")}}, "/sub/x", "s,m,n"},
    {"a web.config closes for those below", MACHINE_DOCUMENTS, {{"/srv/main", "!<configuration>" LOCATION("path='.' overrideMode='Deny'", DOCUMENTS("<add value='a'/>")) "</configuration>"}, {"/srv/main/sub", DOCUMENTS("<add value='s'/>")}}, "/sub/x", "80070021 /srv/main/sub/web.config:3"},
    {"and not for itself", MACHINE_DOCUMENTS, {{"/srv/main", "!<configuration>" LOCATION("path='.' overrideMode='Deny'", DOCUMENTS("<add value='a'/>")) "</configuration>"}}, "/", "a,m,n"},
    {"a web.config cannot open what is closed above", MACHINE_DOCUMENTS, {{"/srv/main", "!<configuration>\n" LOCATION("overrideMode='Allow'", "<handlers accessPolicy='Read, Execute'/>") "</configuration>"}}, "/", "80070021 /srv/main/web.config:2"},
    {"declared open in configSections", "<configSections><sectionGroup name='system.webServer'><section name='handlers' overrideModeDefault='Allow'/></sectionGroup></configSections>" MACHINE_DOCUMENTS, {{"/srv/main", "<handlers accessPolicy='Read, Execute'/>"}}, "/", "m,n execute"},
    {"declared closed in configSections", "<configSections><sectionGroup name='system.webServer'><section name='defaultDocument' overrideModeDefault='Deny'/></sectionGroup></configSections>" MACHINE_DOCUMENTS, {{"/srv/main", DOCUMENTS("<add value='a'/>")}}, "/", "80070021 /srv/main/web.config:3"},
    {"lockItem on a section", WEB_SERVER("<defaultDocument lockItem='true'><files><add value='m'/></files></defaultDocument>"), {{"/srv/main", DOCUMENTS("<add value='a'/>")}}, "/", "80070021 /srv/main/web.config:3"},
    // Locks inside sections.
    {"lockAttributes", WEB_SERVER("<directoryBrowse enabled='false' lockAttributes='enabled'/>"), {{"/srv/main", "<directoryBrowse enabled='true'/>"}}, "/", "80070021 /srv/main/web.config:3"},
    {"a locked attribute cannot be set to the same value", WEB_SERVER("<directoryBrowse enabled='false' lockAttributes='enabled'/>"), {{"/srv/main", "<directoryBrowse enabled='false'/>"}}, "/", "80070021 /srv/main/web.config:3"},
    {"another attribute stays free", WEB_SERVER(DOCUMENTS("<add value='m'/>") "<directoryBrowse enabled='true' lockAttributes='showFlags'/>"), {{"/srv/main", "<directoryBrowse enabled='false'/>"}}, "/", "m"},
    {"lockAttributes=*", WEB_SERVER("<directoryBrowse lockAttributes='*'/>"), {{"/srv/main", "<directoryBrowse enabled='true'/>"}}, "/", "80070021 /srv/main/web.config:3"},
    {"lockAllAttributesExcept frees the named", WEB_SERVER(DOCUMENTS("<add value='m'/>") "<directoryBrowse lockAllAttributesExcept='enabled'/>"), {{"/srv/main", "<directoryBrowse enabled='true'/>"}}, "/", "m browse"},
    {"lockAllAttributesExcept locks the others", WEB_SERVER("<directoryBrowse lockAllAttributesExcept='enabled'/>"), {{"/srv/main", "<directoryBrowse showFlags='Date'/>"}}, "/", "80070021 /srv/main/web.config:3"},
    {"lockElements on a child", WEB_SERVER("<defaultDocument lockElements='files'><files><add value='m'/></files></defaultDocument>"), {{"/srv/main", DOCUMENTS("<add value='a'/>")}}, "/", "80070021 /srv/main/web.config:3"},
    {"lockElements on add", WEB_SERVER("<defaultDocument><files lockElements='add'><add value='m'/></files></defaultDocument>"), {{"/srv/main", DOCUMENTS("<add value='a'/>")}}, "/", "80070021 /srv/main/web.config:3"},
    {"lockElements on add leaves remove", WEB_SERVER("<defaultDocument><files lockElements='add'><add value='m'/><add value='n'/></files></defaultDocument>"), {{"/srv/main", DOCUMENTS("<remove value='m'/>")}}, "/", "n"},
    {"lockElements on clear", WEB_SERVER("<defaultDocument><files lockElements='clear,remove'><add value='m'/></files></defaultDocument>"), {{"/srv/main", DOCUMENTS("<clear/>")}}, "/", "80070021 /srv/main/web.config:3"},
    {"lockAllElementsExcept", WEB_SERVER("<defaultDocument><files lockAllElementsExcept='remove'><add value='m'/></files></defaultDocument>"), {{"/srv/main", DOCUMENTS("<add value='a'/>")}}, "/", "80070021 /srv/main/web.config:3"},
    {"lockAllElementsExcept leaves the named", WEB_SERVER("<defaultDocument><files lockAllElementsExcept='remove'><add value='m'/><add value='n'/></files></defaultDocument>"), {{"/srv/main", DOCUMENTS("<remove value='n'/>")}}, "/", "m"},
    {"a locked item cannot be removed", WEB_SERVER(DOCUMENTS("<add value='m' lockItem='true'/>")), {{"/srv/main", DOCUMENTS("<remove value='m'/>")}}, "/", "80070021 /srv/main/web.config:3"},
    {"a locked item cannot be cleared", WEB_SERVER(DOCUMENTS("<add value='m' lockItem='true'/>")), {{"/srv/main", DOCUMENTS("<clear/>")}}, "/", "80070021 /srv/main/web.config:3"},
    {"adding beside a locked item is allowed", WEB_SERVER(DOCUMENTS("<add value='m' lockItem='true'/>")), {{"/srv/main", DOCUMENTS("<add value='a'/>")}}, "/", "a,m"},
    {"another item beside a locked one can be removed", WEB_SERVER(DOCUMENTS("<add value='m' lockItem='true'/><add value='n'/>")), {{"/srv/main", DOCUMENTS("<remove value='n'/>")}}, "/", "m"},
    {"a lock does not bind its own file", WEB_SERVER("<directoryBrowse enabled='false' lockAttributes='enabled'/>" DOCUMENTS("<add value='m'/>")) LOCATION("path='Main'", "<directoryBrowse enabled='true'/>"), {}, "/", "m browse"},
    {"a web.config's lock binds the next one", MACHINE_DOCUMENTS, {{"/srv/main", "<directoryBrowse enabled='true' lockAttributes='enabled'/>"}, {"/srv/main/sub", "<directoryBrowse enabled='false'/>"}}, "/sub/x", "80070021 /srv/main/sub/web.config:3"},
    {"a shipped native module cannot be removed", MACHINE_DOCUMENTS LOCATION("path='Main' overrideMode='Allow'", "<modules/>"), {{"/srv/main", "<modules><remove name='IsapiModule'/></modules>"}}, "/", "80070021 /srv/main/web.config:3"},
    // Errors.
    {"an unknown section", MACHINE_DOCUMENTS, {{"/srv/main", "<nonsense/>"}}, "/x", "8007000d /srv/main/web.config:3"},
    {"an unknown attribute", MACHINE_DOCUMENTS, {{"/srv/main", "<directoryBrowse\n on='true'/>"}}, "/x", "8007000d /srv/main/web.config:4"},
    {"an unknown element", MACHINE_DOCUMENTS, {{"/srv/main", "<defaultDocument><file/></defaultDocument>"}}, "/x", "8007000d /srv/main/web.config:3"},
    {"a wrong value", MACHINE_DOCUMENTS, {{"/srv/main", "<directoryBrowse enabled='yes'/>"}}, "/x", "8007000d /srv/main/web.config:3"},
    {"malformed XML", MACHINE_DOCUMENTS, {{"/srv/main", "!< ! -- garbage"}}, "/x", "8007000d /srv/main/web.config:1"},
    {"an error holds for the whole subtree", MACHINE_DOCUMENTS, {{"/srv/main", "<nonsense/>"}, {"/srv/main/sub", DOCUMENTS("<clear/>")}}, "/sub/x", "8007000d /srv/main/web.config:3"},
    {"an error does not hold beside it", MACHINE_DOCUMENTS, {{"/srv/main/sub", "<nonsense/>"}}, "/x", "m,n"},
    {"a machine section in a web.config", MACHINE_DOCUMENTS, {{"/srv/main", "<globalModules/>"}}, "/x", "80070021 /srv/main/web.config:3"},
    {"an application section in a folder", MACHINE_DOCUMENTS LOCATION("path='Main' overrideMode='Allow'", "<modules/>"), {{"/srv/main/sub", "<modules/>"}}, "/sub/x", "80070021 /srv/main/sub/web.config:3"},
    {"an application section in an application", MACHINE_DOCUMENTS LOCATION("path='Main' overrideMode='Allow'", "<modules/>"), {{"/srv/app", "<modules/>"}}, "/app/x", "m,n"},
    {"a section whose module is lacking", MACHINE_DOCUMENTS, {{"/srv/main", "<cors/>"}}, "/x", "80070032 /srv/main/web.config:3"},
    {"a section without effect yet", MACHINE_DOCUMENTS, {{"/srv/main", "<caching/>"}}, "/x", "m,n"},
    {"sections of .NET are stepped over", MACHINE_DOCUMENTS, {{"/srv/main", "!<configuration><system.web><a/></system.web><appSettings/><runtime><assemblyBinding xmlns='x'/></runtime></configuration>"}}, "/x", "m,n"},
    {"own declarations are stepped over", MACHINE_DOCUMENTS, {{"/srv/main", "!<configuration><configSections><section name='mine' type='T'/></configSections><mine/></configuration>"}}, "/x", "m,n"},
    {"declarations hold for folders below", MACHINE_DOCUMENTS, {{"/srv/main", "!<configuration><configSections><section name='mine' type='T'/></configSections></configuration>"}, {"/srv/main/sub", "!<configuration><mine/></configuration>"}}, "/sub/x", "m,n"},
    // Nothing fails open.
    {"access sslFlags", MACHINE_DOCUMENTS LOCATION("path='Main/sub'", "<security><access sslFlags='Ssl'/></security>"), {}, "/sub/x", "80070032 machine.config:8"},
    {"access sslFlags=None is harmless", MACHINE_DOCUMENTS LOCATION("path='Main/sub'", "<security><access sslFlags='None'/></security>"), {}, "/sub/x", "m,n"},
    {"what guards a folder does not close its neighbour", MACHINE_DOCUMENTS LOCATION("path='Main/sub'", "<security><access sslFlags='Ssl'/></security>"), {}, "/x", "m,n"},
    {"a guard opened again below", WEB_SERVER(DOCUMENTS("<add value='m'/>") "<security><access sslFlags='Ssl'/></security>") LOCATION("path='Main'", "<security><access sslFlags='None'/></security>"), {}, "/x", "m"},
    {"anonymous off is the core's business", MACHINE_DOCUMENTS LOCATION("path='Main'", "<security><authentication><anonymousAuthentication enabled='false'/></authentication></security>"), {}, "/x", "m,n"},
    {"anonymous on is harmless", MACHINE_DOCUMENTS LOCATION("path='Main'", "<security><authentication><anonymousAuthentication enabled='true' userName=''/></authentication></security>"), {}, "/x", "m,n"},
    {"windows authentication", MACHINE_DOCUMENTS LOCATION("path='Main'", "<security><authentication><windowsAuthentication enabled='true'/></authentication></security>"), {}, "/x", "80070032 machine.config:8"},
    {"basic off is harmless", MACHINE_DOCUMENTS LOCATION("path='Main'", "<security><authentication><basicAuthentication enabled='false' realm='x'/></authentication></security>"), {}, "/x", "m,n"},
    {"requestFiltering with its module", MACHINE_DOCUMENTS, {{"/srv/main", "<security><requestFiltering><requestLimits maxAllowedContentLength='5'/></requestFiltering></security>"}}, "/x", "m,n"},
    {"requestFiltering without its module", MACHINE_DOCUMENTS LOCATION("path='Main'", "<modules><remove name='RequestFilteringModule'/></modules>"), {{"/srv/main", "<security><requestFiltering><requestLimits maxAllowedContentLength='5'/></requestFiltering></security>"}}, "/x", "80070032 /srv/main/web.config:3"},
    {"requestFiltering at its defaults is harmless", MACHINE_DOCUMENTS LOCATION("path='Main'", "<modules><remove name='RequestFilteringModule'/></modules>"), {{"/srv/main", "<security><requestFiltering allowDoubleEscaping='false'><requestLimits maxUrl='4096'/></requestFiltering></security>"}}, "/x", "m,n"},
    {"authorization that denies", MACHINE_DOCUMENTS, {{"/srv/main", "<security><authorization><add accessType='Deny' users='?'/></authorization></security>"}}, "/x", "80070032 /srv/main/web.config:3"},
    {"authorization without its rule for everyone", MACHINE_DOCUMENTS, {{"/srv/main", "<security><authorization><remove users='*' roles='' verbs=''/></authorization></security>"}}, "/x", "80070032 /srv/main/web.config:3"},
    {"authorization that lets everyone in is harmless", MACHINE_DOCUMENTS, {{"/srv/main", "<security><authorization><clear/><add accessType='Allow' users='*'/></authorization></security>"}}, "/x", "m,n"},
    {"ipSecurity", MACHINE_DOCUMENTS LOCATION("path='Main'", "<security><ipSecurity allowUnlisted='false'/></security>"), {}, "/x", "80070032 machine.config:8"},
    {"ipSecurity that denies one", MACHINE_DOCUMENTS LOCATION("path='Main'", "<security><ipSecurity><add ipAddress='10.0.0.1'/></ipSecurity></security>"), {}, "/x", "80070032 machine.config:8"},
    {"isapiFilters", MACHINE_DOCUMENTS LOCATION("path='Main'", "<isapiFilters><filter name='f' path='/f.so'/></isapiFilters>"), {}, "/x", "80070032 machine.config:8"},
    {"a filter that is off is harmless", MACHINE_DOCUMENTS LOCATION("path='Main'", "<isapiFilters><filter name='f' path='/f.so' enabled='false'/></isapiFilters>"), {}, "/x", "m,n"},
    {"an application that is off", MACHINE_DOCUMENTS LOCATION("path='Main'", "<serverRuntime enabled='false'/>"), {}, "/x", "80070032 machine.config:8"},
    {"a limit on request bodies", MACHINE_DOCUMENTS LOCATION("path='Main'", "<serverRuntime maxRequestEntityAllowed='5'/>"), {}, "/x", "80070032 machine.config:8"},
    {"dynamicIpSecurity", MACHINE_DOCUMENTS LOCATION("path='Main'", "<security><dynamicIpSecurity><denyByConcurrentRequests enabled='true'/></dynamicIpSecurity></security>"), {}, "/x", "80070032 machine.config:8"},
    {"dynamicIpSecurity that only logs is harmless", MACHINE_DOCUMENTS LOCATION("path='Main'", "<security><dynamicIpSecurity enableLoggingOnlyMode='true'><denyByConcurrentRequests enabled='true'/></dynamicIpSecurity></security>"), {}, "/x", "m,n"},
    {"rewrite rules", MACHINE_DOCUMENTS, {{"/srv/main", "<rewrite><rules><rule name='x'/></rules></rewrite>"}}, "/x", "80070032 /srv/main/web.config:3"},
    {"no rewrite rule is harmless", MACHINE_DOCUMENTS, {{"/srv/main", "<rewrite><rules><clear/></rules></rewrite>"}}, "/x", "m,n"},
    {"a managed module that sees every request", MACHINE_DOCUMENTS LOCATION("path='Main' overrideMode='Allow'", "<modules/>"), {{"/srv/main", "<modules><add name='x' type='X'/></modules>"}}, "/x", "80070032 /srv/main/web.config:3"},
    {"a managed module for managed handlers is stepped over", MACHINE_DOCUMENTS LOCATION("path='Main' overrideMode='Allow'", "<modules/>"), {{"/srv/main", "<modules><add name='x' type='X' preCondition='managedHandler'/></modules>"}}, "/x", "m,n"},
    {"a module that nothing provides", MACHINE_DOCUMENTS LOCATION("path='Main' overrideMode='Allow'", "<modules/>"), {{"/srv/main", "<modules><add name='x'/></modules>"}}, "/x", "8007007e /srv/main/web.config:3"},
    // Handlers.
    {"own handlers come first, in their order", OPEN_HANDLERS, {{"/srv/main", "<handlers><add name='own1' path='*.a' verb='*'/><add name='own2' path='*.b' verb='*'/></handlers>"}}, "/", "m,n own1 own2"},
    {"a handler whose preCondition does not hold is left out", OPEN_HANDLERS, {{"/srv/main", "<handlers><add name='own1' path='*.a' verb='*' preCondition='integratedMode,runtimeVersionv4.0'/><add name='own2' path='*.b' verb='*' preCondition='integratedMode,bitness64'/></handlers>"}}, "/", "m,n own2"},
    {"handler names have case", OPEN_HANDLERS, {{"/srv/main", "<handlers><add name='own1' path='*.a' verb='*'/><add name='own1'  path='*.b' verb='*'/></handlers>"}}, "/", "800700b7 /srv/main/web.config:3"},
};

INSTANTIATE_TEST_SUITE_P(Rows, InheritanceTest, testing::ValuesIn(rows));

/// A cache over files in memory, with a clock that stands still until it is moved.
class ConfigurationCacheTest : public testing::Test {
protected:
    ConfigurationCacheTest() { files_.add_folder("/srv/main"); }
    std::string found(const std::string& url = "/x.html") { return described(*cache_.find(1, url)); }

    MemoryFiles files_;
    std::chrono::steady_clock::time_point now_{};
    ConfigurationCache cache_{machine(MACHINE_DOCUMENTS), files_, [this] { return now_; }};
};

TEST_F(ConfigurationCacheTest, GivesTheSameObjectAgainAndDoesNotReadTwice) {
    files_.write("/srv/main/web.config", web(DOCUMENTS("<add value='a'/>")));
    const auto first = cache_.find(1, "/x.html");
    EXPECT_EQ(cache_.find(1, "/x.html"), first);
    EXPECT_EQ(cache_.find(1, "/y.html"), first);
    EXPECT_EQ(files_.reads(), 1);
    now_ += 2s;
    EXPECT_EQ(cache_.find(1, "/x.html"), first);
    EXPECT_EQ(files_.reads(), 1);
}

TEST_F(ConfigurationCacheTest, SeesAnEditAfterOneSecondAndNotBefore) {
    files_.write("/srv/main/web.config", web(DOCUMENTS("<add value='a'/>")));
    EXPECT_EQ(found(), "a,m,n");
    files_.write("/srv/main/web.config", web(DOCUMENTS("<add value='b'/>")));
    now_ += 999ms;
    EXPECT_EQ(found(), "a,m,n");
    now_ += 1ms;
    EXPECT_EQ(found(), "b,m,n");
}

TEST_F(ConfigurationCacheTest, SeesAFileAppearAndDisappear) {
    EXPECT_EQ(found(), "m,n");
    files_.write("/srv/main/web.config", web("<nonsense/>"));
    now_ += 1s;
    EXPECT_EQ(found(), "8007000d /srv/main/web.config:3");
    files_.remove("/srv/main/web.config");
    now_ += 1s;
    EXPECT_EQ(found(), "m,n");
}

TEST_F(ConfigurationCacheTest, SeesAnEditOfWhatAConfigSourceNames) {
    files_.write("/srv/main/web.config", web("<defaultDocument configSource='d.config'/>"));
    EXPECT_EQ(found(), "80070003 /srv/main/web.config:3");
    files_.write("/srv/main/d.config", DOCUMENTS("<add value='a'/>"));
    now_ += 1s;
    EXPECT_EQ(found(), "a,m,n");
    files_.write("/srv/main/d.config", DOCUMENTS("<add value='b'/>"));
    EXPECT_EQ(found(), "a,m,n");
    now_ += 1s;
    EXPECT_EQ(found(), "b,m,n");
}

TEST_F(ConfigurationCacheTest, AnEditAboveReachesTheFoldersBelow) {
    files_.write("/srv/main/sub/web.config", web(DOCUMENTS("<add value='s'/>")));
    EXPECT_EQ(found("/sub/x"), "s,m,n");
    files_.write("/srv/main/web.config", web(DOCUMENTS("<add value='a'/>")));
    now_ += 1s;
    EXPECT_EQ(found("/sub/x"), "s,a,m,n");
}

TEST_F(ConfigurationCacheTest, AnUnreadableFileIsAnErrorThatNamesIt) {
    files_.write("/srv/main/web.config", web(""));
    files_.forbid("/srv/main/web.config");
    EXPECT_EQ(found(), "80070005 /srv/main/web.config:0");
    const auto configuration = cache_.find(1, "/x.html");
    EXPECT_THAT(configuration->error->message, testing::HasSubstr("Permission denied"));
}

TEST_F(ConfigurationCacheTest, AnErrorCarriesTheSourceLine) {
    files_.write("/srv/main/web.config", web("  <nonsense/>"));
    EXPECT_EQ(cache_.find(1, "/")->error->source_line, "  <nonsense/>");
}

TEST_F(ConfigurationCacheTest, AnUnknownSiteIsAnErrorWithEverySectionThere) {
    const auto configuration = cache_.find(7, "/");
    ASSERT_TRUE(configuration->error.has_value());
    EXPECT_NE(configuration->handlers, nullptr);
    EXPECT_NE(configuration->static_content, nullptr);
}

TEST_F(ConfigurationCacheTest, AFileOfTheLargestSizeIsReadAndOneByteMoreIsNot) {
    const std::string head = "<configuration>";
    const std::string tail = "</configuration>";
    const std::string spaces(max_web_config_bytes - head.size() - tail.size(), ' ');
    files_.write("/srv/main/web.config", head + spaces + tail);
    EXPECT_EQ(found(), "m,n");
    files_.write("/srv/main/web.config", head + spaces + ' ' + tail);
    now_ += 1s;
    EXPECT_EQ(found(), "8007000d /srv/main/web.config:0");
}

TEST_F(ConfigurationCacheTest, FoldersAreLookedAtDownToTheDepthLimitAndNoneBeyondItIsServed) {
    std::string url;
    for (std::size_t depth = 0; depth < max_configuration_depth; ++depth) url += "/d";
    files_.write("/srv/main" + url + "/web.config", web(DOCUMENTS("<add value='last'/>")));
    EXPECT_EQ(found(url + "/x"), "last,m,n");
    files_.add_folder("/srv/main" + url + "/d");
    EXPECT_EQ(found(url + "/d/x"), "8007000d machine.config:0");
}

TEST_F(ConfigurationCacheTest, PathsThatAreNotNormalisedAreErrors) {
    using namespace std::string_literals;
    files_.add_folder("/srv/main/a");
    for (const std::string& url : {"/a/../b"s, "/.."s, "/./a"s, "/a\0b"s}) EXPECT_EQ(found(url), "8007000d machine.config:0");
    EXPECT_EQ(found("//a//x"), "m,n");
    EXPECT_EQ(found("/a/...x"), "m,n");
}

TEST_F(ConfigurationCacheTest, SurvivesMoreUrlsThanItKeeps) {
    for (std::size_t index = 0; index < max_cached_urls + 10; ++index) EXPECT_EQ(found("/" + std::to_string(index)), "m,n");
}

TEST_F(ConfigurationCacheTest, ALongUrlIsAnsweredToo) {
    EXPECT_EQ(found("/" + std::string(max_cached_url_length, 'a')), "m,n");
    EXPECT_EQ(found("/" + std::string(max_cached_url_length - 1, 'a')), "m,n");
}

TEST(ConfigurationCache, APoolWithoutOverridesReadsNoWebConfig) {
    MemoryFiles files;
    files.write("/srv/main/web.config", web("<nonsense/>"));
    std::string text = machine_head;
    text.replace(text.find("name=\"P\""), 8, "name=\"P\" enableConfigurationOverride=\"false\"");
    auto loaded = load_server_configuration_text(text + MACHINE_DOCUMENTS "</configuration>", "machine.config");
    ASSERT_TRUE(loaded.configuration.has_value());
    ConfigurationCache cache(std::make_shared<const ServerConfiguration>(*loaded.configuration), files);
    EXPECT_EQ(described(*cache.find(1, "/x")), "m,n");
    EXPECT_EQ(files.reads(), 0);
}

TEST(ConfigurationCache, AnswersManyThreadsAtOnce) {
    MemoryFiles files;
    files.write("/srv/main/sub/web.config", web(DOCUMENTS("<add value='s'/>")));
    std::atomic<std::int64_t> milliseconds = 0;
    ConfigurationCache cache(machine(MACHINE_DOCUMENTS), files, [&milliseconds] {
        return std::chrono::steady_clock::time_point(std::chrono::milliseconds(milliseconds += 10));
    });
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&] {
            for (int index = 0; index < 1000; ++index) {
                if (described(*cache.find(1, "/sub/" + std::to_string(index % 50))) != "s,m,n") ++wrong;
                if (described(*cache.find(1, "/x")) != "m,n") ++wrong;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
}

TEST(ConfigurationCache, ReadsTheRealFileSystem) {
    std::string folder = testing::TempDir() + "osmia_config_XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    std::ofstream(folder + "/web.config") << web(DOCUMENTS("<clear/><add value='real'/>"));
    std::ofstream(folder + "/x.html") << "x";
    std::string text = machine_head;
    text.replace(text.find("/srv/main"), 9, folder);
    auto loaded = load_server_configuration_text(text + "</configuration>", "machine.config");
    ASSERT_TRUE(loaded.configuration.has_value());
    ConfigurationCache cache(std::make_shared<const ServerConfiguration>(*loaded.configuration));
    EXPECT_EQ(described(*cache.find(1, "/x.html")), "real");
    EXPECT_EQ(described(*cache.find(1, "/x.html/y")), "real");
    std::filesystem::remove_all(folder);
}

TEST(EffectiveSections, FindMimeTypesByTheLastExtensionWithoutCase) {
    StaticContentSection section;
    section.mime_types = {{".gz", "application/gzip"}, {".", "text/plain"}};
    EXPECT_EQ(*section.mime_type("a.tar.GZ"), "application/gzip");
    EXPECT_EQ(*section.mime_type("/a.b/README"), "text/plain");
    EXPECT_EQ(section.mime_type("a.unknown"), nullptr);
    section.mime_types[".*"] = "any/thing";
    EXPECT_EQ(*section.mime_type("a.unknown"), "any/thing");
}

TEST(EffectiveSections, AnExtensionRunsWhenItIsListedOrUnlistedOnesMay) {
    IsapiCgiRestrictionSection section;
    section.items = {{"/srv/good.so", true, {}, {}}, {"/srv/bad.so", false, {}, {}}};
    EXPECT_TRUE(section.isapi_allowed("/srv/good.so"));
    EXPECT_FALSE(section.isapi_allowed("/srv/GOOD.so"));
    EXPECT_FALSE(section.isapi_allowed("/srv/other.so"));
    section.not_listed_isapis_allowed = true;
    EXPECT_TRUE(section.isapi_allowed("/srv/other.so"));
    EXPECT_FALSE(section.isapi_allowed("/srv/bad.so"));
}

TEST(EffectiveSections, TheShippedHandlersRunExtensionsAndFiles) {
    MemoryFiles files;
    ConfigurationCache cache(machine(""), files);
    const auto configuration = cache.find(1, "/");
    std::vector<std::string> names;
    for (const Handler& handler : configuration->handlers->handlers) names.push_back(handler.name);
    EXPECT_THAT(names, testing::ElementsAre("ISAPI-dll", "ISAPI-so", "TRACEVerbHandler", "OPTIONSVerbHandler", "StaticFile"));
    EXPECT_EQ(configuration->handlers->access_policy, access_policy::Read | access_policy::Script);
    EXPECT_THAT(configuration->handlers->handlers.back().modules,
                testing::ElementsAre("StaticFileModule", "DefaultDocumentModule", "DirectoryListingModule"));
    EXPECT_TRUE(configuration->handlers->handlers.back().verbs.empty());
    EXPECT_EQ(configuration->modules->modules.front().name, "IsapiModule");
    EXPECT_FALSE(configuration->isapi_cgi_restriction->isapi_allowed("/x.so"));
}

}  // namespace
}  // namespace osmia::config
