#include "osmia/arguments.h"

#include <gtest/gtest.h>

#include "osmia/exit_status.h"

namespace osmia::command {
namespace {

Arguments parse(std::vector<const char*> words) {
    words.insert(words.begin(), "osmia");
    return parse_arguments(static_cast<int>(words.size()), words.data());
}

ServeArguments serve(std::vector<const char*> words) {
    words.insert(words.begin(), "serve");
    const auto arguments = parse(words);
    if (const auto* exit = std::get_if<Exit>(&arguments)) ADD_FAILURE() << exit->text;
    const auto* result = std::get_if<ServeArguments>(&arguments);
    return result == nullptr ? ServeArguments{} : *result;
}

ControlArguments control(const std::vector<const char*>& words) {
    const auto arguments = parse(words);
    if (const auto* exit = std::get_if<Exit>(&arguments)) ADD_FAILURE() << exit->text;
    const auto* result = std::get_if<ControlArguments>(&arguments);
    return result == nullptr ? ControlArguments{} : *result;
}

int status_of(const std::vector<const char*>& words) {
    const auto arguments = parse(words);
    const auto* exit = std::get_if<Exit>(&arguments);
    return exit == nullptr ? -1 : exit->status;
}

TEST(Arguments, ServeTakesAFolderAndAddresses) {
    const auto arguments = serve({"site", "--listen", "127.0.0.1:80", "--listen", "[::1]:80", "--state", "/s"});
    EXPECT_EQ(arguments.path, "site");
    EXPECT_EQ(arguments.listen, (std::vector<std::string>{"127.0.0.1:80", "[::1]:80"}));
    EXPECT_EQ(arguments.state, "/s");
    EXPECT_TRUE(arguments.configuration.empty());
}

TEST(Arguments, AnAddressDoesNotSwallowTheFolder) {
    const auto arguments = serve({"--listen", "127.0.0.1:80", "site"});
    EXPECT_EQ(arguments.path, "site");
    EXPECT_EQ(arguments.listen.size(), 1u);
}

TEST(Arguments, ServeWithoutAPathTakesTheConfiguration) {
    EXPECT_EQ(serve({}).configuration, DefaultConfiguration);
    EXPECT_EQ(serve({"--config", "x"}).configuration, "x");
    EXPECT_EQ(serve({}).state, std::nullopt);
}

TEST(Arguments, ListenWithoutAFolderIsAUsageError) {
    EXPECT_EQ(status_of({"serve", "--config", "x", "--listen", "127.0.0.1:80"}), Usage);
    EXPECT_EQ(status_of({"serve", "--listen", "127.0.0.1:80"}), Usage);
    EXPECT_EQ(status_of({"serve", "site", "--config", "x"}), Usage);
}

TEST(Arguments, AddressesAreCheckedAtOnce) {
    EXPECT_EQ(status_of({"serve", "site", "--listen", "127.0.0.1"}), Usage);
    EXPECT_EQ(status_of({"serve", "site", "--listen", "127.0.0.1:99999"}), Usage);
    EXPECT_EQ(status_of({"serve", "site", "--listen", "example.org:80"}), Usage);
    EXPECT_EQ(serve({"site", "--listen", "unix:/run/x.sock"}).listen.size(), 1u);
}

TEST(Arguments, EveryListIsKnown) {
    for (const char* what : {"sites", "apps", "vdirs", "pools", "workers", "requests", "modules", "extensions"}) {
        const auto arguments = control({"list", what, "--json"});
        EXPECT_EQ(arguments.command, "list");
        EXPECT_EQ(arguments.what, what);
        EXPECT_TRUE(arguments.json);
    }
    EXPECT_EQ(status_of({"list", "things"}), Usage);
    EXPECT_EQ(status_of({"list"}), Usage);
}

TEST(Arguments, ChangesNameTheirObject) {
    const auto arguments = control({"recycle", "pool", "A pool", "--no-wait", "--timeout", "1.5", "--state", "s"});
    EXPECT_EQ(arguments.command, "recycle");
    EXPECT_EQ(arguments.what, "pool");
    EXPECT_EQ(arguments.name, "A pool");
    EXPECT_FALSE(arguments.wait);
    EXPECT_EQ(arguments.timeout, std::chrono::milliseconds(1500));
    EXPECT_EQ(arguments.state, "s");
    EXPECT_EQ(control({"stop", "site", "x"}).what, "site");
    EXPECT_TRUE(control({"start", "pool", "x"}).wait);
    EXPECT_EQ(status_of({"recycle", "site", "x"}), Usage);
    EXPECT_EQ(status_of({"start", "pool"}), Usage);
    EXPECT_EQ(status_of({"start", "pool", "x", "--timeout", "0"}), Usage);
    EXPECT_EQ(status_of({"start", "pool", "x", "--timeout", "soon"}), Usage);
}

TEST(Arguments, TheOtherCommandsStandAlone) {
    EXPECT_EQ(control({"status", "--json"}).command, "status");
    EXPECT_EQ(control({"reload", "--timeout", "3"}).command, "reload");
    EXPECT_EQ(control({"shutdown"}).command, "shutdown");
    EXPECT_EQ(std::get<CheckArguments>(parse({"check"})).configuration, DefaultConfiguration);
    EXPECT_EQ(std::get<CheckArguments>(parse({"check", "--config", "x"})).configuration, "x");
}

TEST(Arguments, HelpAndVersionAreNoErrors) {
    EXPECT_EQ(status_of({"--help"}), Done);
    EXPECT_EQ(status_of({"serve", "--help"}), Done);
    const auto version = std::get<Exit>(parse({"--version"}));
    EXPECT_EQ(version.status, Done);
    EXPECT_EQ(version.text, "osmia " OSMIA_VERSION "\n");
}

TEST(Arguments, AnythingElseIsAUsageError) {
    for (const auto& words : std::vector<std::vector<const char*>>{{}, {"fly"}, {"status", "extra"}, {"status", "--unknown"}, {"reload", "--json"}}) {
        EXPECT_EQ(status_of(words), Usage);
    }
}

}  // namespace
}  // namespace osmia::command
