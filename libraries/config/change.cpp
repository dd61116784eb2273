#include "config/change.h"

#include <algorithm>
#include <charconv>

namespace osmia::config {
namespace {

class ChangeReader {
public:
    ChangeReader(std::string_view text, char separator) : whole_(text), rest_(text), separator_(separator) {}

    Result<Change> run() {
        Change change;
        if (take('+')) change.kind = Change::Kind::Add;
        else if (take('-')) change.kind = Change::Kind::Remove;
        else if (take('~')) change.kind = Change::Kind::Reset;
        // The shell may have left the quotes of appcmd's /+"files.[value='x']".
        const bool quoted = change.kind != Change::Kind::Set && take('"');
        if (quoted && rest_.ends_with('"')) rest_.remove_suffix(1);
        for (;;) {
            change.steps.push_back(OSMIA_TRY(read_step(change)));
            if (!take('.') && !rest_.starts_with('[')) break;  // "files.[…]" and "files[…]"
        }
        return finish(std::move(change));
    }

private:
    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    Error wrong(std::string_view what) const { return make_error(ErrorKind::Invalid, "'{}': {}", whole_, what); }

    Result<ChangeStep> read_step(Change& change) {
        ChangeStep step;
        if (take('[')) {
            OSMIA_TRY_VOID(read_attributes(step, change));
            return step;
        }
        const std::size_t end = std::min(rest_.find_first_of(std::string(".[") + separator_), rest_.size());
        step.element = rest_.substr(0, end);
        rest_.remove_prefix(end);
        if (step.element.empty()) return wrong("a name is missing");
        return step;
    }

    Result<void> read_attributes(ChangeStep& step, Change& change) {
        while (!take(']')) {
            while (take(' ') || take(',')) {}
            if (take('@')) {
                change.position = OSMIA_TRY(read_position());
                if (*change.position == std::string::npos) change.position.reset();
                continue;
            }
            const std::size_t equals = rest_.find('=');
            if (equals == std::string_view::npos) return wrong("in brackets stand NAME='VALUE' pairs");
            std::string name(rest_.substr(0, equals));
            rest_.remove_prefix(equals + 1);
            const char quote = rest_.empty() ? '\0' : rest_.front();
            if (quote != '\'' && quote != '"') return wrong("a value in brackets stands in quotes");
            const std::size_t close = rest_.find(quote, 1);
            if (close == std::string_view::npos) return wrong("a quote is not closed");
            step.attributes.emplace_back(std::move(name), rest_.substr(1, close - 1));
            rest_.remove_prefix(close + 1);
        }
        return {};
    }

    Result<std::size_t> read_position() {
        const std::size_t end = std::min(rest_.find_first_of(",]"), rest_.size());
        const std::string_view word = rest_.substr(0, end);
        rest_.remove_prefix(end);
        if (word == "start") return std::size_t{0};
        if (word == "end") return std::string::npos;
        std::size_t number = 0;
        const auto [last, error] = std::from_chars(word.data(), word.data() + word.size(), number);
        if (error != std::errc() || last != word.data() + word.size()) return wrong("after '@' stands start, end or a number");
        return number;
    }

    Result<Change> finish(Change change) {
        const bool item = change.kind == Change::Kind::Add || change.kind == Change::Kind::Remove;
        if (item) {
            if (!rest_.empty()) return wrong("nothing may follow the brackets");
            if (!change.steps.back().element.empty()) return wrong("an item in brackets is missing");
            if (change.steps.back().attributes.empty()) return wrong("the brackets are empty");
            return change;
        }
        change.attribute = std::move(change.steps.back().element);
        change.steps.pop_back();
        if (change.attribute.empty()) return wrong("an attribute's name is missing");
        if (change.kind == Change::Kind::Reset && rest_.empty()) return change;
        if (!take(separator_)) return wrong(separator_ == ':' ? "':' and a value are missing" : "'=' and a value are missing");
        change.value = rest_;
        return change;
    }

    std::string_view whole_;
    std::string_view rest_;
    char separator_;
};

}  // namespace

Result<Change> parse_change(std::string_view text, char separator) { return ChangeReader(text, separator).run(); }

}  // namespace osmia::config
