#include "format.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "unicode.h"

namespace osmia::win32 {

namespace {

enum class Length { None, Char, Short, Long, LongLong, Pointer, LongDouble, Wide };

struct Field {
    std::string flags;
    int width = 0;
    int precision = -1;
    Length length = Length::None;
    char conversion = 0;

    bool left() const { return flags.find('-') != std::string::npos; }
};

struct Arguments {
    va_list list;
};

template <class Char>
constexpr bool kIsWide = sizeof(Char) == 2;

std::string to_text(std::string_view text, const std::string&) {
    return std::string(text);
}
std::string to_text(std::u16string_view text, const std::string&) {
    return utf8(text);
}
std::u16string to_text(std::string_view text, const std::u16string&) {
    return utf16(text);
}
std::u16string to_text(std::u16string_view text, const std::u16string&) {
    return std::u16string(text);
}

/// Works through one format string. Owns what it has written so far.
template <class Char>
class Formatter {
public:
    Formatter(const Char* format, va_list arguments) : next_(format) { va_copy(arguments_.list, arguments); }
    ~Formatter() { va_end(arguments_.list); }
    Formatter(const Formatter&) = delete;
    Formatter& operator=(const Formatter&) = delete;

    std::optional<std::basic_string<Char>> run() {
        while (*next_) {
            if (*next_ != '%') {
                output_.push_back(*next_++);
            } else if (next_[1] == '%') {
                output_.push_back(Char{'%'});
                next_ += 2;
            } else {
                ++next_;
                if (!conversion()) return std::nullopt;
            }
        }
        return std::move(output_);
    }

private:
    bool conversion() {
        Field field;
        while (*next_ && *next_ < 0x80 && std::strchr("-+ 0#", static_cast<char>(*next_))) {
            field.flags.push_back(static_cast<char>(*next_++));
        }
        if (!read_width(field) || !read_precision(field)) return false;
        read_length(field);
        if (!*next_) return true;
        field.conversion = *next_ < 0x80 ? static_cast<char>(*next_) : '\0';
        return write(field, *next_++);
    }

    bool read_number(int& number) {
        if (*next_ == '*') {
            ++next_;
            number = va_arg(arguments_.list, int);
            return number <= kFieldLimit && number >= -kFieldLimit;
        }
        for (; *next_ >= '0' && *next_ <= '9'; ++next_) {
            number = number * 10 + (*next_ - '0');
            if (number > kFieldLimit) return false;
        }
        return true;
    }

    bool read_width(Field& field) {
        if (!read_number(field.width)) return false;
        if (field.width < 0) {
            field.flags.push_back('-');
            field.width = -field.width;
        }
        return true;
    }

    bool read_precision(Field& field) {
        if (*next_ != '.') return true;
        ++next_;
        field.precision = 0;
        if (!read_number(field.precision)) return false;
        field.precision = std::max(field.precision, -1);
        return true;
    }

    bool take(const char* prefix) {
        size_t length = std::strlen(prefix);
        for (size_t index = 0; index < length; ++index) {
            if (next_[index] != static_cast<Char>(prefix[index])) return false;
        }
        next_ += length;
        return true;
    }

    void read_length(Field& field) {
        struct Modifier {
            const char* text;
            Length length;
        };
        static constexpr Modifier kModifiers[] = {
            {"hh", Length::Char},    {"h", Length::Short},      {"ll", Length::LongLong},
            {"l", Length::Long},     {"I64", Length::LongLong}, {"I32", Length::Long},
            {"I", Length::Pointer},  {"z", Length::Pointer},    {"t", Length::Pointer},
            {"j", Length::LongLong}, {"L", Length::LongDouble}, {"w", Length::Wide},
        };
        for (const Modifier& modifier : kModifiers) {
            if (!take(modifier.text)) continue;
            field.length = modifier.length;
            return;
        }
    }

    bool write(const Field& field, Char conversion) {
        switch (field.conversion) {
            case 'd':
            case 'i':
                integer(field, true);
                return true;
            case 'u':
            case 'o':
            case 'x':
            case 'X':
                integer(field, false);
                return true;
            case 'e':
            case 'E':
            case 'f':
            case 'F':
            case 'g':
            case 'G':
            case 'a':
            case 'A':
                real(field);
                return true;
            case 'c':
            case 'C':
                character(field);
                return true;
            case 's':
            case 'S':
                text(field);
                return true;
            case 'p':
                pointer(field);
                return true;
            case 'n':
                return false;
            default:
                output_.push_back(conversion);
                return true;
        }
    }

