#include "definition_file.h"

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>

namespace osmia::cc {

namespace {

std::string upper(std::string text) {
    for (char& c : text) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
    }
    return text;
}

bool begins_statement(const std::string& word) {
    static constexpr std::array kStatements = {"LIBRARY",  "NAME",      "DESCRIPTION", "EXPORTS",
                                               "SECTIONS", "SEGMENTS",  "STUB",        "VERSION",
                                               "HEAPSIZE", "STACKSIZE", "CODE",        "DATA"};
    return std::find(kStatements.begin(), kStatements.end(), upper(word)) != kStatements.end();
}

std::string without_quotes(const std::string& word) {
    bool quoted = word.size() >= 2 && word.front() == '"' && word.back() == '"';
    return quoted ? word.substr(1, word.size() - 2) : word;
}

/// The words of a line without its comment; '=' and ',' stand alone.
std::vector<std::string> words_of(std::string line) {
    line = line.substr(0, line.find(';'));
    std::string spaced;
    for (char c : line) {
        bool separator = c == '=' || c == ',';
        spaced += separator ? std::string{' ', c, ' '} : std::string(1, c);
    }
    std::istringstream words(spaced);
    std::vector<std::string> result;
    for (std::string word; words >> word;) result.push_back(without_quotes(word));
    return result;
}

std::optional<Export> export_of(const std::vector<std::string>& words) {
    if (words.empty()) return std::nullopt;
    Export result{words[0], words[0]};
    if (words.size() >= 3 && words[1] == "=") result.internal_name = words[2];
    return result;
}

}  // namespace

std::vector<Export> parse_definition_file(std::string_view text) {
    std::vector<Export> exports;
    std::istringstream lines{std::string(text)};
    bool in_exports = false;
    for (std::string line; std::getline(lines, line);) {
        std::vector<std::string> words = words_of(line);
        if (!words.empty() && begins_statement(words[0])) {
            in_exports = upper(words[0]) == "EXPORTS";
            words.erase(words.begin());
        }
        if (!in_exports) continue;
        if (auto found = export_of(words)) exports.push_back(*found);
    }
    return exports;
}

std::string version_script(const std::vector<Export>& exports) {
    std::string script = "{ global: DllMain;";
    for (const Export& entry : exports) script += " " + entry.name + ";";
    return script + " local: *; };\n";
}

}  // namespace osmia::cc
