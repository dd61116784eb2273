#include "gateway/response_writer.h"

namespace gateway {

void ResponseWriter::write(std::string_view bytes) {
    if (state_ == State::Head) {
        head_.append(bytes);
        return decide();
    }
    if (state_ != State::Body) return;
    if (FAILED(face_.RawWrite(bytes.data(), static_cast<DWORD>(bytes.size())))) state_ = State::ClientGone;
}

void ResponseWriter::decide() {
    if (find_head_end(head_) == std::string_view::npos) {
        if (head_.size() > MaxHeadBytes) state_ = State::BadHead;
        return;
    }
    const auto head = parse_head(head_);
    if (!head || FAILED(face_.RawSendHead(head->status.c_str(), head->headers.c_str(),
                                          static_cast<DWORD>(head->headers.size()), TRUE))) {
        state_ = State::BadHead;
        return;
    }
    state_ = State::Body;
    const std::string rest = head_.substr(head->size);
    head_.clear();
    if (!rest.empty()) write(rest);
}

void ResponseWriter::end() {
    if (state_ == State::Head) state_ = State::BadHead;
    if (state_ == State::Body && FAILED(face_.RawEnd())) state_ = State::ClientGone;
}

}  // namespace gateway
