/// \file
/// A worker core with one site in a temporary folder, for unit tests.
#pragma once

#include <gtest/gtest.h>
#include <osmia_module.h>

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "worker/memory_session.h"
#include "worker/worker_core.h"

namespace osmia::worker {

/// One site whose configuration tests may change before the first request.
class FixedSites : public SiteMap {
public:
    FixedSites() {
        configuration->handlers = handlers;
        configuration->modules = modules;
        configuration->default_document = default_document;
        configuration->static_content = static_content;
        configuration->isapi_cgi_restriction = restriction;
        configuration->directory_browse = std::make_shared<config::DirectoryBrowseSection>();
        configuration->server_runtime = std::make_shared<config::ServerRuntimeSection>();
        site.id = 1;
        site.name = "Test";
        config::Application application;
        application.path = "/";
        application.application_pool = "DefaultAppPool";
        application.virtual_directories.push_back({"/", "", "", true});
        site.applications.push_back(application);
    }
    std::shared_ptr<const UrlTarget> find(std::uint32_t site_id, std::string_view url_path) override {
        auto target = std::make_shared<UrlTarget>();
        if (site_id != site.id) return target;
        target->site = &site;
        target->place = config::map_url(site, url_path);
        target->configuration = configuration;
        return target;
    }

    config::SiteConfiguration site;
    std::shared_ptr<config::HandlersSection> handlers = std::make_shared<config::HandlersSection>();
    std::shared_ptr<config::ModulesSection> modules = std::make_shared<config::ModulesSection>();
    std::shared_ptr<config::DefaultDocumentSection> default_document =
        std::make_shared<config::DefaultDocumentSection>();
    std::shared_ptr<config::StaticContentSection> static_content =
        std::make_shared<config::StaticContentSection>();
    std::shared_ptr<config::IsapiCgiRestrictionSection> restriction =
        std::make_shared<config::IsapiCgiRestrictionSection>();
    std::shared_ptr<config::EffectiveConfiguration> configuration =
        std::make_shared<config::EffectiveConfiguration>();
};

/// Lets everybody in, as AnonymousAuthenticationModule does.
class EverybodyModule final : public OsmiaHttpModule<EverybodyModule> {
public:
    class User final : public IHttpUser {
    public:
        virtual ~User() = default;
        PCWSTR GetRemoteUserName() override { return u""; }
        PCWSTR GetUserName() override { return u""; }
        PCWSTR GetAuthenticationType() override { return u""; }
        PCWSTR GetPassword() override { return u""; }
        HANDLE GetImpersonationToken() override { return nullptr; }
        HANDLE GetPrimaryToken() override { return nullptr; }
        VOID ReferenceUser() override {}
        VOID DereferenceUser() override {}
        BOOL SupportsIsInRole() override { return FALSE; }
        HRESULT IsInRole(PCWSTR, BOOL*) override { return E_NOTIMPL; }
        PVOID GetUserVariable(PCSTR) override { return nullptr; }
    };
    REQUEST_NOTIFICATION_STATUS OnAuthenticateRequest(IHttpContext*, IAuthenticationProvider* provider) override {
        static User user;
        provider->SetUser(&user);
        return RQ_NOTIFICATION_CONTINUE;
    }
    static HRESULT WINAPI enter(DWORD, IHttpModuleRegistrationInfo* info, IHttpServer*) {
        info->SetPriorityForRequestNotification(RQ_AUTHENTICATE_REQUEST, PRIORITY_ALIAS_LAST);
        return OsmiaRegister<EverybodyModule>(info, RQ_AUTHENTICATE_REQUEST);
    }
};

/// Runs posted work in order on one thread of its own.
class WorkThread {
public:
    WorkThread() : thread_([this] { run(); }) {}
    ~WorkThread() {
        post(nullptr);
        thread_.join();
    }
    void post(std::function<void()> work) {
        const std::lock_guard lock(mutex_);
        work_.push_back(std::move(work));
        changed_.notify_one();
    }

private:
    void run() {
        for (;;) {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return !work_.empty(); });
            auto work = std::move(work_.front());
            work_.pop_front();
            lock.unlock();
            if (!work) return;
            work();
        }
    }
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> work_;
    std::thread thread_;
};

