/// \file
/// `appcmd`, the other name of osmia: IIS's own command line, with its output lines and exit codes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "osmia/configuration_editor.h"

namespace osmia::command {

/// appcmd VERB OBJECT [IDENTIFIER] [/NAME:VALUE | /+… | /-… | /[…]…]. '-' may stand for the first '/'.
struct AppcmdArguments {
    std::string verb;
    std::string object;      ///< upper case, singular: SITE, APP, VDIR, APPPOOL, CONFIG, WP, REQUEST, MODULE, BACKUP
    std::string identifier;  ///< also from /site.name: and its like
    std::vector<std::string> parameters;  ///< without their first '/'
    std::string section, commit, text, file;
    std::optional<std::string> state;  ///< --state of osmia; /statefolder:
    bool xml = false;
    bool config = false;
};

/// Exit codes are Win32's, which scripts test for; a greater one loses what is above eight bits.
inline constexpr int AppcmdAccessDenied = 5;
inline constexpr int AppcmdInvalidData = 13;
inline constexpr int AppcmdNotRunning = 1062 & 0xff;
inline constexpr int AppcmdNotFound = 50;
inline constexpr int AppcmdInvalidParameter = 87;
inline constexpr int AppcmdExists = 183;

Result<AppcmdArguments> parse_appcmd(const std::vector<std::string>& words);

/// One thing that `list` shows: its line, and its properties for /text: and /xml.
struct AppcmdObject {
    std::string name;
    std::string line;        ///< in the brackets
    config::AttributeList properties;
    std::vector<config::ChangeStep> steps;  ///< to its element in system.applicationHost, for /config and /text:*
};

/// The objects of a kind, all of them.
Result<std::vector<AppcmdObject>> list_objects(const AppcmdArguments& arguments, const config::ServerConfiguration& configuration);

/// Prints the objects that fit identifier and parameters in the form that was asked for; 0, or 1 when none fits.
int print_objects(const AppcmdArguments& arguments, const config::ServerConfiguration& configuration, const std::vector<AppcmdObject>& objects);

/// Runs a whole command line, the program's name not included; returns the exit code.
int run_appcmd(const std::vector<std::string>& words);

}  // namespace osmia::command
