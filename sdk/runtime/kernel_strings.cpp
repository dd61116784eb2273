/// \file
/// lstrcpy and its like. Those of Windows survive bad pointers; of bad pointers, these survive NULL.
#include <algorithm>
#include <string>

#include <windows.h>

namespace {

template <class Char>
int length(const Char* text) {
    return text ? static_cast<int>(std::char_traits<Char>::length(text)) : 0;
}

template <class Char>
Char* copy(Char* target, const Char* source) {
    if (!target || !source) return nullptr;
    std::char_traits<Char>::copy(target, source, std::char_traits<Char>::length(source) + 1);
    return target;
}

template <class Char>
Char* copy_at_most(Char* target, const Char* source, int size) {
    if (!target || !source || size <= 0) return nullptr;
    auto count = std::min(static_cast<size_t>(length(source)), static_cast<size_t>(size) - 1);
    std::char_traits<Char>::copy(target, source, count);
    target[count] = Char{};
    return target;
}

template <class Char>
Char* concatenate(Char* target, const Char* source) {
    if (!target || !source) return nullptr;
    copy(target + length(target), source);
    return target;
}

template <class Char>
unsigned unit(Char character) {
    return static_cast<unsigned>(static_cast<std::make_unsigned_t<Char>>(character));
}

unsigned unit(WCHAR character) {
    return character;
}

template <class Char>
unsigned folded(Char character) {
    unsigned value = unit(character);
    return value >= 'A' && value <= 'Z' ? value + ('a' - 'A') : value;
}

template <class Char, class Key>
int compare(const Char* left, const Char* right, Key key) {
    if (!left || !right) return left ? 1 : right ? -1 : 0;
    for (; *left && key(*left) == key(*right); ++left, ++right) {
    }
    return key(*left) == key(*right) ? 0 : key(*left) < key(*right) ? -1 : 1;
}

}  // namespace

int lstrlenA(LPCSTR text) {
    return length(text);
}
int lstrlenW(LPCWSTR text) {
    return length(text);
}
LPSTR lstrcpyA(LPSTR target, LPCSTR source) {
    return copy(target, source);
}
LPWSTR lstrcpyW(LPWSTR target, LPCWSTR source) {
    return copy(target, source);
}
LPSTR lstrcpynA(LPSTR target, LPCSTR source, int size) {
    return copy_at_most(target, source, size);
}
LPWSTR lstrcpynW(LPWSTR target, LPCWSTR source, int size) {
    return copy_at_most(target, source, size);
}
LPSTR lstrcatA(LPSTR target, LPCSTR source) {
    return concatenate(target, source);
}
LPWSTR lstrcatW(LPWSTR target, LPCWSTR source) {
    return concatenate(target, source);
}
int lstrcmpA(LPCSTR left, LPCSTR right) {
    return compare(left, right, [](char character) { return unit(character); });
}
int lstrcmpW(LPCWSTR left, LPCWSTR right) {
    return compare(left, right, [](WCHAR character) { return unit(character); });
}
int lstrcmpiA(LPCSTR left, LPCSTR right) {
    return compare(left, right, folded<char>);
}
int lstrcmpiW(LPCWSTR left, LPCWSTR right) {
    return compare(left, right, folded<WCHAR>);
}
