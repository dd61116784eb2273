/// \file
/// One request with one application process: bytes both ways until the application says that it is done.
#pragma once

#include <osmia_host.h>

#include <chrono>
#include <string>

#include "fast_cgi/application_settings.h"
#include "fast_cgi/record_codec.h"
#include "gateway/body_pump.h"
#include "gateway/response_writer.h"

namespace fast_cgi {

enum class Outcome {
    Done,
    ProcessEnded,     ///< the connection ended too early
    BadProtocol,      ///< what came is no FastCGI
    BadHead,          ///< what came is no HTTP response
    Refused,          ///< the application is overloaded or knows no responder
    ActivityTimeout,
    RequestTimeout,
    WroteToStderr,    ///< and stderrMode makes that an error
    BodyFailed,       ///< the client stopped sending
    ClientGone,
};

/// Runs on the calling thread; memory is one buffer in each direction.
class Conversation {
public:
    /// \a connection stays the caller's.
    Conversation(IHttpContext& context, IOsmiaContext& face, const ApplicationSettings& settings, int connection);
    Outcome run();
    /// What the application wrote to its standard error, at most MaxStderrBytes.
    const std::string& stderr_text() const { return stderr_; }
    /// Part of the answer may have reached the client.
    bool has_begun() const { return writer_.has_bytes(); }

    static constexpr std::size_t MaxStderrBytes = 16384;

private:
    using Clock = std::chrono::steady_clock;
    void feed();
    void send();
    bool receive();
    bool handle(std::string_view input);
    bool finish(Outcome outcome);
    int wait_time() const;

    IOsmiaContext& face_;
    const ApplicationSettings& settings_;
    const int connection_;
    gateway::BodyPump body_;
    gateway::ResponseWriter writer_;
    RecordReader reader_;
    std::string out_;  ///< what the application has not yet taken
    bool body_ended_ = false, sends_ = true;
    std::string stderr_;
    Outcome outcome_ = Outcome::Done;
    Clock::time_point deadline_, last_activity_;
};

}  // namespace fast_cgi
