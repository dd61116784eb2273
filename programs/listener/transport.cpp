#include "listener/transport.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>

namespace osmia::listener {

IoResult Transport::send_file(int file, std::uint64_t offset, std::uint64_t length) {
    auto at = static_cast<off_t>(offset);
    return result(::sendfile(fd_.get(), file, &at, length), IoState::Ok);
}

/// What the kernel holds for the client and the client has not taken: megabytes, so that a slow one may take its time
/// before the socket accepts another byte.
std::uint64_t Transport::unsent_bytes() const {
    int bytes = 0;
    return ::ioctl(fd_.get(), SIOCOUTQ, &bytes) == 0 && bytes > 0 ? static_cast<std::uint64_t>(bytes) : 0;
}

void Transport::close(bool reset) {
    if (reset) {
        const ::linger now{1, 0};
        ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    fd_.reset();
}

}  // namespace osmia::listener
