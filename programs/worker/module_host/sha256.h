/// \file
/// SHA-256 (FIPS 180-4): the name of a file's bytes.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace osmia::worker {

/// 64 lower-case hexadecimal digits.
std::string sha256_hex(std::span<const std::byte> bytes);

}  // namespace osmia::worker
