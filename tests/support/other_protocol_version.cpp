// Linked in front of the library's: a build with another wire version.
#include "wire/message_codec.h"

namespace osmia::wire {

const std::uint32_t ProtocolVersion = 1'000'000;

}  // namespace osmia::wire
