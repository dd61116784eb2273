#include "state/serve_options.h"

#include <gtest/gtest.h>

namespace osmia::state {
namespace {

TEST(ServeOptions, ArgumentsCarryEveryField) {
    for (const auto source : {ServeSource::ConfigurationFile, ServeSource::Folder, ServeSource::Extension}) {
        const ServeOptions options{{"/run/x", "/var/x"}, source, "/srv/--listen", {"127.0.0.1:80", "unix:/x y"}};
        const auto arguments = to_arguments(options);
        EXPECT_EQ(from_arguments(arguments).value(), options);
    }
}

TEST(ServeOptions, UnknownAndIncompleteArgumentsAreRefused) {
    EXPECT_FALSE(from_arguments(std::vector<std::string>{"--runtime"}).ok());
    EXPECT_FALSE(from_arguments(std::vector<std::string>{"--runtime", "/a", "--lasting", "/a"}).ok());
    EXPECT_FALSE(from_arguments(std::vector<std::string>{"--what", "/a"}).ok());
}

}  // namespace
}  // namespace osmia::state
