/// \file
/// osmia-cc: compiles an ISAPI extension, an ISAPI filter or a native module as its author's Windows compiler
/// would.
///
/// Runs with its caller's rights, writes the output and a folder in TMPDIR that it removes, starts gcc, g++
/// and nm from PATH. Exit codes: 0 done, 1 refused or failed (the compiler's own code where there is one), 2
/// usage.
#include <filesystem>
#include <iostream>

#include "build.h"

namespace {

constexpr const char* kUsage =
    "usage: osmia-cc [-o FILE.so] [-c] [-v] SOURCE... [FILE.def] [OBJECT or LIBRARY...] [options of gcc]\n"
    "Builds an ISAPI extension or filter from C and C++ sources written for Windows.\n"
    "  SOURCE    .c is compiled as C, .cpp .cxx .cc as C++\n"
    "  FILE.def  its EXPORTS decide what is visible; otherwise the ISAPI entry points and "
    "__declspec(dllexport)\n"
    "  -c        compile only\n"
    "  -v        show the commands\n"
    "OSMIA_SDK names the folder that holds include/osmia and lib, when they are not beside this program's "
    "folder.\n";

int main_with(const std::vector<std::string>& arguments) {
    std::string error;
    auto request = osmia::cc::parse_command_line(arguments, error);
    if (!request) {
        std::cerr << "osmia-cc: " << error << '\n' << kUsage;
        return 2;
    }
    if (request->help || request->version) {
        std::cout << (request->help ? kUsage : "osmia-cc " OSMIA_VERSION "\n");
        return 0;
    }
    auto sdk = osmia::cc::find_sdk(std::filesystem::read_symlink("/proc/self/exe"));
    if (!sdk) {
        std::cerr << "osmia-cc: include/osmia/windows.h or libosmia-win32.so is missing; set OSMIA_SDK\n";
        return 1;
    }
    return osmia::cc::build(*request, *sdk);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return main_with({argv + 1, argv + argc});
    } catch (const std::exception& failure) {
        std::cerr << "osmia-cc: " << failure.what() << '\n';
        return 1;
    }
}
