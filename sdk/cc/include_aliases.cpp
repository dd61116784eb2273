#include "include_aliases.h"

#include <strings.h>

#include <algorithm>

namespace osmia::cc {

namespace fs = std::filesystem;

namespace {

// So many "../" may stand in an include name.
constexpr int kDepth = 12;

std::string with_slashes(std::string name) {
    std::replace(name.begin(), name.end(), '\\', '/');
    return name;
}

std::string lower(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    return text;
}

bool is_file(const fs::path& path) {
    std::error_code error;
    return fs::is_regular_file(path, error);
}

fs::path entry_ignoring_case(const fs::path& folder, const std::string& name) {
    std::error_code error;
    if (name == "." || name == ".." || fs::exists(folder / name, error)) return folder / name;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
        if (strcasecmp(entry.path().filename().c_str(), name.c_str()) == 0) return entry.path();
    }
    return {};
}

}  // namespace

fs::path find_ignoring_case(const fs::path& folder, const std::string& name) {
    fs::path found = folder;
    for (const fs::path& part : fs::path(name)) {
        found = entry_ignoring_case(found, part.string());
        if (found.empty()) return {};
    }
    return is_file(found) ? found : fs::path{};
}

IncludeAliases::IncludeAliases(fs::path root, std::vector<fs::path> folders)
    : root_(std::move(root)), folder_(root_), folders_(std::move(folders)) {
    for (int level = 0; level < kDepth; ++level) folder_ /= "i";
    fs::create_directories(folder_);
}

void IncludeAliases::add_for(const fs::path& source, std::string_view text) {
    for (const Include& include : find_includes(text)) handle(include, fs::absolute(source).parent_path());
}

bool IncludeAliases::exists_exactly(const Include& include, const fs::path& includer_folder) const {
    if (include.quoted && is_file(includer_folder / include.name)) return true;
    for (const fs::path& folder : folders_) {
        if (is_file(folder / include.name)) return true;
    }
    return !include.quoted && is_file(fs::path("/usr/include") / include.name);
}

void IncludeAliases::handle(const Include& include, const fs::path& includer_folder) {
    std::string name = with_slashes(include.name);
    std::vector<fs::path> searched{includer_folder};
    searched.insert(searched.end(), folders_.begin(), folders_.end());
    bool needs_alias = !exists_exactly(include, includer_folder);
    for (const fs::path& folder : searched) {
        fs::path found = find_ignoring_case(folder, name);
        if (found.empty()) continue;
        if (needs_alias) alias(include.name, "\"" + fs::absolute(found).string() + "\"");
        visit(fs::absolute(found).lexically_normal());
        return;
    }
    // A header of the system, where all names are lower case.
    if (needs_alias && lower(name) != include.name) alias(include.name, "<" + lower(name) + ">");
}

void IncludeAliases::alias(const std::string& name, const std::string& target) {
    auto [entry, added] = aliases_.emplace(name, target);
    if (!added) {
        if (entry->second != target) {
            warnings_.push_back("\"" + name + "\" is " + entry->second + " and also " + target +
                                "; the first is used");
        }
        return;
    }
    fs::path file = (folder_ / name).lexically_normal();
    bool inside = file.string().starts_with(root_.string() + "/");
    if (!inside) {
        warnings_.push_back("\"" + name + "\" leads too far up to be found ignoring case");
        return;
    }
    fs::create_directories(file.parent_path());
    write_file(file, "#include " + target + "\n");
}

void IncludeAliases::visit(const fs::path& header) {
    if (!visited_.insert(header).second) return;
    auto text = read_file(header);
    if (!text) return;
    if (is_utf16(*text)) {
        warnings_.push_back(header.string() +
                            " is UTF-16; only sources are converted: iconv -f UTF-16 -t UTF-8");
        return;
    }
    add_for(header, *text);
}

}  // namespace osmia::cc
