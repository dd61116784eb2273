#include "config/configuration_history.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "config/xml_document.h"

namespace osmia::config {
namespace {

constexpr std::string_view prefix = "CFGHISTORY_";
constexpr const char* file_name = "/applicationHost.config";

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string folder_name(std::string_view id) { return fmt::format("{}{:0>10}", prefix, id); }

Result<void> check_name(const std::string& name) {
    const bool wrong = name.empty() || name.front() == '.' || name.find_first_of(std::string_view("/\\\0", 3)) != std::string::npos ||
                       name.starts_with(prefix) || name.size() > 200;
    if (wrong) return make_error(ErrorKind::Invalid, "'{}' cannot be the name of a backup", name);
    return {};
}

Result<void> write_version(const std::string& folder, std::string_view bytes) {
    OSMIA_TRY_VOID(make_directories(folder, 0700));
    return replace_file(folder + file_name, bytes, 0600);
}

}  // namespace

std::vector<HistoryEntry> ConfigurationHistory::list() const {
    std::vector<HistoryEntry> entries;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
        const std::string name = entry.path().filename();
        if (!name.starts_with(prefix) || !is_number(std::string_view(name).substr(prefix.size()))) continue;
        struct stat status {};
        if (::stat((entry.path().string() + file_name).c_str(), &status) != 0) continue;
        entries.push_back({name.substr(prefix.size()), std::chrono::system_clock::from_time_t(status.st_mtime),
                           static_cast<std::size_t>(status.st_size)});
    }
    std::sort(entries.begin(), entries.end(), [](const auto& left, const auto& right) { return left.id < right.id; });
    return entries;
}

Result<void> ConfigurationHistory::keep(std::string_view bytes, std::size_t limit) const {
    const auto entries = list();
    if (!entries.empty()) {
        const auto newest = read(entries.back().id);
        if (newest.ok() && newest.value() == bytes) return {};
    }
    OSMIA_TRY_VOID(make_directories(folder_, 0700));
    const unsigned long next = entries.empty() ? 1 : std::stoul(entries.back().id) + 1;
    OSMIA_TRY_VOID(write_version(folder_ + '/' + folder_name(std::to_string(next)), bytes));
    for (std::size_t index = 0; index + limit < entries.size() + 1; ++index) {
        std::error_code error;
        std::filesystem::remove_all(folder_ + '/' + folder_name(entries[index].id), error);
    }
    return {};
}

Result<std::string> ConfigurationHistory::read(std::string_view id) const {
    if (!is_number(id) || id.size() > 10) return make_error(ErrorKind::NotFound, "'{}' is no number of a version", id);
    auto text = read_file(folder_ + '/' + folder_name(id) + file_name, max_configuration_bytes);
    if (!text.ok() && text.error().kind == ErrorKind::NotFound) {
        return make_error(ErrorKind::NotFound, "the history has no version {}", id);
    }
    return text;
}

Result<void> ConfigurationHistory::add_backup(const std::string& name, std::string_view bytes) const {
    OSMIA_TRY_VOID(check_name(name));
    std::error_code error;
    if (std::filesystem::exists(folder_ + "/backup/" + name, error)) {
        return make_error(ErrorKind::Busy, "a backup '{}' exists already", name);
    }
    OSMIA_TRY_VOID(make_directories(folder_, 0700));
    return write_version(folder_ + "/backup/" + name, bytes);
}

std::vector<std::string> ConfigurationHistory::backups() const {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ + "/backup", error)) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
}

Result<std::string> ConfigurationHistory::read_backup(const std::string& name) const {
    OSMIA_TRY_VOID(check_name(name));
    auto text = read_file(folder_ + "/backup/" + name + file_name, max_configuration_bytes);
    if (!text.ok() && text.error().kind == ErrorKind::NotFound) return make_error(ErrorKind::NotFound, "there is no backup '{}'", name);
    return text;
}

Result<void> ConfigurationHistory::remove_backup(const std::string& name) const {
    OSMIA_TRY_VOID(check_name(name));
    std::error_code error;
    if (std::filesystem::remove_all(folder_ + "/backup/" + name, error) == 0) {
        return make_error(ErrorKind::NotFound, "there is no backup '{}'", name);
    }
    return {};
}

}  // namespace osmia::config
