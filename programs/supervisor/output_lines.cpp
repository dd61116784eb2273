#include "supervisor/output_lines.h"

#include <fmt/format.h>

#include <algorithm>

namespace osmia::supervisor {

std::string printable(std::string_view text, std::size_t limit) {
    std::string line(text.substr(0, limit));
    for (char& c : line) {
        const auto code = static_cast<unsigned char>(c);
        if ((code < 0x20 && c != '\t') || code == 0x7f) c = '?';
    }
    return line;
}

void OutputLines::add(std::string_view bytes, Time now) {
    while (!bytes.empty()) {
        const std::size_t room = MaxOutputLine - line_.size();
        const std::size_t newline = bytes.substr(0, room + 1).find('\n');
        const std::size_t size = newline == std::string_view::npos ? std::min(room, bytes.size()) : newline;
        line_.append(bytes.substr(0, size));
        bytes.remove_prefix(size);
        if (newline != std::string_view::npos) {
            bytes.remove_prefix(1);
            emit(now);
        } else if (line_.size() == MaxOutputLine && !bytes.empty()) {
            emit(now);
        }
    }
}

void OutputLines::emit(Time now) {
    if (now - window_start_ >= std::chrono::seconds(1)) {
        window_start_ = now;
        passed_in_window_ = 0;
        tell_dropped();
    }
    if (passed_in_window_ < MaxOutputLinesPerSecond) {
        ++passed_in_window_;
        if (line_.ends_with('\r')) line_.pop_back();
        pass_(printable(line_));
    } else {
        ++dropped_;
    }
    line_.clear();
}

void OutputLines::tell_dropped() {
    if (dropped_ == 0) return;
    pass_(fmt::format("({} lines dropped: more than {} in a second)", dropped_, MaxOutputLinesPerSecond));
    dropped_ = 0;
}

void OutputLines::finish() {
    if (!line_.empty()) emit(window_start_);
    tell_dropped();
}

}  // namespace osmia::supervisor
