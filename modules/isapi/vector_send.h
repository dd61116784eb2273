/// \file
/// HSE_RESPONSE_VECTOR, checked and copied: the extension's own may lie on its stack and be gone at once.
#pragma once

#include <httpext.h>

#include <string>
#include <vector>

namespace isapi {

/// The most elements of one vector; one more is ERROR_INVALID_PARAMETER. What HTTP.sys takes.
inline constexpr DWORD MaxVectorElements = 65535;
/// The most files among them: each is a descriptor until it is sent.
inline constexpr DWORD MaxVectorFiles = 256;

/// One piece: memory of the extension, which stays valid to the completion, or part of a file, which is our own.
struct VectorPiece {
    const char* memory = nullptr;
    int file = -1;
    ULONGLONG offset = 0;
    ULONGLONG size = 0;
};

/// Owns the files. Not copyable; move it to where it is sent.
class ResponseVector {
public:
    ResponseVector() = default;
    ResponseVector(const ResponseVector&) = delete;
    ResponseVector& operator=(const ResponseVector&) = delete;
    ResponseVector(ResponseVector&& other) noexcept { *this = std::move(other); }
    ResponseVector& operator=(ResponseVector&& other) noexcept;
    ~ResponseVector() { clear(); }

    /// ERROR_SUCCESS, or why it cannot be sent: ERROR_INVALID_PARAMETER for flags, strings and elements that say
    /// nothing or too much, ERROR_INVALID_HANDLE for what is no file.
    DWORD read(const HSE_RESPONSE_VECTOR& vector);
    void clear();
    bool has(DWORD flag) const { return (flags & flag) != 0; }

    DWORD flags = 0;
    std::string status;
    std::string headers;
    std::vector<VectorPiece> pieces;
    ULONGLONG total = 0;

private:
    DWORD read_element(const HSE_VECTOR_ELEMENT& element, DWORD& files);
};

}  // namespace isapi
