#include "base/result.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace osmia {

Error errno_error(std::string_view what, int error_number) {
    ErrorKind kind = ErrorKind::System;
    if (error_number == ENOENT) kind = ErrorKind::NotFound;
    if (error_number == EACCES || error_number == EPERM) kind = ErrorKind::Denied;
    return Error{kind, fmt::format("{}: {}", what, strerrordesc_np(error_number)), error_number};
}

Error errno_error(std::string_view what) { return errno_error(what, errno); }

void check_failed(const char* condition, const char* meaning, const char* file, int line) {
    std::fprintf(stderr, "osmia: internal error: %s (%s) at %s:%d\n", meaning, condition, file, line);
    std::abort();
}

}  // namespace osmia
