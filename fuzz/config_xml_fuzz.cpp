/// \file
/// Fuzzes the configuration reader: the input as applicationHost.config, as a pool's part and as web.config.
///
/// Beyond not crashing: an accepted configuration must give, for each pool, a part that is accepted too and names the
/// same pool; and every diagnostic must be printable.

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "config/configuration_cache.h"
#include "config/folder_configuration.h"
#include "config/pool_configuration.h"
#include "config/server_configuration.h"

namespace {

using namespace osmia::config;

/// One web.config, in the site's root folder, with the same one in a folder below.
class OneFile final : public FolderFiles {
public:
    std::string text;

    osmia::Result<FileStamp> stamp(const std::string& path) override {
        FileStamp stamp;
        stamp.exists = true;
        stamp.directory = !path.ends_with("web.config");
        return stamp;
    }
    osmia::Result<std::string> read(const std::string&) override { return text; }
};

void print(const Diagnostics& diagnostics) {
    for (const Diagnostic& diagnostic : diagnostics) {
        if (format_diagnostic(diagnostic).empty()) std::abort();
    }
}

void as_machine(const std::string& text) {
    const auto loaded = load_server_configuration_text(text, "machine.config");
    print(loaded.diagnostics);
    if (!loaded.configuration) {
        if (!has_errors(loaded.diagnostics)) std::abort();
        return;
    }
    for (const PoolConfiguration& pool : loaded.configuration->pools) {
        const auto part = load_pool_configuration(write_pool_configuration(*loaded.configuration, pool.name).value(), "p");
        if (!part.configuration || part.configuration->pools.at(0).name != pool.name) std::abort();
    }
}

void as_web(const std::string& text) {
    static const auto site = [] {
        auto loaded = make_folder_configuration({"/srv", {}, {}, {}});
        return std::make_shared<const ServerConfiguration>(*loaded.configuration);
    }();
    OneFile files;
    files.text = text;
    ConfigurationCache cache(site, files);
    const auto configuration = cache.find(1, "/a/b");
    if (configuration->handlers == nullptr || configuration->static_content == nullptr) std::abort();
    print(configuration->diagnostics);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    as_machine(text);
    print(load_pool_configuration(text, "pool.config").diagnostics);
    as_web(text);
    return 0;
}
