/// \file
/// Unpredictable identifiers.
#pragma once

#include <array>
#include <cstddef>
#include <string>

namespace osmia {

/// 16 bytes from the kernel's generator.
std::array<std::byte, 16> random_bytes();

/// 32 lower-case hexadecimal digits, never all zero: usable as a W3C trace id and as Osmia's request id.
std::string random_id();

}  // namespace osmia
