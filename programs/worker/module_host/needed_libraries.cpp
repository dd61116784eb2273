#include "worker/module_host/needed_libraries.h"

#include <elf.h>

#include <cstring>
#include <optional>
#include <string_view>

namespace osmia::worker {

namespace {

#if defined(__x86_64__)
constexpr Elf64_Half Machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half Machine = EM_AARCH64;
#else
#error "name this machine's ELF number"
#endif

template <class T>
std::optional<T> read_at(std::span<const std::byte> image, std::uint64_t offset) {
    if (offset > image.size() || image.size() - offset < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, image.data() + offset, sizeof value);
    return value;
}

std::string string_at(std::span<const std::byte> image, std::uint64_t offset) {
    if (offset >= image.size()) return {};
    const auto* text = reinterpret_cast<const char*>(image.data() + offset);
    return {text, ::strnlen(text, image.size() - offset)};
}

Error not_loadable(const char* why) {
    return make_error(ErrorKind::Invalid, "not a shared object for this machine: {}", why);
}

// The file offset of an address, by the loadable segments.
std::optional<std::uint64_t> offset_of(std::span<const Elf64_Phdr> segments, std::uint64_t address) {
    for (const Elf64_Phdr& segment : segments) {
        if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
            address - segment.p_vaddr < segment.p_filesz) {
            return segment.p_offset + (address - segment.p_vaddr);
        }
    }
    return std::nullopt;
}

std::vector<std::string> split_folders(std::string_view list) {
    std::vector<std::string> folders;
    while (!list.empty()) {
        const auto end = list.find(':');
        if (end != 0) folders.emplace_back(list.substr(0, end));
        list = end == std::string_view::npos ? std::string_view() : list.substr(end + 1);
    }
    return folders;
}

NeededLibraries read_dynamic(std::span<const std::byte> image, std::span<const Elf64_Phdr> segments,
                             const Elf64_Phdr& dynamic) {
    NeededLibraries result;
    std::vector<std::uint64_t> needed;
    std::optional<std::uint64_t> strings, run_path, old_path, own_name;
    for (std::uint64_t at = 0; at + sizeof(Elf64_Dyn) <= dynamic.p_filesz; at += sizeof(Elf64_Dyn)) {
        const auto entry = read_at<Elf64_Dyn>(image, dynamic.p_offset + at);
        if (!entry || entry->d_tag == DT_NULL) break;
        if (entry->d_tag == DT_NEEDED) needed.push_back(entry->d_un.d_val);
        if (entry->d_tag == DT_STRTAB) strings = offset_of(segments, entry->d_un.d_ptr);
        if (entry->d_tag == DT_RUNPATH) run_path = entry->d_un.d_val;
        if (entry->d_tag == DT_TEXTREL || (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL) != 0))
            result.text_relocations = true;
        if (entry->d_tag == DT_FLAGS_1 && (entry->d_un.d_val & DF_1_NODELETE) != 0) result.never_unloads = true;
        if (entry->d_tag == DT_SONAME) own_name = entry->d_un.d_val;
        if (entry->d_tag == DT_RPATH) old_path = entry->d_un.d_val;
    }
    if (!strings) return result;
    for (const std::uint64_t name : needed) result.names.push_back(string_at(image, *strings + name));
    if (own_name) result.own_name = string_at(image, *strings + *own_name);
    if (!run_path) run_path = old_path;
    if (run_path) result.folders = split_folders(string_at(image, *strings + *run_path));
    return result;
}

}  // namespace

Result<NeededLibraries> read_needed_libraries(std::span<const std::byte> image) {
    const auto header = read_at<Elf64_Ehdr>(image, 0);
    if (image.size() >= 2 && image[0] == std::byte{'M'} && image[1] == std::byte{'Z'})
        return not_loadable("it is a Windows program or DLL, which needs the Windows host");
    if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
        return not_loadable("it is no ELF file");
    if (header->e_ident[EI_CLASS] != ELFCLASS64) return not_loadable("it has 32 bits");
    if (header->e_machine != Machine) return not_loadable("it was built for another processor");
    if (header->e_type != ET_DYN) return not_loadable("it is a program or an object file");
    std::vector<Elf64_Phdr> segments;
    for (unsigned i = 0; i < header->e_phnum; ++i) {
        const auto segment =
            read_at<Elf64_Phdr>(image, header->e_phoff + std::uint64_t{i} * header->e_phentsize);
        if (!segment) return not_loadable("it is truncated");
        // A file cut short would be mapped all the same and kill the process at the first touch behind its
        // end.
        if (segment->p_type == PT_LOAD && segment->p_offset + segment->p_filesz > image.size())
            return not_loadable("it is truncated");
        segments.push_back(*segment);
    }
    for (const Elf64_Phdr& segment : segments) {
        if (segment.p_type == PT_DYNAMIC) return read_dynamic(image, segments, segment);
    }
    return not_loadable("it has no dynamic section");
}

}  // namespace osmia::worker