    long long signed_argument(Length length) {
        switch (length) {
            case Length::Char:
                return static_cast<signed char>(va_arg(arguments_.list, int));
            case Length::Short:
                return static_cast<short>(va_arg(arguments_.list, int));
            case Length::LongLong:
            case Length::Pointer:
                return va_arg(arguments_.list, long long);
            default:
                return va_arg(arguments_.list, int);
        }
    }

    unsigned long long unsigned_argument(Length length) {
        switch (length) {
            case Length::Char:
                return static_cast<unsigned char>(va_arg(arguments_.list, int));
            case Length::Short:
                return static_cast<unsigned short>(va_arg(arguments_.list, int));
            case Length::LongLong:
            case Length::Pointer:
                return va_arg(arguments_.list, unsigned long long);
            default:
                return va_arg(arguments_.list, unsigned);
        }
    }

    void integer(const Field& field, bool is_signed) {
        std::string length_and_conversion = std::string("ll") + field.conversion;
        if (is_signed) {
            print(field, length_and_conversion, signed_argument(field.length));
        } else {
            print(field, length_and_conversion, unsigned_argument(field.length));
        }
    }

    void real(const Field& field) {
        if (field.length == Length::LongDouble) {
            print(field, std::string("L") + field.conversion, va_arg(arguments_.list, long double));
        } else {
            print(field, std::string(1, field.conversion), va_arg(arguments_.list, double));
        }
    }

    void pointer(const Field& field) {
        auto value = reinterpret_cast<uintptr_t>(va_arg(arguments_.list, void*));
        char digits[2 * sizeof value + 1];
        std::snprintf(digits, sizeof digits, "%016lX", value);
        pad(field, to_text(std::string_view(digits), output_));
    }

    /// One number through the C library, which knows how; its output is ASCII.
    template <class Value>
    void print(const Field& field, const std::string& length_and_conversion, Value value) {
        std::string format = "%" + field.flags + "*.*" + length_and_conversion;
        int size = std::snprintf(nullptr, 0, format.c_str(), field.width, field.precision, value);
        if (size < 0) return;
        std::string number(static_cast<size_t>(size) + 1, '\0');
        std::snprintf(number.data(), number.size(), format.c_str(), field.width, field.precision, value);
        output_.append(number.begin(), number.end() - 1);
    }

    bool takes_wide(const Field& field) const {
        if (field.length == Length::Long || field.length == Length::Wide) return true;
        if (field.length == Length::Short) return false;
        bool same = field.conversion == 's' || field.conversion == 'c';
        return same == kIsWide<Char>;
    }

    void character(const Field& field) {
        int value = va_arg(arguments_.list, int);
        if (takes_wide(field)) {
            auto unit = static_cast<char16_t>(value);
            pad(field, to_text(std::u16string_view(&unit, 1), output_));
        } else {
            auto byte = static_cast<char>(value);
            pad(field, std::basic_string<Char>(1, static_cast<Char>(static_cast<unsigned char>(byte))));
        }
    }

    void text(const Field& field) {
        const void* source = va_arg(arguments_.list, const void*);
        if (!source) {
            pad(field, to_text(view("(null)", field.precision), output_));
        } else if (takes_wide(field)) {
            pad(field, to_text(view(static_cast<const char16_t*>(source), field.precision), output_));
        } else {
            pad(field, to_text(view(static_cast<const char*>(source), field.precision), output_));
        }
    }

    /// Never reads past the precision: such text need not be terminated.
    template <class Source>
    static std::basic_string_view<Source> view(const Source* source, int precision) {
        size_t length = 0;
        while ((precision < 0 || length < static_cast<size_t>(precision)) && source[length]) ++length;
        return {source, length};
    }

    void pad(const Field& field, const std::basic_string<Char>& text) {
        auto width = static_cast<size_t>(field.width);
        size_t missing = width > text.size() ? width - text.size() : 0;
        if (!field.left()) output_.append(missing, Char{' '});
        output_ += text;
        if (field.left()) output_.append(missing, Char{' '});
    }

    const Char* next_;
    Arguments arguments_;
    std::basic_string<Char> output_;
};

}  // namespace

std::optional<std::string> format_narrow(const char* format, va_list arguments) {
    return Formatter<char>(format, arguments).run();
}

std::optional<std::u16string> format_wide(const char16_t* format, va_list arguments) {
    return Formatter<char16_t>(format, arguments).run();
}

}  // namespace osmia::win32
