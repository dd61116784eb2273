#include "worker/crash_note.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <unwind.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include "wire/crash_note.h"

namespace osmia::worker {

namespace {

std::atomic<wire::CrashNote*> g_note = nullptr;

template <std::size_t Size>
void copy_text(char (&to)[Size], const char* from) {
    std::size_t at = 0;
    for (; at + 1 < Size && from[at] != '\0'; ++at) to[at] = from[at];
    to[at] = '\0';
}

// Up to a signal's frame the stack is the handler's own: the guilty frames begin behind it.
_Unwind_Reason_Code add_frame(_Unwind_Context* context, void* data) {
    auto& note = *static_cast<wire::CrashNote*>(data);
    int is_interrupted = 0;
    const std::uint64_t address = _Unwind_GetIPInfo(context, &is_interrupted);
    if (address == 0) return _URC_END_OF_STACK;
    std::uint32_t count = is_interrupted != 0 ? 0 : note.frame_count.load(std::memory_order_relaxed);
    if (count >= wire::MaxCrashFrames) return _URC_END_OF_STACK;
    // A return address may already belong to the next function.
    note.frames[count] = is_interrupted != 0 ? address : address - 1;
    note.frame_count.store(count + 1, std::memory_order_release);
    return _URC_NO_REASON;
}

void copy_maps(wire::CrashNote& note) {
    const int file = ::open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    std::uint32_t size = 0;
    for (ssize_t got; size < wire::MaxCrashMaps && (got = ::read(file, note.maps + size, wire::MaxCrashMaps - size)) > 0;) {
        size += static_cast<std::uint32_t>(got);
    }
    note.maps_size.store(size, std::memory_order_release);
    ::close(file);
}

_Unwind_Reason_Code do_nothing(_Unwind_Context*, void*) { return _URC_END_OF_STACK; }

}  // namespace

Result<void> open_crash_note(const UniqueFd& memory) {
    struct stat facts {};
    if (::fstat(memory.get(), &facts) != 0 || facts.st_size < static_cast<off_t>(sizeof(wire::CrashNote))) {
        return make_error(ErrorKind::Invalid, "the crash note is too small");
    }
    void* const at = ::mmap(nullptr, sizeof(wire::CrashNote), PROT_READ | PROT_WRITE, MAP_SHARED, memory.get(), 0);
    if (at == MAP_FAILED) return errno_error("mmap");
    auto* const note = static_cast<wire::CrashNote*>(at);
    note->magic = wire::CrashNoteMagic;
    _Unwind_Backtrace(do_nothing, nullptr);  // whatever it makes ready the first time is ready now
    g_note = note;
    return {};
}

void note_module(const std::string& path, const void* base, std::size_t size, std::span<const std::uint8_t> build_id) {
    wire::CrashNote* const note = g_note;
    if (note == nullptr) return;
    const std::uint32_t index = note->module_count.load();
    if (index >= wire::MaxCrashModules) return;
    wire::CrashModule& module = note->modules[index];
    module.base = reinterpret_cast<std::uintptr_t>(base);
    module.size = size;
    copy_text(module.path, path.c_str());
    module.build_id_size = static_cast<std::uint32_t>(std::min<std::size_t>(build_id.size(), wire::MaxBuildId));
    std::copy_n(build_id.begin(), module.build_id_size, module.build_id);
    note->module_count.store(index + 1, std::memory_order_release);
}

void write_crash_note(const DeathFacts& facts) {
    wire::CrashNote* const note = g_note;
    if (note == nullptr) return;
    note->signal = facts.signal;
    note->code = facts.code;
    note->address = facts.address;
    note->thread = static_cast<std::uint32_t>(::gettid());
    copy_text(note->request_id, facts.request_id);
    copy_text(note->cause, facts.cause);
    note->has_facts.store(1, std::memory_order_release);
    copy_maps(*note);
    _Unwind_Backtrace(add_frame, note);
}

}  // namespace osmia::worker
