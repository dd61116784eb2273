#include "config/folder_configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/machine_document.h"

namespace osmia::config {
namespace {

ServerConfiguration made(const FolderOptions& options) {
    auto loaded = make_folder_configuration(options);
    EXPECT_TRUE(loaded.configuration.has_value());
    EXPECT_TRUE(loaded.diagnostics.empty()) << format_diagnostic(loaded.diagnostics.at(0));
    return loaded.configuration.value_or(ServerConfiguration{});
}

TEST(FolderConfiguration, IsOneSiteWithOnePoolOnTheUsualPort) {
    const ServerConfiguration configuration = made({"/srv/my folder & more", {}, {}, {}});
    ASSERT_EQ(configuration.sites.size(), 1U);
    EXPECT_EQ(configuration.sites[0].name, folder_site_name);
    EXPECT_EQ(configuration.sites[0].id, 1U);
    EXPECT_EQ(configuration.sites[0].applications.at(0).virtual_directories.at(0).physical_path,
              "/srv/my folder & more");
    ASSERT_EQ(configuration.sites[0].bindings.size(), 1U);
    EXPECT_EQ(configuration.sites[0].bindings[0].address, "127.0.0.1");
    EXPECT_EQ(configuration.sites[0].bindings[0].port, 8080);
    ASSERT_EQ(configuration.pools.size(), 1U);
    EXPECT_EQ(configuration.pools[0].name, folder_pool_name);
    EXPECT_EQ(configuration.pools[0].process_model.identity_type, IdentityType::ApplicationPoolIdentity);
}

TEST(FolderConfiguration, TakesEveryListenAddressAndTheUser) {
    const ServerConfiguration configuration =
        made({"/srv", {"[::1]:80", ":81", "localhost:82", "unix:/run/o.sock", "127.0.0.1:0", "0.0.0.0:83"}, "www", {}});
    std::vector<std::string> addresses;
    for (const Binding& binding : configuration.sites.at(0).bindings) {
        addresses.push_back(binding.is_unix() ? binding.unix_path : binding.address);
    }
    EXPECT_THAT(addresses, testing::ElementsAre("::1", "*", "127.0.0.1", "/run/o.sock", "127.0.0.1", "0.0.0.0"));
    EXPECT_EQ(configuration.pools.at(0).process_model.identity_type, IdentityType::SpecificUser);
    EXPECT_EQ(configuration.pools.at(0).process_model.user_name, "www");
}

TEST(FolderConfiguration, AnExtensionIsTheFirstHandlerOfAllPaths) {
    const ServerConfiguration configuration = made({"/var/empty", {}, {}, "/home/me/hello.so"});
    const SectionNode* handlers = configuration.document->sections().node("system.webServer/handlers");
    ASSERT_NE(handlers, nullptr);
    ASSERT_FALSE(handlers->items.empty());
    EXPECT_EQ(handlers->items[0]->text("path"), "*");
    EXPECT_EQ(handlers->items[0]->text("scriptProcessor"), "/home/me/hello.so");
}

TEST(FolderConfiguration, RefusesAddressesThatAreNoneAndFoldersThatAreRelative) {
    for (const char* listen : {"", "80", "example.org:80", "127.0.0.1", "[::1]", "[::1:80", "1.2.3.4:65536", "*:-1", "unix:x"}) {
        EXPECT_FALSE(binding_information(listen).ok()) << listen;
    }
    EXPECT_FALSE(make_folder_configuration({"srv", {}, {}, {}}).configuration.has_value());
    EXPECT_FALSE(make_folder_configuration({"/srv", {"nowhere"}, {}, {}}).configuration.has_value());
}

}  // namespace
}  // namespace osmia::config
