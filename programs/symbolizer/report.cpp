#include "symbolizer/report.h"

#include <cxxabi.h>
#include <elfutils/libdwfl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "symbolizer/memory_map.h"

namespace osmia::symbolizer {

namespace {

constexpr std::size_t MaxField = 400;

template <std::size_t Size>
std::string text_of(const char (&text)[Size]) { return {text, ::strnlen(text, Size)}; }

// Fields are told apart by tabs and lines.
std::string field(std::string text) {
    if (text.size() > MaxField) text.resize(MaxField);
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    }
    return text;
}

std::string hexadecimal(const std::uint8_t* bytes, std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += fmt::format("{:02x}", bytes[i]);
    return text;
}

std::string demangled(const char* name) {
    int status = 0;
    char* const readable = abi::__cxa_demangle(name, nullptr, nullptr, &status);
    const std::string text = status == 0 && readable != nullptr ? readable : name;
    std::free(readable);
    return text;
}

struct Frame {
    std::string module, build_id, function, source;
    bool own = false;
};

/// The dead process's files, opened as they are needed.
class Symbols {
public:
    explicit Symbols(const wire::CrashNote& note)
        : note_(note), files_(read_maps({note.maps, std::min(note.maps_size.load(), wire::MaxCrashMaps)})), dwfl_(::dwfl_begin(&callbacks_)) {}
    ~Symbols() { ::dwfl_end(dwfl_); }
    Symbols(const Symbols&) = delete;
    Symbols& operator=(const Symbols&) = delete;

    Frame look_up(std::uint64_t address) {
        Frame frame;
        const auto file = std::find_if(files_.begin(), files_.end(), [&](const auto& one) { return address >= one.base && address < one.end; });
        if (file == files_.end()) return frame;
        frame.module = file->path;
        const wire::CrashModule* const copy = copy_at(address);
        if (copy != nullptr) {
            frame.own = true;
            frame.module = text_of(copy->path);
            frame.build_id = hexadecimal(copy->build_id, std::min(copy->build_id_size, wire::MaxBuildId));
        }
        if (dwfl_ == nullptr) return frame;
        ::dwfl_report_begin_add(dwfl_);
        Dwfl_Module* module = ::dwfl_addrmodule(dwfl_, address);
        if (module == nullptr) module = ::dwfl_report_elf(dwfl_, frame.module.c_str(), frame.module.c_str(), -1, file->base, true);
        ::dwfl_report_end(dwfl_, nullptr, nullptr);
        if (module != nullptr) describe(*module, address, frame);
        return frame;
    }

private:
    const wire::CrashModule* copy_at(std::uint64_t address) const {
        const auto* const end = note_.modules + std::min(note_.module_count.load(), wire::MaxCrashModules);
        const auto* const found = std::find_if(note_.modules, end, [&](const auto& one) { return address >= one.base && address - one.base < one.size; });
        return found == end ? nullptr : found;
    }

    void describe(Dwfl_Module& module, std::uint64_t address, Frame& frame) const {
        GElf_Addr where = 0;
        ::dwfl_module_getelf(&module, &where);  // opens it, which makes the build-id known
        const unsigned char* bits = nullptr;
        GElf_Addr note_address = 0;
        const int size = ::dwfl_module_build_id(&module, &bits, &note_address);
        const std::string found = size > 0 ? hexadecimal(bits, static_cast<std::size_t>(size)) : "";
        if (frame.own && found != frame.build_id) return void(frame.source = "the file has changed since it was loaded");
        frame.build_id = found;
        GElf_Off offset = 0;
        GElf_Sym symbol{};
        const char* const name = ::dwfl_module_addrinfo(&module, address, &offset, &symbol, nullptr, nullptr, nullptr);
        if (name != nullptr) frame.function = fmt::format("{}+{:#x}", demangled(name), offset);
        if (Dwfl_Line* const line = ::dwfl_module_getsrc(&module, address)) {
            int number = 0;
            const char* const file = ::dwfl_lineinfo(line, nullptr, &number, nullptr, nullptr, nullptr);
            if (file != nullptr) frame.source = fmt::format("{}:{}", file, number);
        }
    }

    const wire::CrashNote& note_;
    std::vector<MappedFile> files_;
    Dwfl_Callbacks callbacks_{nullptr, ::dwfl_standard_find_debuginfo, ::dwfl_offline_section_address, nullptr};
    Dwfl* dwfl_;
};

}  // namespace

std::string describe(const wire::CrashNote& note) {
    if (note.magic != wire::CrashNoteMagic || note.has_facts == 0) return {};
    std::string report = fmt::format("signal\t{}\t{}\t{:#x}\t{}\n", note.signal, note.code, note.address, note.thread);
    report += "request\t" + field(text_of(note.request_id)) + "\n";
    report += "cause\t" + field(text_of(note.cause)) + "\n";
    Symbols symbols(note);
    const std::uint32_t count = std::min(note.frame_count.load(), wire::MaxCrashFrames);
    for (std::uint32_t i = 0; i < count; ++i) {
        Frame frame = symbols.look_up(note.frames[i]);
        if (frame.function.empty()) frame.function = fmt::format("{:#x}", note.frames[i]);
        report += fmt::format("frame\t{}\t{}\t{}\t{}\t{}\n", field(frame.module), frame.build_id, field(frame.function), field(frame.source), frame.own ? 1 : 0);
    }
    return report;
}

}  // namespace osmia::symbolizer
