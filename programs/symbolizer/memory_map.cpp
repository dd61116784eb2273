#include "symbolizer/memory_map.h"

#include <charconv>

namespace osmia::symbolizer {

namespace {

struct Line {
    std::uint64_t begin = 0, end = 0, offset = 0;
    std::string_view path;
};

// "BEGIN-END PERMISSIONS OFFSET DEVICE INODE      PATH"
bool read_line(std::string_view text, Line& line) {
    const auto number = [&](char delimiter, std::uint64_t& value) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
        if (error != std::errc() || end == text.data() + text.size() || *end != delimiter) return false;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
        return true;
    };
    const auto skip_field = [&] {
        const auto blank = text.find(' ');
        text.remove_prefix(blank == std::string_view::npos ? text.size() : blank + 1);
    };
    if (!number('-', line.begin) || !number(' ', line.end)) return false;
    skip_field();
    if (!number(' ', line.offset)) return false;
    skip_field();
    skip_field();
    const auto path = text.find_first_not_of(' ');
    line.path = path == std::string_view::npos ? std::string_view() : text.substr(path);
    return line.path.starts_with('/') && line.begin < line.end;
}

}  // namespace

std::vector<MappedFile> read_maps(std::string_view maps) {
    std::vector<MappedFile> files;
    while (!maps.empty()) {
        const auto end = maps.find('\n');
        Line line;
        if (read_line(maps.substr(0, end), line)) {
            const bool continues = !files.empty() && files.back().path == line.path && line.begin >= files.back().end && line.offset != 0;
            if (continues) files.back().end = line.end;
            else if (files.size() < MaxMappedFiles) files.push_back({std::string(line.path), line.begin - std::min(line.offset, line.begin), line.end});
        }
        if (end == std::string_view::npos) break;
        maps.remove_prefix(end + 1);
    }
    return files;
}

}  // namespace osmia::symbolizer
