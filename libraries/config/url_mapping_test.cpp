#include "config/url_mapping.h"

#include <gtest/gtest.h>

namespace osmia::config {
namespace {

SiteConfiguration site() {
    SiteConfiguration site;
    const auto application = [](const char* path, std::vector<VirtualDirectory> directories) {
        Application made;
        made.path = path;
        made.virtual_directories = std::move(directories);
        return made;
    };
    site.applications = {application("/", {{"/", "/srv/main", {}, true}, {"/pics", "/srv/pics", {}, true}}),
                         application("/app", {{"/", "/srv/app", {}, true}, {"/pics", "/", {}, true}}),
                         application("/app/deep", {{"/", "/srv/deep", {}, true}})};
    return site;
}

struct Mapped {
    const char* url;
    const char* application;
    const char* directory;
    const char* physical_path;
};

TEST(UrlMapping, TakesTheLongestApplicationThenTheLongestDirectory) {
    const Mapped cases[] = {
        {"/", "/", "/", "/srv/main/"},
        {"/a/b.html", "/", "/", "/srv/main/a/b.html"},
        {"/pics", "/", "/pics", "/srv/pics"},
        {"/pics/x.png", "/", "/pics", "/srv/pics/x.png"},
        {"/picsx", "/", "/", "/srv/main/picsx"},
        {"/app", "/app", "/", "/srv/app"},
        {"/APP/x", "/app", "/", "/srv/app/x"},
        {"/application", "/", "/", "/srv/main/application"},
        {"/app/Pics/x", "/app", "/pics", "/x"},
        {"/app/pics", "/app", "/pics", "/"},
        {"/app/deep/x", "/app/deep", "/", "/srv/deep/x"},
        {"/app/deeper", "/app", "/", "/srv/app/deeper"},
    };
    const SiteConfiguration one = site();
    for (const Mapped& expected : cases) {
        const UrlMapping mapping = map_url(one, expected.url);
        EXPECT_EQ(mapping.application->path, expected.application) << expected.url;
        EXPECT_EQ(mapping.directory->path, expected.directory) << expected.url;
        EXPECT_EQ(mapping.physical_path, expected.physical_path) << expected.url;
    }
}

}  // namespace
}  // namespace osmia::config
