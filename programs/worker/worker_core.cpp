#include "worker/worker_core.h"

namespace osmia::worker {

WorkerCore::WorkerCore(SiteMap& sites, WorkerFacts facts, CoreHooks hooks)
    : sites_(sites), facts_(std::move(facts)), hooks_(std::move(hooks)), server_(*this) {}

void WorkerCore::execute(std::unique_ptr<RequestSession> session, std::function<void()> done) {
    RequestContext::run(*this, std::move(session), std::move(done));
}

SiteAdapter& WorkerCore::site(const config::SiteConfiguration& site) {
    const std::lock_guard lock(mutex_);
    return site_adapters_.try_emplace(&site, site).first->second;
}

ApplicationAdapter& WorkerCore::application(const config::SiteConfiguration& site,
                                            const config::Application& application) {
    const std::lock_guard lock(mutex_);
    return application_adapters_.try_emplace(&application, site, application).first->second;
}

}  // namespace osmia::worker
