/// \file
/// Request methods: the well-known ones as an enumeration, every other one by its token.
#pragma once

#include <cstdint>
#include <string_view>

namespace osmia::http {

/// A request method. Other stands for any token not listed (WebDAV's own verbs, an application's inventions):
/// those are passed on by name. Values are carried between processes: append only.
enum class Method : std::uint8_t { Other, Get, Head, Post, Put, Delete, Options, Trace, Connect, Patch };

/// The method a token names. Methods are case-sensitive (RFC 9110 section 9.1): "get" is Other.
Method parse_method(std::string_view token);

/// The token of a method; empty for Other.
std::string_view method_token(Method method);

/// True for GET, HEAD, OPTIONS and TRACE (RFC 9110 section 9.2.1). Other is never safe.
bool is_safe(Method method);

}  // namespace osmia::http
