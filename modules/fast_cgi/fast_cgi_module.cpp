// FastCgiModule: runs requests in the processes of <fastCgi>'s applications, or in a pool that somebody else runs.
#include <osmia_module.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "fast_cgi/application.h"
#include "fast_cgi/conversation.h"

namespace fast_cgi {

namespace {

IOsmiaHost* host = nullptr;

struct Settings {
    explicit Settings(const IOsmiaElement& section) {
        for (DWORD i = 0; i < section.GetItemCount(); ++i)
            applications.push_back(std::make_unique<Application>(ApplicationSettings(section.GetItem(i))));
    }
    Application* find(std::string_view processor) const {
        for (const auto& application : applications) {
            if (application->settings().is_named(processor)) return application.get();
        }
        return nullptr;
    }
    std::vector<std::unique_ptr<Application>> applications;
};

OsmiaSettings<Settings> settings_of;

class FastCgiModule final : public OsmiaHttpModule<FastCgiModule>, private Waiter {
public:
    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext* pContext, IHttpEventProvider*) override {
        context_ = pContext;
        IOsmiaContext& face = osmia(*pContext);
        std::string command(text(face, OSMIA_TEXT_SCRIPT_PROCESSOR));
        application_ = settings_of.get(face).find(command);
        std::replace(command.begin(), command.end(), '|', ' ');
        if (face.IsCgiAllowed(command.c_str()) == FALSE) return refuse(*pContext, 404, 2);
        if (application_ == nullptr)
            return explain(500, 0, "No <application> of <fastCgi> has the fullPath and arguments of the handler's scriptProcessor.");
        switch (application_->acquire(*this, lease_)) {
            case Application::Answer::Granted:
                return run();
            case Application::Answer::Queued:
                return RQ_NOTIFICATION_PENDING;
            case Application::Answer::QueueFull:
                return refuse(*pContext, 503, 4);
            case Application::Answer::Offline:
                break;
        }
        return explain(503, 0, "The FastCGI application failed too often within a minute (rapidFailsPerMinute).");
    }

    // The lease has come.
    REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IHttpContext*, DWORD, BOOL, IHttpEventProvider*,
                                                  IHttpCompletionInfo*) override {
        return run();
    }

private:
    void grant(Lease lease) override {
        lease_ = std::move(lease);
        context_->PostCompletion(0);
    }

    REQUEST_NOTIFICATION_STATUS explain(USHORT status, USHORT substatus, std::string_view why) {
        const std::u16string wide(why.begin(), why.end());
        context_->GetResponse()->SetErrorDescription(wide.c_str(), static_cast<DWORD>(wide.size()));
        return refuse(*context_, status, substatus);
    }

    REQUEST_NOTIFICATION_STATUS run() {
        const int connection = connect();
        if (connection < 0) {
            application_->release(std::move(lease_), true);
            host->WriteLog(("FastCGI " + application_->settings().full_path + ": " + error_).c_str());
            return explain(500, 0, "The FastCGI process could not be reached: " + error_);
        }
        bool failed = false;
        REQUEST_NOTIFICATION_STATUS status;
        {
            Conversation conversation(*context_, osmia(*context_), application_->settings(), connection);
            const Outcome outcome = conversation.run();
            failed = outcome != Outcome::Done && outcome != Outcome::BadHead && outcome != Outcome::BodyFailed &&
                     outcome != Outcome::ClientGone && outcome != Outcome::Refused && !is_stderr_only(outcome);
            status = conclude(outcome, conversation);
            // A process that still works for a request that nobody waits for is not the next one's.
            broken_ = outcome != Outcome::Done && outcome != Outcome::WroteToStderr;
        }
        ::close(connection);
        if (broken_ && !failed) lease_.instance.reset();
        application_->release(std::move(lease_), failed);
        return status;
    }

    bool is_stderr_only(Outcome outcome) const {
        return outcome == Outcome::WroteToStderr &&
               application_->settings().stderr_mode != StderrMode::TerminateProcess;
    }

