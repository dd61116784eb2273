#include "wire/message_codec.h"

namespace osmia::wire {

const std::uint32_t ProtocolVersion = 1;

}  // namespace osmia::wire
