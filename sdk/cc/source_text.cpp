#include "source_text.h"

#include <fstream>
#include <sstream>

namespace osmia::cc {

namespace {

constexpr std::string_view kLittleEndianMark = "\xFF\xFE";
constexpr std::string_view kBigEndianMark = "\xFE\xFF";

void append_utf8(std::string& target, char32_t value) {
    auto put = [&target](char32_t byte) { target.push_back(static_cast<char>(byte)); };
    if (value < 0x80) {
        put(value);
    } else if (value < 0x800) {
        put(0xC0 | (value >> 6));
        put(0x80 | (value & 0x3F));
    } else if (value < 0x10000) {
        put(0xE0 | (value >> 12));
        put(0x80 | ((value >> 6) & 0x3F));
        put(0x80 | (value & 0x3F));
    } else {
        put(0xF0 | (value >> 18));
        put(0x80 | ((value >> 12) & 0x3F));
        put(0x80 | ((value >> 6) & 0x3F));
        put(0x80 | (value & 0x3F));
    }
}

/// Code units of a UTF-16 text behind its mark.
class Units {
public:
    explicit Units(std::string_view bytes) : bytes_(bytes), big_endian_(bytes.starts_with(kBigEndianMark)) {}
    size_t size() const { return bytes_.size() / 2; }
    char32_t operator[](size_t index) const {
        auto first = static_cast<unsigned char>(bytes_[2 * index]);
        auto second = static_cast<unsigned char>(bytes_[2 * index + 1]);
        return big_endian_ ? static_cast<char32_t>(first << 8 | second)
                           : static_cast<char32_t>(second << 8 | first);
    }

private:
    std::string_view bytes_;
    bool big_endian_;
};

void skip_blanks(std::string_view& line) {
    size_t start = line.find_first_not_of(" \t");
    line.remove_prefix(start == std::string_view::npos ? line.size() : start);
}

bool take(std::string_view& line, std::string_view word) {
    skip_blanks(line);
    if (!line.starts_with(word)) return false;
    line.remove_prefix(word.size());
    return true;
}

std::optional<Include> include_of(std::string_view line) {
    if (!take(line, "#") || !take(line, "include")) return std::nullopt;
    skip_blanks(line);
    if (line.empty() || (line[0] != '"' && line[0] != '<')) return std::nullopt;
    bool quoted = line[0] == '"';
    size_t end = line.find(quoted ? '"' : '>', 1);
    if (end == std::string_view::npos || end == 1) return std::nullopt;
    return Include{std::string(line.substr(1, end - 1)), quoted};
}

}  // namespace

std::optional<std::string> read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file || std::filesystem::is_directory(path)) return std::nullopt;
    std::ostringstream text;
    text << file.rdbuf();
    return std::move(text).str();
}

bool write_file(const std::filesystem::path& path, std::string_view text) {
    std::ofstream file(path, std::ios::binary);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    return static_cast<bool>(file.flush());
}

bool is_utf16(std::string_view bytes) {
    return bytes.starts_with(kLittleEndianMark) || bytes.starts_with(kBigEndianMark);
}

std::string as_utf8(std::string_view bytes) {
    if (!is_utf16(bytes)) return std::string(bytes);
    Units units(bytes);
    std::string result;
    for (size_t index = 1; index < units.size(); ++index) {
        char32_t unit = units[index];
        bool high = unit >= 0xD800 && unit <= 0xDBFF;
        bool paired =
            high && index + 1 < units.size() && units[index + 1] >= 0xDC00 && units[index + 1] <= 0xDFFF;
        if (paired) {
            append_utf8(result, 0x10000 + ((unit - 0xD800) << 10) + (units[++index] - 0xDC00));
        } else {
            append_utf8(result, unit >= 0xD800 && unit <= 0xDFFF ? 0xFFFD : unit);
        }
    }
    return result;
}

std::vector<Include> find_includes(std::string_view text) {
    std::vector<Include> includes;
    while (!text.empty()) {
        size_t end = text.find('\n');
        if (auto include = include_of(text.substr(0, end))) includes.push_back(*include);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return includes;
}

}  // namespace osmia::cc
