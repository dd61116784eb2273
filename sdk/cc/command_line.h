/// \file
/// The command line of osmia-cc.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace osmia::cc {

enum class Language { C, Cxx };

/// A file to compile.
struct Source {
    std::filesystem::path path;
    Language language;
};

/// What is to be done. Options that osmia-cc does not know go to the compiler and the linker as they are.
struct Request {
    std::filesystem::path output;
    std::vector<Source> sources;
    std::vector<std::filesystem::path> definition_files;  ///< .def
    std::vector<std::string> compile_options;
    std::vector<std::string> link_inputs;                ///< objects, libraries, -l, -L, -Wl, in their order
    std::vector<std::filesystem::path> include_folders;  ///< -I, -isystem, -iquote; searched for aliases
    bool compile_only = false;                           ///< -c
    bool verbose = false;                                ///< -v
    bool help = false;
    bool version = false;
};

/// Reads the arguments (without the program's name). On a mistake: empty, and \a error says it.
std::optional<Request> parse_command_line(const std::vector<std::string>& arguments, std::string& error);

/// By the file's ending, whatever its case: .c is C; .cpp .cxx .cc .c++ are C++; anything else is no source.
std::optional<Language> language_of(const std::filesystem::path& file);

}  // namespace osmia::cc
