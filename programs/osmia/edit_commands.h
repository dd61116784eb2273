/// \file
/// The verbs that read and change configuration files: set, add, remove, lock, unlock, clear, show, schema, diff,
/// restore, list history.
#pragma once

#include <string>
#include <vector>

namespace osmia::command {

struct EditArguments {
    std::string command;
    std::vector<std::string> words;  ///< what follows it, options taken out
    std::string configuration;
    std::string commit = "url";      ///< url, app, site or apphost
    bool effective = false;
    bool xsd = false;  ///< of schema: as an XML schema for editors
};

/// Runs one; returns the exit status.
int run_edit(const EditArguments& arguments);

/// For `osmia --help`.
inline constexpr const char* EditHelp =
    "Configuration verbs (all take --config FILE):\n"
    "  show config [PATH|URL] [SECTION] [--effective]\n"
    "  set config [PATH] SECTION CHANGE... [--commit url|app|site|apphost]\n"
    "  add|set|remove site|app|vdir|pool|module NAME [NAME=VALUE|CHANGE...]\n"
    "  lock|unlock [PATH] SECTION,  clear config [PATH] SECTION\n"
    "  schema [SECTION] [--xsd]\n"
    "  list history,  diff|restore history ID\n"
    "CHANGE: a=x  e.a=x  ~a  [name='i'].a=x  +e.[name='i',a='x']  -e.[name='i']\n";

}  // namespace osmia::command
