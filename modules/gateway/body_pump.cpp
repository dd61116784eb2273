#include "gateway/body_pump.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace gateway {

BodyPump::BodyPump(IOsmiaContext& face) : face_(face), event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    ended_ = face.GetContentLength() == 0;
}

BodyPump::~BodyPump() {
    if (pending_) {
        face_.CancelRead();
        done_.acquire();
    }
    ::close(event_);
}

void BodyPump::arrived(PVOID self, DWORD size, HRESULT result) {
    auto& pump = *static_cast<BodyPump*>(self);
    pump.size_ = size;
    pump.result_ = result;
    pump.here_.store(true, std::memory_order_release);
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(pump.event_, &one, sizeof one);
    pump.done_.release();  // the last touch: the pump may go now
}

void BodyPump::settle(DWORD size, HRESULT result) {
    size_ = size;
    failed_ = FAILED(result);
    ended_ = failed_ || size == 0;
}

void BodyPump::want() {
    if (pending_ || ended_ || size_ != 0) return;
    if (face_.GetAvailableBytes() > 0) {
        DWORD size = 0;
        const HRESULT result = face_.ReadBody(buffer_.data(), static_cast<DWORD>(buffer_.size()), &size);
        settle(size, result);
        return;
    }
    pending_ = true;
    here_.store(false, std::memory_order_relaxed);
    if (FAILED(face_.ReadBodyAsync(buffer_.data(), static_cast<DWORD>(buffer_.size()), &arrived, this))) {
        pending_ = false;
        settle(0, E_FAIL);
    }
}

std::string_view BodyPump::take() {
    if (pending_ && here_.load(std::memory_order_acquire)) {
        done_.acquire();
        pending_ = false;
        std::uint64_t count = 0;
        [[maybe_unused]] const auto got = ::read(event_, &count, sizeof count);
        settle(size_, result_);
    }
    if (pending_) return {};
    const DWORD size = size_;
    size_ = 0;
    return {buffer_.data(), size};
}

}  // namespace gateway
