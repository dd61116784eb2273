#include "supervisor/identities.h"

#include <pwd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <functional>
#include <memory>
#include <sstream>

#include "base/files.h"

namespace osmia::supervisor {

namespace {

std::optional<uid_t> number(std::string_view text) {
    uid_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<passwd> find_in_passwd(const std::string& file, const std::function<bool(const passwd&)>& wanted, std::string& buffer) {
    const std::unique_ptr<FILE, int (*)(FILE*)> stream(std::fopen(file.c_str(), "re"), &std::fclose);
    if (stream == nullptr) return std::nullopt;
    buffer.resize(64 * 1024);
    passwd entry{};
    passwd* found = nullptr;
    while (::fgetpwent_r(stream.get(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
        if (wanted(entry)) return entry;
    }
    return std::nullopt;
}

Result<Identity> numeric_identity(const std::string& user) {
    const std::string_view text = std::string_view(user).substr(1);
    const auto colon = text.find(':');
    const auto uid = number(text.substr(0, colon));
    const auto gid = colon == std::string_view::npos ? uid : number(text.substr(colon + 1));
    if (!uid || !gid) return make_error(ErrorKind::Invalid, "{}: not #UID or #UID:GID", user);
    return Identity{*uid, *gid};
}

}  // namespace

Result<Identities> Identities::load(const std::string& path, uid_t first) {
    Identities identities(path, first);
    const auto text = read_file(path);
    if (!text.ok() && text.error().kind == ErrorKind::NotFound) return identities;
    if (!text.ok()) return text.error();
    std::istringstream lines(text.value());
    for (std::string line; std::getline(lines, line);) {
        const auto blank = line.find(' ');
        const auto uid = number(std::string_view(line).substr(0, blank));
        if (blank == std::string::npos || !uid) return make_error(ErrorKind::Invalid, "{}: bad line '{}'", path, line);
        identities.numbers_[line.substr(blank + 1)] = *uid;
        identities.next_ = std::max(identities.next_, *uid + 1);
    }
    return identities;
}

Result<Identity> Identities::automatic(const std::string& name) {
    if (const auto found = numbers_.find(name); found != numbers_.end()) return Identity{found->second, found->second};
    if (next_ - first_ >= MaxAutomaticIdentities) {
        return make_error(ErrorKind::Busy, "all {} automatic identities are in use: {}", MaxAutomaticIdentities, path_);
    }
    numbers_[name] = next_++;
    OSMIA_TRY_VOID(save());
    return automatic(name);
}

Result<void> Identities::save() const {
    std::string text;
    for (const auto& [name, uid] : numbers_) text += fmt::format("{} {}\n", uid, name);
    return replace_file(path_, text);
}

uid_t first_automatic_uid(const std::string& uid_map) {
    std::istringstream lines(uid_map);
    for (std::uint64_t inside, outside, count; lines >> inside >> outside >> count;) {
        if (inside <= FirstAutomaticUid && FirstAutomaticUid + MaxAutomaticIdentities <= inside + count) return FirstAutomaticUid;
    }
    return FirstSmallNamespaceUid;
}

Result<Identity> identity_of_user(const std::string& user, const std::string& passwd_file) {
    if (user.starts_with('#')) return numeric_identity(user);
    std::string buffer;
    const auto entry = find_in_passwd(passwd_file, [&](const passwd& one) { return user == one.pw_name; }, buffer);
    if (!entry) return make_error(ErrorKind::NotFound, "no user '{}' in {}", user, passwd_file);
    return Identity{entry->pw_uid, entry->pw_gid};
}

std::string user_of(uid_t uid, gid_t gid, const std::string& passwd_file) {
    std::string buffer;
    const auto entry = find_in_passwd(passwd_file, [&](const passwd& one) { return one.pw_uid == uid; }, buffer);
    return entry ? std::string(entry->pw_name) : fmt::format("#{}:{}", uid, gid);
}

}  // namespace osmia::supervisor
