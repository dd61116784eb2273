#include "worker/pipeline/beneath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

namespace osmia::worker {

UniqueFd open_beneath(const std::string& root, std::string_view relative, int flags) {
    const UniqueFd folder(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!folder) return {};
    while (!relative.empty() && relative.front() == '/') relative.remove_prefix(1);
    const std::string name = relative.empty() ? "." : std::string(relative);
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    return UniqueFd(static_cast<int>(::syscall(SYS_openat2, folder.get(), name.c_str(), &how, sizeof how)));
}

FileKind probe_beneath(const std::string& root, std::string_view relative) {
    const UniqueFd file = open_beneath(root, relative, O_PATH);
    struct stat facts;
    if (!file || ::fstat(file.get(), &facts) != 0) return FileKind::Missing;
    if (S_ISDIR(facts.st_mode)) return FileKind::Directory;
    return S_ISREG(facts.st_mode) ? FileKind::File : FileKind::Missing;
}

}  // namespace osmia::worker
