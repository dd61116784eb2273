#include "http/method.h"

#include <array>

namespace osmia::http {

namespace {

constexpr std::array<std::string_view, 10> Tokens = {"",       "GET",     "HEAD",  "POST",    "PUT",
                                                     "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH"};

}  // namespace

Method parse_method(std::string_view token) {
    if (token == "GET") return Method::Get;
    for (std::size_t i = 1; i < Tokens.size(); ++i) {
        if (Tokens[i] == token) return static_cast<Method>(i);
    }
    return Method::Other;
}

std::string_view method_token(Method method) {
    return Tokens[static_cast<std::size_t>(method)];
}

bool is_safe(Method method) {
    return method == Method::Get || method == Method::Head || method == Method::Options ||
           method == Method::Trace;
}

}  // namespace osmia::http