    // A process that has ended by itself between two requests is replaced, once.
    int connect() {
        const ApplicationSettings& settings = application_->settings();
        for (int attempt = 0; attempt < 2; ++attempt) {
            if (lease_.instance == nullptr && !settings.is_external()) lease_.instance = application_->start(error_);
            if (lease_.instance == nullptr && !settings.is_external()) return -1;
            const int connection =
                settings.is_external() ? connect_to(settings.full_path) : lease_.instance->connect();
            if (connection >= 0) return connection;
            error_ = std::strerror(errno);
            if (settings.is_external()) return -1;
            lease_.instance.reset();
        }
        return -1;
    }

    REQUEST_NOTIFICATION_STATUS conclude(Outcome outcome, const Conversation& conversation) {
        IOsmiaContext& face = osmia(*context_);
        if (outcome == Outcome::Done || outcome == Outcome::ClientGone) {
            context_->SetRequestHandled();
            return RQ_NOTIFICATION_CONTINUE;
        }
        log(outcome, conversation);
        if (context_->GetResponseHeadersSent() != FALSE) {
            face.CloseConnection(TRUE);
            context_->GetResponse()->ResetConnection();
            context_->SetRequestHandled();
            return RQ_NOTIFICATION_FINISH_REQUEST;
        }
        context_->GetResponse()->Clear();
        if (outcome == Outcome::BadHead) return refuse(*context_, 502, 2);
        if (outcome == Outcome::Refused) return refuse(*context_, 503, 4);
        if (outcome == Outcome::BodyFailed) return refuse(*context_, 400, 0);
        if (outcome == Outcome::WroteToStderr && application_->settings().stderr_mode == StderrMode::ReturnStdErrIn500)
            return send_stderr(conversation.stderr_text());
        return explain(500, 0, reason(outcome));
    }

    // As in IIS: the text is the answer.
    REQUEST_NOTIFICATION_STATUS send_stderr(const std::string& words) {
        const std::string page = "<!DOCTYPE html>\n<title>500 Internal Server Error</title>\n<pre>" + OsmiaEscapeHtml(words) + "</pre>\n";
        context_->GetResponse()->SetStatus(500, "", 0, S_OK, nullptr, TRUE);
        set_header(*context_, "Content-Type", "text/html; charset=utf-8");
        osmia(*context_).WriteBody(page.data(), static_cast<DWORD>(page.size()));
        context_->SetRequestHandled();
        return RQ_NOTIFICATION_CONTINUE;
    }

    static std::string_view reason(Outcome outcome) {
        switch (outcome) {
            case Outcome::ActivityTimeout:
                return "The FastCGI process was silent for longer than activityTimeout.";
            case Outcome::RequestTimeout:
                return "The FastCGI process did not answer within requestTimeout.";
            case Outcome::BadProtocol:
                return "The FastCGI process does not speak FastCGI.";
            case Outcome::WroteToStderr:
                return "The FastCGI process wrote to its standard error.";
            default:
                return "The FastCGI process ended unexpectedly.";
        }
    }

    void log(Outcome outcome, const Conversation& conversation) {
        std::string line = "FastCGI " + application_->settings().full_path + ": " +
                           std::string(outcome == Outcome::BadHead ? "its answer has no valid head" : reason(outcome)) + " (request " +
                           std::string(text(osmia(*context_), OSMIA_TEXT_REQUEST_ID)) + ") " + conversation.stderr_text();
        std::replace(line.begin(), line.end(), '\n', ' ');
        host->WriteLog(line.c_str());
    }

    IHttpContext* context_ = nullptr;
    Application* application_ = nullptr;
    Lease lease_;
    std::string error_;
    bool broken_ = false;
};

}  // namespace

}  // namespace fast_cgi

HRESULT WINAPI RegisterModule(DWORD, IHttpModuleRegistrationInfo* pModuleInfo, IHttpServer* pServer) {
    fast_cgi::host = OsmiaHost(pServer);
    const HRESULT opened = fast_cgi::settings_of.open(pServer, pModuleInfo, "system.webServer/fastCgi");
    if (FAILED(opened)) return opened;
    return OsmiaRegister<fast_cgi::FastCgiModule>(pModuleInfo, RQ_EXECUTE_REQUEST_HANDLER);
}
