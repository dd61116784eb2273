#include "fast_cgi/conversation.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "gateway/environment.h"

namespace fast_cgi {

Conversation::Conversation(IHttpContext& context, IOsmiaContext& face, const ApplicationSettings& settings, int connection)
    : face_(face),
      settings_(settings),
      connection_(connection),
      body_(face),
      writer_(face),
      deadline_(Clock::now() + settings.request_timeout),
      last_activity_(Clock::now()) {
    append_begin(out_);
    std::string parameters;
    for (const auto& [name, value] : gateway::request_variables(context, face)) append_pair(parameters, name, value);
    append_stream(out_, RecordType::Params, parameters);
    append_stream(out_, RecordType::Params, {});
}

// False: the conversation is over.
bool Conversation::finish(Outcome outcome) {
    outcome_ = outcome;
    return false;
}

// Takes body bytes when everything before them has been sent.
void Conversation::feed() {
    if (!out_.empty() || body_ended_) return;
    body_.want();
    if (const std::string_view bytes = body_.take(); !bytes.empty()) append_stream(out_, RecordType::Stdin, bytes);
    if (!body_.at_end() || body_.has_failed()) return;
    body_ended_ = true;
    append_stream(out_, RecordType::Stdin, {});
}

void Conversation::send() {
    const ssize_t sent = ::send(connection_, out_.data(), out_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
        out_.erase(0, static_cast<std::size_t>(sent));
        last_activity_ = Clock::now();
    } else if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        // It may have answered without reading everything: what it says still counts.
        sends_ = false;
        out_.clear();
    }
}

bool Conversation::receive() {
    std::array<char, 65536> buffer;
    const ssize_t got = ::recv(connection_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0) return errno == EAGAIN || errno == EINTR || finish(Outcome::ProcessEnded);
    if (got == 0) return finish(Outcome::ProcessEnded);
    const bool goes_on = handle({buffer.data(), static_cast<std::size_t>(got)});
    last_activity_ = Clock::now();
    return goes_on;
}

bool Conversation::handle(std::string_view input) {
    for (;;) {
        const Event event = reader_.next(input);
        switch (event.kind) {
            case Event::Kind::NeedMore:
                return true;
            case Event::Kind::Failed:
                return finish(Outcome::BadProtocol);
            case Event::Kind::Stdout:
                writer_.write(event.data);
                if (writer_.state() == gateway::ResponseWriter::State::BadHead) return finish(Outcome::BadHead);
                if (writer_.state() == gateway::ResponseWriter::State::ClientGone) return finish(Outcome::ClientGone);
                break;
            case Event::Kind::Stderr:
                stderr_.append(event.data.substr(0, MaxStderrBytes - std::min(MaxStderrBytes, stderr_.size())));
                if (settings_.stderr_mode == StderrMode::TerminateProcess) return finish(Outcome::WroteToStderr);
                break;
            case Event::Kind::End:
                if (event.protocol_status != 0) return finish(Outcome::Refused);
                if (!stderr_.empty() && settings_.stderr_mode != StderrMode::IgnoreAndReturn200)
                    return finish(Outcome::WroteToStderr);
                writer_.end();
                if (writer_.state() == gateway::ResponseWriter::State::BadHead) return finish(Outcome::BadHead);
                return finish(Outcome::Done);
        }
    }
}

// Until the nearer of both limits, in milliseconds; 0: it has passed.
int Conversation::wait_time() const {
    const auto limit = std::min(deadline_, last_activity_ + settings_.activity_timeout);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(limit - Clock::now()).count();
    return static_cast<int>(std::clamp<long long>(left, 0, 60'000));
}

Outcome Conversation::run() {
    for (;;) {
        if (sends_) feed();
        if (body_.has_failed()) return Outcome::BodyFailed;
        const int wait = wait_time();
        if (wait == 0) return Clock::now() >= deadline_ ? Outcome::RequestTimeout : Outcome::ActivityTimeout;
        const short wanted = static_cast<short>(POLLIN | (out_.empty() ? 0 : POLLOUT));
        std::array<pollfd, 2> waits{{{connection_, wanted, 0}, {body_.descriptor(), POLLIN, 0}}};
        const nfds_t count = out_.empty() && sends_ && !body_ended_ ? 2 : 1;
        if (::poll(waits.data(), count, wait) < 0 && errno != EINTR) return Outcome::ProcessEnded;
        if (count == 2 && (waits[1].revents & POLLIN) != 0) last_activity_ = Clock::now();
        if ((waits[0].revents & POLLOUT) != 0) send();
        if ((waits[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && !receive()) return outcome_;
    }
}

}  // namespace fast_cgi
