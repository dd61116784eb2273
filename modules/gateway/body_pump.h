/// \file
/// The request body, for a loop that waits in poll(): tells by a descriptor that there is something to read.
#pragma once

#include <osmia_host.h>

#include <array>
#include <atomic>
#include <semaphore>
#include <string_view>

namespace gateway {

/// Reads ahead at most one buffer, so memory stays flat whatever the client sends. One thread; the destructor waits until
/// the server has let go of the buffer.
class BodyPump {
public:
    explicit BodyPump(IOsmiaContext& face);
    ~BodyPump();
    BodyPump(const BodyPump&) = delete;
    BodyPump& operator=(const BodyPump&) = delete;

    /// Readable when bytes or the end have come; for poll().
    int descriptor() const { return event_; }
    /// Asks for the next bytes; nothing happens while some are asked for or have not been taken.
    void want();
    /// What has come; empty: nothing yet, or the end. Valid until want().
    std::string_view take();
    bool at_end() const { return ended_; }
    /// The client went away, or the body is longer than it may be.
    bool has_failed() const { return failed_; }

private:
    static void arrived(PVOID self, DWORD size, HRESULT result);
    void settle(DWORD size, HRESULT result);

    IOsmiaContext& face_;
    int event_;
    std::array<char, 32768> buffer_;
    bool pending_ = false, ended_ = false, failed_ = false;
    std::atomic<bool> here_ = false;
    DWORD size_ = 0;
    HRESULT result_ = S_OK;
    std::binary_semaphore done_{0};
};

}  // namespace gateway
