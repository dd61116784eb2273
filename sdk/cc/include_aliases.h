/// \file
/// Makes includes work that are written in another case than the file's name, or with backslashes.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "source_text.h"

namespace osmia::cc {

/// A folder of small files, one for each include name that the compiler would not find by itself, each
/// including the real file.
///
/// The folder goes first on the compiler's search list. Names with `..` work because the folder lies deep
/// below its root.
class IncludeAliases {
public:
    /// \a root must exist and be ours alone; \a folders are searched in this order, after the including
    /// file's own folder.
    IncludeAliases(std::filesystem::path root, std::vector<std::filesystem::path> folders);

    /// Adds what this source needs, and what the headers it includes need. \a text is the source in UTF-8.
    void add_for(const std::filesystem::path& source, std::string_view text);

    /// What goes behind -I.
    const std::filesystem::path& folder() const { return folder_; }

    /// Things the user should know: names that stand for two files, headers in UTF-16.
    const std::vector<std::string>& warnings() const { return warnings_; }

private:
    void handle(const Include& include, const std::filesystem::path& includer_folder);
    void alias(const std::string& name, const std::string& target);
    void visit(const std::filesystem::path& header);
    bool exists_exactly(const Include& include, const std::filesystem::path& includer_folder) const;

    std::filesystem::path root_;
    std::filesystem::path folder_;
    std::vector<std::filesystem::path> folders_;
    std::set<std::filesystem::path> visited_;
    std::map<std::string, std::string> aliases_;
    std::vector<std::string> warnings_;
};

/// The file at \a name below \a folder, whatever the case of its parts; an exact match of a part is
/// preferred. Empty when there is none.
std::filesystem::path find_ignoring_case(const std::filesystem::path& folder, const std::string& name);

}  // namespace osmia::cc
