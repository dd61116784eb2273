// Compiled twice, with another TWIN: the same names of everything that the C++ linker likes to share.
#include <httpext.h>

#include <string>

int counter = 0;
inline int inline_counter = 0;
template <class T>
struct Holder {
    static int value;
};
template <class T>
int Holder<T>::value = 0;
inline int& counter_in_function() {
    static int value = 0;
    return value;
}
struct Base {
    virtual ~Base() = default;
    virtual int twin() const { return TWIN; }
};
inline int which() {
    return TWIN;
}

extern "C" __declspec(dllexport) int count_all() {
    ++counter, ++inline_counter, ++Holder<std::string>::value, ++counter_in_function();
    return counter + inline_counter + Holder<std::string>::value + counter_in_function();
}

extern "C" __declspec(dllexport) int twin_number() {
    Base base;
    const Base& seen = base;
    return which() * 10 + seen.twin();
}

extern "C" __declspec(dllexport) const void* address_of(int what) {
    switch (what) {
        case 0:
            return &counter;
        case 1:
            return &inline_counter;
        case 2:
            return &Holder<std::string>::value;
        case 3:
            return &counter_in_function();
        default:
            return nullptr;
    }
}

BOOL WINAPI GetExtensionVersion(HSE_VERSION_INFO*) {
    return TRUE;
}
DWORD WINAPI HttpExtensionProc(EXTENSION_CONTROL_BLOCK*) {
    return HSE_STATUS_SUCCESS;
}
