// HSE_REQ_VECTOR_SEND: a response of memory and files, with or without its head, in one call.
#include "isapi/vector_send.h"

#include <osmia_host_runtime.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "isapi/session.h"

namespace isapi {

namespace {

constexpr DWORD KnownFlags = HSE_IO_SYNC | HSE_IO_ASYNC | HSE_IO_DISCONNECT_AFTER_SEND | HSE_IO_SEND_HEADERS |
                             HSE_IO_FINAL_SEND | HSE_IO_CACHE_RESPONSE | HSE_IO_TRY_SKIP_CUSTOM_ERRORS |
                             HSE_IO_NODELAY;
/// One RawWrite() takes a 32-bit length.
constexpr ULONGLONG MaxWrite = ULONGLONG{1} << 30;

bool are_valid(const HSE_RESPONSE_VECTOR& vector) {
    const DWORD flags = vector.dwFlags;
    const auto has = [flags](DWORD flag) { return (flags & flag) != 0; };
    if ((flags & ~KnownFlags) != 0 || (has(HSE_IO_SYNC) && has(HSE_IO_ASYNC))) return false;
    const bool both = vector.pszStatus != nullptr && vector.pszHeaders != nullptr;
    const bool none = vector.pszStatus == nullptr && vector.pszHeaders == nullptr;
    if (has(HSE_IO_SEND_HEADERS) ? !both : !none) return false;
    // Only a whole response can be remembered.
    if (has(HSE_IO_CACHE_RESPONSE) && !(has(HSE_IO_FINAL_SEND) && has(HSE_IO_SEND_HEADERS))) return false;
    return vector.nElementCount <= MaxVectorElements &&
           (vector.nElementCount == 0 || vector.lpElementArray != nullptr);
}

}  // namespace

ResponseVector& ResponseVector::operator=(ResponseVector&& other) noexcept {
    if (this == &other) return *this;
    clear();
    flags = other.flags;
    status = std::move(other.status);
    headers = std::move(other.headers);
    pieces = std::move(other.pieces);
    total = other.total;
    other.pieces.clear();
    return *this;
}

void ResponseVector::clear() {
    for (const VectorPiece& piece : pieces) {
        if (piece.file >= 0) ::close(piece.file);
    }
    pieces.clear();
    total = 0;
}

DWORD ResponseVector::read_element(const HSE_VECTOR_ELEMENT& element, DWORD& files) {
    if (element.pvContext == nullptr) return ERROR_INVALID_PARAMETER;
    VectorPiece piece;
    if (element.ElementType == HSE_VECTOR_ELEMENT_TYPE_MEMORY_BUFFER) {
        // The offset is documented for files only.
        if (element.cbSize == 0) return ERROR_INVALID_PARAMETER;
        piece.memory = static_cast<const char*>(element.pvContext);
        piece.size = element.cbSize;
    } else if (element.ElementType == HSE_VECTOR_ELEMENT_TYPE_FILE_HANDLE) {
        if (++files > MaxVectorFiles) return ERROR_INVALID_PARAMETER;
        piece.file = osmia_host_duplicate_descriptor(element.pvContext);
        if (piece.file < 0) return ERROR_INVALID_HANDLE;
        struct stat facts;
        const bool known = ::fstat(piece.file, &facts) == 0;
        const ULONGLONG length = known ? static_cast<ULONGLONG>(facts.st_size) : 0;
        const ULONGLONG rest = element.cbOffset <= length ? length - element.cbOffset : 0;
        if (!known || element.cbOffset > length || element.cbSize > rest) {
            ::close(piece.file);
            return ERROR_INVALID_PARAMETER;
        }
        piece.offset = element.cbOffset;
        piece.size = element.cbSize == 0 ? rest : element.cbSize;
    } else {
        return ERROR_INVALID_PARAMETER;
    }
    pieces.push_back(piece);
    if (piece.size > std::numeric_limits<ULONGLONG>::max() / 2 - total) return ERROR_INVALID_PARAMETER;
    total += piece.size;
    return ERROR_SUCCESS;
}

DWORD ResponseVector::read(const HSE_RESPONSE_VECTOR& vector) {
    clear();
    if (!are_valid(vector)) return ERROR_INVALID_PARAMETER;
    flags = vector.dwFlags;
    if (has(HSE_IO_SEND_HEADERS)) {
        status = vector.pszStatus;
        headers = vector.pszHeaders;
    }
    DWORD files = 0;
    for (DWORD i = 0; i < vector.nElementCount; ++i) {
        const DWORD error = read_element(vector.lpElementArray[i], files);
        if (error != ERROR_SUCCESS) return error;
    }
    return ERROR_SUCCESS;
}

BOOL Session::vector_send(LPVOID buffer, LPDWORD, LPDWORD) {
    if (buffer == nullptr) return fail(ERROR_INVALID_PARAMETER);
    ResponseVector vector;
    const DWORD error = vector.read(*static_cast<const HSE_RESPONSE_VECTOR*>(buffer));
    if (error != ERROR_SUCCESS) return fail(error);
    const bool head_again = vector.has(HSE_IO_SEND_HEADERS) && host_context_.RawIsHeadSet();
    if (answered_ || head_again) return fail(ERROR_INVALID_PARAMETER);
    if (!vector.has(HSE_IO_ASYNC)) {
        const HRESULT result = send_vector(vector);
        return SUCCEEDED(result) ? TRUE : fail(to_error(result));
    }
    if (begin_operation(registered_completion()) == FALSE) return FALSE;
    vector_ = std::move(vector);
    host_.QueueWork(
        [](PVOID session) {
            auto& self = *static_cast<Session*>(session);
            const HRESULT result = self.send_vector(self.vector_);
            const ULONGLONG total = self.vector_.total;
            self.vector_.clear();
            const auto bytes = static_cast<DWORD>(std::min<ULONGLONG>(total, MAXDWORD));
            FAILED(result) ? self.end_operation(0, result) : self.complete_when_sent(bytes);
        },
        this);
    return TRUE;
}

HRESULT Session::send_vector(const ResponseVector& vector) {
    HRESULT result = S_OK;
    if (vector.has(HSE_IO_DISCONNECT_AFTER_SEND)) host_context_.CloseConnection(FALSE);
    if (vector.has(HSE_IO_SEND_HEADERS)) {
        result = host_context_.RawSendHead(vector.status.c_str(), vector.headers.data(),
                                           static_cast<DWORD>(vector.headers.size()), TRUE);
        if (FAILED(result)) return HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER);
        if (!vector.has(HSE_IO_TRY_SKIP_CUSTOM_ERRORS)) host_context_.RawSetCustomErrors(TRUE);
    }
    if (vector.has(HSE_IO_FINAL_SEND) && vector.total != 0) host_context_.RawExpect(vector.total);
    for (const VectorPiece& piece : vector.pieces) {
        if (FAILED(result)) return result;
        if (piece.file >= 0) {
            result = host_context_.RawWriteFile(piece.file, piece.offset, piece.size);
            continue;
        }
        for (ULONGLONG at = 0; SUCCEEDED(result) && at < piece.size; at += MaxWrite) {
            const auto size = static_cast<DWORD>(std::min(MaxWrite, piece.size - at));
            result = host_context_.RawWrite(piece.memory + at, size);
        }
    }
    if (FAILED(result) || !vector.has(HSE_IO_FINAL_SEND)) return result;
    answered_ = true;
    return host_context_.RawFinish();
}

}  // namespace isapi