/// The answer to one MemoryRequest.
struct Answer {
    unsigned status = 0;
    unsigned substatus = 0;
    std::string reason;
    std::string body;
    std::vector<wire::ResponseHead::Field> fields;
    std::optional<std::uint64_t> content_length;
    bool aborted = false;
    bool disconnected = false;
    int file_writes = 0;
    int heads = 0;
    std::string log_data;
    std::uint32_t win32_status = 0;

    std::string header(std::string_view name) const {
        for (const auto& field : fields) {
            if (same_name(field.name, name)) return field.value;
        }
        return "";
    }
};

class CoreFixture : public testing::Test {
protected:
    CoreFixture()
        : core_(sites, {},
                {[this](std::function<void()> work) { work_thread_.post(std::move(work)); },
                 [this](const std::string& line) { logged.push_back(line); },
                 [this](const OSMIA_EXTENSION_REPORT& report) {
                     extensions.emplace_back(report.pszDescription);
                 },
                 [](const std::string&, bool) {}}) {
        (void)core_.add_module("EverybodyModule", &EverybodyModule::enter);
        sites.modules->modules.push_back({"EverybodyModule", ""});
        std::string pattern = testing::TempDir() + "osmia-core-XXXXXX";
        root = ::mkdtemp(pattern.data());
        sites.site.applications[0].virtual_directories[0].physical_path = root;
        sites.handlers->access_policy =
            config::access_policy::Read | config::access_policy::Script | config::access_policy::Execute;
    }
    ~CoreFixture() override { std::filesystem::remove_all(root); }

    void add_handler(const std::string& name, const std::string& path, std::vector<std::string> modules,
                     config::ResourceType type, config::RequireAccess access) {
        config::Handler handler;
        handler.name = name;
        handler.path = path;
        handler.verb = "*";
        handler.modules = std::move(modules);
        handler.resource_type = type;
        handler.require_access = access;
        sites.handlers->handlers.push_back(handler);
    }
    void write_file(const std::string& name, const std::string& content) {
        std::filesystem::create_directories(std::filesystem::path(root + "/" + name).parent_path());
        std::ofstream(root + "/" + name, std::ios::binary) << content;
    }
    /// Sends a request and waits for its end. The session's work runs on the pool's only thread.
    Answer send(MemoryRequest request) {
        Answer answer;
        auto session = std::make_unique<Recorder>(
            std::move(request), answer,
            [this](std::function<void()> work) { work_thread_.post(std::move(work)); });
        std::mutex mutex;
        std::condition_variable changed;
        bool finished = false;
        core_.execute(std::move(session), [&] {
            const std::lock_guard lock(mutex);
            finished = true;
            changed.notify_all();
        });
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return finished; });
        return answer;
    }
    Answer get(const std::string& target) {
        MemoryRequest request;
        request.target = target;
        return send(std::move(request));
    }

    FixedSites sites;
    std::string root;
    std::vector<std::string> logged;
    std::vector<std::string> extensions;
    WorkThread work_thread_;
    WorkerCore core_;

private:
    /// Copies the answer out before the session goes away.
    class Recorder : public MemorySession {
    public:
        Recorder(MemoryRequest request, Answer& answer, Post post)
            : MemorySession(std::move(request), std::move(post)), answer_(answer) {}
        void done(const wire::DoneFields& fields) override {
            answer_.status = head.status;
            answer_.substatus = fields.substatus;
            answer_.reason = head.reason;
            answer_.body = body;
            answer_.fields = head.fields;
            answer_.content_length = head.content_length;
            answer_.aborted = is_aborted;
            answer_.disconnected = is_disconnected;
            answer_.file_writes = file_writes;
            answer_.heads = heads;
            answer_.log_data = fields.log_data;
            answer_.win32_status = fields.win32_status;
        }

    private:
        Answer& answer_;
    };
};

}  // namespace osmia::worker
