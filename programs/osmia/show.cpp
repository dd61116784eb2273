#include "osmia/show.h"

#include <algorithm>
#include <vector>

namespace osmia::command {

namespace {

using Json = nlohmann::ordered_json;
using Row = std::vector<std::string>;

// "startedAt" becomes "STARTED AT" or "Started at".
std::string in_words(const std::string& field, bool heading) {
    std::string words;
    for (const char c : field) {
        const bool upper = c >= 'A' && c <= 'Z';
        if (upper) words += ' ';
        if (heading) {
            words += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        } else {
            words += upper ? static_cast<char>(c - 'A' + 'a') : c;
        }
    }
    if (!heading && !words.empty() && words[0] >= 'a' && words[0] <= 'z') words[0] = static_cast<char>(words[0] - 'a' + 'A');
    return words;
}

std::string printable(std::string text) {
    for (char& c : text) {
        const auto code = static_cast<unsigned char>(c);
        if (code < 0x20 || code == 0x7f) c = '?';
    }
    return text;
}

std::string text_of(const Json& value) {
    if (value.is_string()) return printable(value.get<std::string>());
    if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
    if (value.is_object()) {
        std::string fields;
        for (const auto& [name, one] : value.items()) fields += (fields.empty() ? "" : ", ") + name + " " + text_of(one);
        return fields;
    }
    if (!value.is_array()) return value.dump();
    std::string text;
    for (const auto& one : value) text += (text.empty() ? "" : ", ") + text_of(one);
    return text;
}

// Bytes that continue a UTF-8 character take no column.
std::size_t width_of(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string line_of(const Row& row, const std::vector<std::size_t>& widths, const std::vector<bool>& right) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
        const std::string padding(widths[i] - width_of(row[i]), ' ');
        line += (i == 0 ? "" : "  ") + (right[i] ? padding + row[i] : row[i] + padding);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

}  // namespace

std::string show_table(const Json& list, const std::string& what) {
    if (list.empty()) return "No " + what + ".\n";
    std::vector<Row> rows(1);
    std::vector<bool> right;
    for (const auto& [field, value] : list.front().items()) {
        rows[0].push_back(in_words(field, true));
        right.push_back(value.is_number());
    }
    for (const auto& object : list) {
        Row& row = rows.emplace_back();
        for (const auto& [field, value] : list.front().items()) row.push_back(object.contains(field) ? text_of(object[field]) : "");
    }
    std::vector<std::size_t> widths(rows[0].size());
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
    }
    std::string text;
    for (const Row& row : rows) text += line_of(row, widths, right);
    return text;
}

namespace {

// An object within an object: what is told of it, without names; "yes" and "no" would say nothing then.
std::string one_line(const Json& object) {
    std::string line;
    for (const auto& [field, value] : object.items()) {
        const std::string text = value.is_boolean() ? std::string() : text_of(value);
        if (!text.empty()) line += (line.empty() ? "" : "  ") + text;
    }
    return line;
}

}  // namespace

std::string show_object(const Json& object) {
    std::size_t width = 0;
    for (const auto& [field, value] : object.items()) width = std::max(width, in_words(field, false).size());
    std::string text;
    for (const auto& [field, value] : object.items()) {
        const std::string name = in_words(field, false) + ":";
        if (value.is_array() && !value.empty() && value.front().is_object()) {
            text += name + "\n";
            for (const auto& one : value) text += "    " + one_line(one) + "\n";
            continue;
        }
        text += name + std::string(width + 2 - name.size(), ' ') + text_of(value) + "\n";
    }
    return text;
}

}  // namespace osmia::command
