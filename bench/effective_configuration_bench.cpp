// How long a worker takes to find the configuration of a URL five folders deep once it is known, and how long a machine's file with
// many sites takes to load and to be cut into a pool's part. Arguments: the number of sites (20000).
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "config/configuration_cache.h"
#include "config/pool_configuration.h"

namespace {

using namespace osmia::config;

/// The processor time of this process, so that a busy machine does not count.
double milliseconds() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

std::string machine_text(int sites, const std::string& folder) {
    std::string text = "<configuration><system.applicationHost><applicationPools><add name=\"DefaultAppPool\"/><add name=\"B\"/>"
                       "</applicationPools><sites>\n";
    for (int id = 1; id <= sites; ++id) {
        text += fmt::format("<site name=\"Site {0}\" id=\"{0}\"><application path=\"/\" applicationPool=\"{2}\"><virtualDirectory path=\"/\" "
                            "physicalPath=\"{1}\"/></application><bindings><binding protocol=\"http\" "
                            "bindingInformation=\"*:80:s{0}.example\"/></bindings></site>\n",
                            id, folder, id % 100 == 0 ? "B" : "DefaultAppPool");
    }
    return text + "</sites></system.applicationHost></configuration>\n";
}

void measure_look_ups(ConfigurationCache& cache, unsigned threads) {
    constexpr int rounds = 2'000'000;
    const std::string url = "/one/two/three/four/five/index.html";
    (void)cache.find(1, url);
    std::vector<std::thread> workers;
    const double begin = milliseconds();
    for (unsigned thread = 0; thread < threads; ++thread) {
        workers.emplace_back([&] {
            for (int round = 0; round < rounds; ++round) {
                if (cache.find(1, url)->error) std::abort();
            }
        });
    }
    for (auto& worker : workers) worker.join();
    std::printf("find, %u threads: %.0f ns of processor time each\n", threads, (milliseconds() - begin) * 1e6 / rounds / threads);
}

}  // namespace

int main(int argc, char** argv) {
    const int sites = argc > 1 ? std::atoi(argv[1]) : 20000;
    std::string folder = "/tmp/osmia-bench-XXXXXX";
    if (::mkdtemp(folder.data()) == nullptr) return 1;
    std::string path = folder;
    for (const char* name : {"one", "two", "three", "four", "five"}) {
        path += std::string("/") + name;
        std::filesystem::create_directory(path);
        std::ofstream(path + "/web.config") << "<configuration><system.webServer><defaultDocument><files><add value='" << name
                                            << "'/></files></defaultDocument></system.webServer></configuration>";
    }
    {
        auto small = load_server_configuration_text(machine_text(1, folder), "bench");
        ConfigurationCache cache(std::make_shared<const ServerConfiguration>(std::move(*small.configuration)));
        measure_look_ups(cache, 1);
        measure_look_ups(cache, 2);
    }
    std::string text = machine_text(sites, folder);
    double begin = milliseconds();
    const auto loaded = load_server_configuration_text(text, "bench");
    std::printf("load %d sites (%zu bytes): %.0f ms\n", sites, text.size(), milliseconds() - begin);
    begin = milliseconds();
    const auto part = write_pool_configuration(*loaded.configuration, "DefaultAppPool");
    std::printf("write the part of a pool with nearly all of them: %.0f ms, %zu bytes\n", milliseconds() - begin, part.value().size());
    begin = milliseconds();
    const auto again = load_pool_configuration(part.value(), "part");
    std::printf("load that part: %.0f ms\n", milliseconds() - begin);
    std::filesystem::remove_all(folder);
    return again.configuration ? 0 : 1;
}
