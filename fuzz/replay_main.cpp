/// \file
/// Runs a fuzzer's entry function once over every file of its corpus, for compilers without libFuzzer.
///
/// Arguments: files or folders (searched recursively). Exit codes: 0 every input returned, 1 an input could not be
/// read, 2 no argument or no input at all. A finding shows as the crash or sanitizer report of the input named last.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::vector<std::string> corpus_files(const char* argument) {
    if (!std::filesystem::is_directory(argument)) return {argument};
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argument)) {
        if (entry.is_regular_file()) files.push_back(entry.path().string());
    }
    std::sort(files.begin(), files.end());
    return files;
}

bool replay(const std::string& path) {
    std::ifstream input(path, std::ios::binary);
    if (!input) return false;
    const std::vector<char> bytes{std::istreambuf_iterator<char>(input), std::istreambuf_iterator<char>()};
    // A copy of exactly the input's size, so that a sanitizer sees one byte too many.
    const std::vector<std::uint8_t> data(bytes.begin(), bytes.end());
    LLVMFuzzerTestOneInput(data.data(), data.size());
    return true;
}

}  // namespace

int main(int count, char** arguments) {
    std::size_t replayed = 0;
    for (int index = 1; index < count; ++index) {
        for (const std::string& path : corpus_files(arguments[index])) {
            std::printf("%s\n", path.c_str());
            std::fflush(stdout);
            if (!replay(path)) {
                std::fprintf(stderr, "cannot read %s\n", path.c_str());
                return 1;
            }
            ++replayed;
        }
    }
    std::printf("%zu inputs replayed\n", replayed);
    return replayed == 0 ? 2 : 0;
}
