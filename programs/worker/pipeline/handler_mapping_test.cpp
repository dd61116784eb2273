#include "worker/pipeline/handler_mapping.h"

#include <gtest/gtest.h>

#include <map>

namespace osmia::worker {
namespace {

using config::Handler;
using config::RequireAccess;
using config::ResourceType;

Handler entry(std::string name, std::string path, RequireAccess access, ResourceType type,
              std::vector<std::string> verbs = {}) {
    Handler handler;
    handler.name = std::move(name);
    handler.path = std::move(path);
    handler.require_access = access;
    handler.resource_type = type;
    handler.verbs = std::move(verbs);
    return handler;
}

config::HandlersSection shipped(std::uint32_t policy) {
    config::HandlersSection section;
    section.access_policy = policy;
    section.handlers = {
        entry("Trace", "*", RequireAccess::None, ResourceType::Unspecified, {"TRACE"}),
        entry("Script", "*.php", RequireAccess::Script, ResourceType::Unspecified, {"GET", "POST"}),
        entry("Health", "status/health", RequireAccess::None, ResourceType::Unspecified),
        entry("ISAPI-dll", "*.dll", RequireAccess::Execute, ResourceType::File),
        entry("ISAPI-so", "*.so", RequireAccess::Execute, ResourceType::File),
        entry("StaticFile", "*", RequireAccess::Read, ResourceType::Either),
    };
    return section;
}

constexpr std::uint32_t Everything =
    config::access_policy::Read | config::access_policy::Script | config::access_policy::Execute;

struct Case {
    const char* method;
    const char* path;
    std::uint32_t policy;
    const char* handler;  ///< empty: refused
    const char* script;
    unsigned status, substatus;
};

class Mapping : public testing::TestWithParam<Case> {};

TEST_P(Mapping, FollowsTheTable) {
    const Case& c = GetParam();
    const std::map<std::string, FileKind> disk = {
        {"/", FileKind::Directory},  {"/page.htm", FileKind::File},     {"/app.dll", FileKind::File},
        {"/lib.so", FileKind::File}, {"/dir.dll", FileKind::Directory}, {"/dir.dll/x.dll", FileKind::File},
        {"/a.php", FileKind::File}};
    const std::string path = c.path;
    const auto section = shipped(c.policy);
    const auto probe = [&](std::size_t length) {
        const auto found = disk.find(path.substr(0, length));
        return found == disk.end() ? FileKind::Missing : found->second;
    };
    const HandlerMapping mapping = map_handler(section, c.method, path, probe, false);
    EXPECT_EQ(mapping.status, c.status);
    EXPECT_EQ(mapping.substatus, c.substatus);
    EXPECT_EQ(mapping.handler == nullptr ? "" : mapping.handler->name, c.handler);
    if (mapping.handler != nullptr) {
        EXPECT_EQ(path.substr(0, mapping.script_length), c.script);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Handlers, Mapping,
    testing::Values(
        Case{"GET", "/page.htm", Everything, "StaticFile", "/page.htm", 0, 0},
        Case{"GET", "/", Everything, "StaticFile", "/", 0, 0},
        Case{"GET", "/missing.htm", Everything, "", "", 404, 0},
        Case{"GET", "/app.dll", Everything, "ISAPI-dll", "/app.dll", 0, 0},
        Case{"GET", "/APP.DLL", Everything, "", "", 404, 0},  // the file system tells letters apart
        Case{"GET", "/app.dll/extra/info", Everything, "ISAPI-dll", "/app.dll", 0, 0},
        Case{"POST", "/lib.so", Everything, "ISAPI-so", "/lib.so", 0, 0},
        Case{"GET", "/dir.dll/x.dll/tail", Everything, "ISAPI-dll", "/dir.dll/x.dll", 0, 0},
        Case{"GET", "/missing.dll", Everything, "", "", 404, 0},
        Case{"GET", "/app.dll", config::access_policy::Read | config::access_policy::Script, "", "", 403, 1},
        Case{"GET", "/app.dll", Everything | config::access_policy::NoRemoteExecute, "", "", 403, 1},
        Case{"GET", "/page.htm", config::access_policy::Script, "", "", 403, 2},
        Case{"GET", "/page.htm", Everything | config::access_policy::NoRemoteRead, "", "", 403, 2},
        Case{"GET", "/a.php", config::access_policy::Read, "", "", 403, 1},
        Case{"GET", "/a.php/x", Everything, "Script", "/a.php", 0, 0},
        Case{"GET", "/absent.php", Everything, "Script", "/absent.php", 0, 0},
        Case{"PUT", "/absent.php", Everything, "", "", 405, 0},
        Case{"PUT", "/a.php", Everything, "StaticFile", "/a.php", 0, 0},
        Case{"TRACE", "/nothing", 0, "Trace", "/nothing", 0, 0},
        Case{"GET", "/app/Status/health", Everything, "Health", "/app/Status/health", 0, 0}));

TEST(HandlerMapping, LetsLocalClientsPastTheNoRemoteBits) {
    const auto section = shipped(Everything | config::access_policy::NoRemoteExecute);
    const auto mapping = map_handler(
        section, "GET", "/app.dll", [](std::size_t) { return FileKind::File; }, true);
    EXPECT_EQ(mapping.status, 0);
}

TEST(MatchesWildcard, TakesAnyRunAndIgnoresCase) {
    EXPECT_TRUE(matches_wildcard("*.dll", "A.DLL"));
    EXPECT_TRUE(matches_wildcard("*", ""));
    EXPECT_TRUE(matches_wildcard("a*b*c", "aXbYbZc"));
    EXPECT_FALSE(matches_wildcard("*.dll", "a.dll.txt"));
    EXPECT_FALSE(matches_wildcard("", "a"));
}

}  // namespace
}  // namespace osmia::worker
