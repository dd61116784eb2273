#include "toolchain.h"

#include <cstdlib>
#include <sstream>

namespace osmia::cc {

namespace fs = std::filesystem;

namespace {

constexpr const char* kWideFunctions[] = {
#include "wide_functions.inc"
};

bool is_wide_cxx(const std::string& symbol) {
    if (!symbol.starts_with("_Z")) return false;
    if (symbol.find("SaIw") == 2 || symbol.find("NSaIw") == 2 || symbol.find("NKSaIw") == 2) return false;
    bool in_std = symbol.find("St") != std::string::npos;
    bool instance = symbol.find("Iw") != std::string::npos;
    bool object =
        symbol == "_ZSt5wcout" || symbol == "_ZSt4wcin" || symbol == "_ZSt5wcerr" || symbol == "_ZSt5wclog";
    return object || (in_std && instance);
}

}  // namespace

std::optional<Sdk> find_sdk(const fs::path& program) {
    const char* forced = std::getenv("OSMIA_SDK");
    fs::path root = forced && *forced ? fs::path(forced) : program.parent_path().parent_path();
    Sdk sdk;
    sdk.include_folder = root / "include" / "osmia";
    if (!fs::is_regular_file(sdk.include_folder / "windows.h")) return std::nullopt;
    for (const char* folder :
         {"lib/osmia", "lib", "lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu", "lib64"}) {
        sdk.runtime = root / folder / "libosmia-win32.so";
        if (fs::exists(sdk.runtime)) return sdk;
    }
    return std::nullopt;
}

std::vector<std::string> compiler_command(Language language, bool hide) {
    std::vector<std::string> command = {
        language == Language::C ? "gcc" : "g++",
        "-fPIC",
        "-O2",
        "-g",
        "-fms-extensions",
        "-fcommon",
        "-fshort-wchar",
        "-fno-strict-aliasing",
        "-fwrapv",  // Microsoft's compiler does not optimise on these grounds
        "-D_GNU_SOURCE",
        "-DOSMIA_CC=1",
        "-U_FORTIFY_SOURCE",
    };
    if (language == Language::Cxx) {
        command.insert(command.end(), {"-std=gnu++17", "-fpermissive", "-fno-gnu-unique"});
    }
    if (hide) command.push_back("-fvisibility=hidden");
    command.insert(command.end(), {"-include", "osmia_win32/prelude.h"});
    return command;
}

std::vector<std::string> linker_options() {
    return {"-shared",      "-Wl,--no-undefined", "-Wl,-Bsymbolic",
            "-Wl,-z,relro", "-Wl,-z,now",         "-Wl,--exclude-libs,ALL"};
}

std::string wrap_options() {
    std::string options;
    for (const char* function : kWideFunctions) options += std::string("--wrap=") + function + "\n";
    return options;
}

std::vector<std::string> wide_cxx_symbols(const std::string& nm_output) {
    std::vector<std::string> found;
    std::istringstream lines(nm_output);
    for (std::string line; std::getline(lines, line);) {
        std::string symbol = line.substr(line.find_last_of(' ') + 1);
        symbol = symbol.substr(0, symbol.find('@'));
        if (is_wide_cxx(symbol)) found.push_back(symbol);
    }
    return found;
}

}  // namespace osmia::cc
