/// \file
/// WorkerCore: configuration, modules and the execution of requests; knows neither threads nor the channel,
/// so that other hosts can run it on theirs.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "worker/module_host/request_context.h"
#include "worker/module_host/server_adapter.h"

namespace osmia::worker {

/// What the core needs of the process around it. All may be called on any thread.
struct CoreHooks {
    std::function<void(std::function<void()>)>
        post;  ///< runs work soon on a pool thread, never on the caller's stack
    std::function<void(const std::string&)> log;
    std::function<void(const OSMIA_EXTENSION_REPORT&)> report_extension;
    std::function<void(const std::string& reason, bool unhealthy)> request_recycle;
    /// What is deployed at this path is not what runs. On the thread that checks.
    std::function<void(const std::string& file)> extension_changed = [](const std::string&) {};
};

/// One per worker. load_module() is for the start; execute() is for any thread.
class WorkerCore final : private RequestServices, private HostServices {
public:
    /// \a sites outlives the core.
    WorkerCore(SiteMap& sites, WorkerFacts facts, CoreHooks hooks);
    virtual ~WorkerCore() = default;

    /// Maps a module of <globalModules> and lets it register.
    Result<void> load_module(const std::string& name, const std::string& image) {
        return modules_.load(name, image, server_);
    }
    /// The same for one that is linked in.
    Result<void> add_module(const std::string& name, PFN_REGISTERMODULE entry) {
        return modules_.add(name, entry, server_);
    }

    /// Runs the request on this thread, as far as it goes without waiting; \a done follows on the thread that
    /// finishes it.
    void execute(std::unique_ptr<RequestSession> session, std::function<void()> done);

    ExtensionLoader& extensions() { return server_.extensions(); }
    /// To be called about once a second while there are requests, and for each ping. Any thread.
    void health_check() {
        const std::lock_guard lock(health_mutex_);
        modules_.health_check();
    }
    /// Ends modules and extensions. Only when no request is left.
    void terminate() {
        connections_.clear();
        modules_.terminate();
    }

    /// A client's connection has closed; only for those that were bound. Any thread; runs modules.
    void connection_closed(ConnectionKey key) { connections_.closed(key); }
    /// All of a listener's connections are gone.
    void listener_gone(std::uint64_t listener) { connections_.listener_gone(listener); }

private:
    void post(std::function<void()> work) override { hooks_.post(std::move(work)); }
    void log(const std::string& line) override { hooks_.log(line); }
    SiteAdapter& site(const config::SiteConfiguration& site) override;
    ApplicationAdapter& application(const config::SiteConfiguration& site,
                                    const config::Application& application) override;
    ModuleTable& modules() override { return modules_; }
    ConnectionTable& connections() override { return connections_; }
    SiteMap& sites() override { return sites_; }
    const WorkerFacts& facts() override { return facts_; }
    void report_extension(const OSMIA_EXTENSION_REPORT& report) override { hooks_.report_extension(report); }
    void request_recycle(const std::string& reason, bool unhealthy) override {
        hooks_.request_recycle(reason, unhealthy);
    }
    void extension_changed(const std::string& file) override { hooks_.extension_changed(file); }

    SiteMap& sites_;
    WorkerFacts facts_;
    CoreHooks hooks_;
    ServerAdapter server_;
    ModuleTable modules_;
    ConnectionTable connections_;
    std::mutex health_mutex_;
    std::mutex mutex_;
    std::map<const config::SiteConfiguration*, SiteAdapter> site_adapters_;
    std::map<const config::Application*, ApplicationAdapter> application_adapters_;
};

}  // namespace osmia::worker
