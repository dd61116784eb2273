// CgiModule: one process per request (RFC 3875).
#include <fcntl.h>
#include <osmia_module.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "gateway/body_pump.h"
#include "gateway/child_process.h"
#include "gateway/response_writer.h"

namespace cgi {

namespace {

using Clock = std::chrono::steady_clock;

IOsmiaHost* host = nullptr;

struct Settings {
    explicit Settings(const IOsmiaElement& section) : timeout(section.GetNumber("timeout")) {}
    std::chrono::milliseconds timeout;
};

OsmiaSettings<Settings> settings_of;

class Pipe {
public:
    Pipe() { works_ = ::pipe2(ends_, O_CLOEXEC) == 0; }
    ~Pipe() {
        close(0);
        close(1);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    bool works() const { return works_; }
    int end(int which) const { return ends_[which]; }
    void close(int which) {
        if (ends_[which] >= 0) ::close(ends_[which]);
        ends_[which] = -1;
    }
    void never_wait(int which) { ::fcntl(ends_[which], F_SETFL, O_NONBLOCK); }

private:
    int ends_[2] = {-1, -1};
    bool works_;
};

enum class Outcome { Done, TimedOut, BodyFailed };

class CgiModule final : public OsmiaHttpModule<CgiModule> {
public:
    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext* pContext, IHttpEventProvider*) override {
        context_ = pContext;
        IOsmiaContext& face = osmia(*pContext);
        const std::string script(text(face, OSMIA_TEXT_PHYSICAL_PATH));
        const std::string processor(text(face, OSMIA_TEXT_SCRIPT_PROCESSOR));
        const std::string command = processor.empty() ? script : processor.substr(0, processor.find('|'));
        std::string listed = processor.empty() ? script : processor;
        std::replace(listed.begin(), listed.end(), '|', ' ');
        if (face.IsCgiAllowed(listed.c_str()) == FALSE) return refuse(*pContext, 404, 2);
        gateway::SpawnRequest request;
        request.program = command;
        if (const auto bar = processor.find('|'); bar != std::string::npos)
            request.arguments = gateway::split_arguments(processor.substr(bar + 1));
        if (!processor.empty()) request.arguments.push_back(script);
        request.environment = gateway::process_variables();
        for (auto& variable : gateway::request_variables(*pContext, face)) request.environment.push_back(std::move(variable));
        request.folder = script.substr(0, script.rfind('/') + 1);
        return run(face, std::move(request));
    }

private:
    REQUEST_NOTIFICATION_STATUS run(IOsmiaContext& face, gateway::SpawnRequest request) {
        Pipe input, output;
        if (!input.works() || !output.works()) return refuse(*context_, 500);
        request.input = input.end(0);
        request.output = output.end(1);
        const auto process = gateway::ChildProcess::start(request);
        if (process == nullptr) {
            host->WriteLog(("CGI " + request.program + ": " + std::strerror(errno)).c_str());
            return refuse(*context_, 502, 0);
        }
        input.close(0);
        output.close(1);
        input.never_wait(1);
        output.never_wait(0);
        gateway::ResponseWriter writer(face);
        const Outcome outcome = exchange(face, input, output, writer);
        return conclude(outcome, writer, face);
    }

    // Until the program closes its output, or the time is over.
    Outcome exchange(IOsmiaContext& face, Pipe& input, Pipe& output, gateway::ResponseWriter& writer) {
        const auto timeout = settings_of.get(face).timeout;
        const auto deadline = timeout.count() > 1'000'000'000'000 ? Clock::time_point::max() : Clock::now() + timeout;
        gateway::BodyPump body(face);
        std::string_view pending;
        for (;;) {
            if (input.end(1) >= 0 && pending.empty()) {
                body.want();
                pending = body.take();
                if (body.has_failed()) return Outcome::BodyFailed;
                if (pending.empty() && body.at_end()) input.close(1);
            }
            const bool sends = !pending.empty();
            std::array<pollfd, 2> waits{{{output.end(0), POLLIN, 0},
                                         {sends ? input.end(1) : body.descriptor(), static_cast<short>(sends ? POLLOUT : POLLIN), 0}}};
            const nfds_t count = input.end(1) >= 0 ? 2 : 1;
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
            if (left <= 0) return Outcome::TimedOut;
            ::poll(waits.data(), count, static_cast<int>(std::min<long long>(left, 60'000)));
            if (count == 2 && sends && waits[1].revents != 0) pending = send(input, pending);
            if (waits[0].revents != 0 && !receive(output, writer)) return Outcome::Done;
        }
    }

    // What is left. A program that does not want the body is left alone with it.
    static std::string_view send(Pipe& input, std::string_view bytes) {
        const ssize_t sent = ::write(input.end(1), bytes.data(), bytes.size());
        if (sent > 0) return bytes.substr(static_cast<std::size_t>(sent));
        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return bytes;
        input.close(1);
        return {};
    }

    static bool receive(Pipe& output, gateway::ResponseWriter& writer) {
        std::array<char, 65536> buffer;
        const ssize_t got = ::read(output.end(0), buffer.data(), buffer.size());
        if (got < 0) return errno == EAGAIN || errno == EINTR;
        if (got == 0) return false;
        writer.write({buffer.data(), static_cast<std::size_t>(got)});
        return writer.state() == gateway::ResponseWriter::State::Head || writer.state() == gateway::ResponseWriter::State::Body;
    }

    REQUEST_NOTIFICATION_STATUS conclude(Outcome outcome, gateway::ResponseWriter& writer, IOsmiaContext& face) {
        if (outcome == Outcome::Done) writer.end();
        const auto state = writer.state();
        const bool whole = outcome == Outcome::Done && state == gateway::ResponseWriter::State::Body;
        if (whole || state == gateway::ResponseWriter::State::ClientGone) {
            context_->SetRequestHandled();
            return RQ_NOTIFICATION_CONTINUE;
        }
        if (context_->GetResponseHeadersSent() != FALSE) {
            face.CloseConnection(TRUE);
            context_->GetResponse()->ResetConnection();
            context_->SetRequestHandled();
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        context_->GetResponse()->Clear();
        if (outcome == Outcome::TimedOut) return refuse(*context_, 502, 1);
        return outcome == Outcome::BodyFailed ? refuse(*context_, 400) : refuse(*context_, 502, 2);
    }

    IHttpContext* context_ = nullptr;
};

}  // namespace

}  // namespace cgi

HRESULT WINAPI RegisterModule(DWORD, IHttpModuleRegistrationInfo* pModuleInfo, IHttpServer* pServer) {
    cgi::host = OsmiaHost(pServer);
    const HRESULT opened = cgi::settings_of.open(pServer, pModuleInfo, "system.webServer/cgi");
    if (FAILED(opened)) return opened;
    return OsmiaRegister<cgi::CgiModule>(pModuleInfo, RQ_EXECUTE_REQUEST_HANDLER);
}
