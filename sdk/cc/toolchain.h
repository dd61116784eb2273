/// \file
/// Where the SDK lies, and the compiler's and linker's options.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "command_line.h"

namespace osmia::cc {

/// The parts of the SDK that osmia-cc uses.
struct Sdk {
    std::filesystem::path include_folder;  ///< holds windows.h
    std::filesystem::path runtime;         ///< libosmia-win32.so
};

/// Looks beside the program: ../include/osmia and ../lib. OSMIA_SDK, when set, names a folder to use in place
/// of "..".
std::optional<Sdk> find_sdk(const std::filesystem::path& program);

/// "gcc -fPIC ...", up to but without the source and the output. \a hide: only what is marked for export
/// stays visible.
std::vector<std::string> compiler_command(Language language, bool hide);

/// The options of the link, without inputs and output.
std::vector<std::string> linker_options();

/// The file of --wrap options, for the linker: one for each wide function of glibc.
std::string wrap_options();

/// Of the undefined symbols of a library (as `nm -D` lists them) those that are C++ with 32-bit wide
/// characters.
std::vector<std::string> wide_cxx_symbols(const std::string& nm_output);

}  // namespace osmia::cc
