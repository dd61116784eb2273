/// \file
/// Result<T>: the value of a fallible operation, or an Error that answers what failed and whose fault it was.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace osmia {

/// What kind of failure an Error describes; decides exit codes and HTTP statuses, never message texts.
enum class ErrorKind {
    Invalid,    ///< the input is wrong: configuration, a command line, a peer's message
    NotFound,   ///< the named object does not exist
    Denied,     ///< permission is missing
    Busy,       ///< held by another, or a limit is reached
    Closed,     ///< the peer has gone
    TimedOut,   ///< the time limit passed
    System,     ///< the operating system refused
};

/// One failure, in words for an administrator. Owns its message. Copyable.
struct Error {
    ErrorKind kind = ErrorKind::System;
    std::string message;
    int system_errno = 0;  ///< errno when kind came from a system call, otherwise 0
};

/// Makes an Error with a formatted message.
template <class... Args>
Error make_error(ErrorKind kind, fmt::format_string<Args...> text, Args&&... args) {
    return Error{kind, fmt::format(text, std::forward<Args>(args)...), 0};
}

/// Makes an Error from errno: "<what was tried>: <errno's text>". ENOENT becomes NotFound, EACCES and EPERM Denied.
Error errno_error(std::string_view what, int error_number);
Error errno_error(std::string_view what);

/// A value of T or an Error. Must be looked at; value() may only be called when ok().
template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }
    T& value() & { return std::get<0>(state_); }
    const T& value() const& { return std::get<0>(state_); }
    T&& value() && { return std::get<0>(std::move(state_)); }
    const Error& error() const { return std::get<1>(state_); }

private:
    std::variant<T, Error> state_;
};

/// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}

    bool ok() const { return !error_.has_value(); }
    explicit operator bool() const { return ok(); }
    const Error& error() const { return *error_; }

private:
    std::optional<Error> error_;
};

/// Ends the process with a message: an invariant of our own is broken. Never for input of any kind.
[[noreturn]] void check_failed(const char* condition, const char* meaning, const char* file, int line);

}  // namespace osmia

/// Aborts when an invariant of our own does not hold.
#define OSMIA_CHECK(condition, meaning) \
    ((condition) ? void(0) : ::osmia::check_failed(#condition, meaning, __FILE__, __LINE__))

/// Evaluates to the value of a Result, or returns its Error from the enclosing function.
#define OSMIA_TRY(expression)                                              \
    __extension__({                                                        \
        auto osmia_try_result = (expression);                              \
        if (!osmia_try_result.ok()) return ::osmia::Error(osmia_try_result.error()); \
        std::move(osmia_try_result).value();                               \
    })

/// Returns the Error of a Result<void> from the enclosing function, if there is one.
#define OSMIA_TRY_VOID(expression)                                         \
    do {                                                                   \
        auto osmia_try_result = (expression);                              \
        if (!osmia_try_result.ok()) return ::osmia::Error(osmia_try_result.error()); \
    } while (false)
