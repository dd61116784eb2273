#include "compression/accept_encoding.h"

#include <algorithm>

namespace compression {

namespace {

constexpr unsigned Whole = 1000;

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

bool same(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

// "0.5" is 500; what is no weight counts as not wanted.
unsigned parse_weight(std::string_view text) {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return 0;
    if (text.size() > 1 && text[1] != '.') return 0;
    unsigned value = static_cast<unsigned>(text[0] - '0') * Whole, step = Whole / 10;
    for (const char c : text.substr(std::min<std::size_t>(2, text.size()))) {
        if (c < '0' || c > '9') return 0;
        value += static_cast<unsigned>(c - '0') * step;
        step /= 10;
    }
    return std::min(value, Whole);
}

}  // namespace

unsigned weight_of(std::string_view list, std::string_view coding) {
    int any = -1;
    while (!list.empty()) {
        const std::string_view item = list.substr(0, list.find(','));
        list.remove_prefix(std::min(list.size(), item.size() + 1));
        const std::string_view name = trim(item.substr(0, item.find(';')));
        unsigned weight = Whole;
        if (const auto semicolon = item.find(';'); semicolon != item.npos) {
            const std::string_view parameter = trim(item.substr(semicolon + 1));
            weight = parameter.size() > 2 && same(parameter.substr(0, 2), "q=") ? parse_weight(trim(parameter.substr(2))) : 0;
        }
        if (same(name, coding) || (same(coding, "gzip") && same(name, "x-gzip"))) return weight;
        if (name == "*") any = static_cast<int>(weight);
    }
    return any < 0 ? 0 : static_cast<unsigned>(any);
}

std::string_view choose(std::string_view accept_encoding, const std::vector<std::string>& offered) {
    std::string_view best;
    unsigned best_weight = 0;
    for (const std::string& coding : offered) {
        const unsigned weight = weight_of(accept_encoding, coding);
        if (weight <= best_weight) continue;
        best = coding;
        best_weight = weight;
    }
    // Identity is always acceptable unless it is refused; it wins only where the client says that it is better.
    return accept_encoding.find("identity") != accept_encoding.npos && weight_of(accept_encoding, "identity") > best_weight ? "" : best;
}

}  // namespace compression
