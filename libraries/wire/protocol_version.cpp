#include "wire/message_codec.h"

namespace osmia::wire {

const std::uint32_t ProtocolVersion = 2;

}  // namespace osmia::wire
