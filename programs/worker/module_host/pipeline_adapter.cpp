#include <fmt/format.h>

#include <exception>

#include "worker/module_host/request_context.h"

namespace osmia::worker {

namespace {

Step to_step(REQUEST_NOTIFICATION_STATUS status) {
    switch (status) {
        case RQ_NOTIFICATION_PENDING:
            return Step::Pending;
        case RQ_NOTIFICATION_FINISH_REQUEST:
            return Step::Finish;
        case RQ_NOTIFICATION_CONTINUE:
            break;
    }
    return Step::Continue;
}

}  // namespace

void RequestContext::run(RequestServices& services, std::unique_ptr<RequestSession> session,
                         std::function<void()> done) {
    auto* context = new RequestContext(services, std::move(session), std::move(done));
    context->exchange_.session().mark_begun();
    context->start();
}

void RequestContext::start() {
    if (!exchange_.resolve()) {
        // Without a configuration there are no modules to ask.
        finished();
        return;
    }
    plan_ = services_.modules().plan(exchange_.target().configuration->modules);
    instances_.resize(services_.modules().size());
    // The root's modules see the response leave, also for a child.
    if (parent_ == nullptr && !plan_->at(LooseEvent::SendResponse).empty()) {
        exchange_.set_send_hook([this](bool head, bool more) { send_response_event(head, more); });
    }
    run_.emplace(static_cast<PipelineClient&>(*this), *plan_,
                 parent_ == nullptr ? 0 : event_bit(Event::LogRequest));
    run_->start();
}

CHttpModule* RequestContext::instance(ModuleIndex index) {
    CHttpModule*& module = instances_[index];
    if (module != nullptr) return module;
    IHttpModuleFactory* factory = services_.modules().at(index).factory();
    if (factory == nullptr || FAILED(factory->GetHttpModule(&module, this))) module = nullptr;
    return module;
}

void RequestContext::fail_module(ModuleIndex module, const char* what) {
    services_.log(fmt::format("module {}: {} (request {})", services_.modules().at(module).name(), what,
                              exchange_.received().request_id()));
    exchange_.set_error(500, 0, E_UNEXPECTED);
    if (exchange_.response().head_sent) exchange_.abort();
}

Step RequestContext::guard(ModuleIndex index,
                           const std::function<REQUEST_NOTIFICATION_STATUS(CHttpModule&)>& call) {
    try {
        CHttpModule* module = instance(index);
        if (module != nullptr) return to_step(call(*module));
        fail_module(index, "cannot make its object for a request");
    } catch (const std::exception& exception) {
        fail_module(index, exception.what());
    } catch (...) {
        fail_module(index, "threw an exception that is no std::exception");
    }
    return Step::Finish;
}

Step RequestContext::call(ModuleIndex index, Stage stage) {
    return guard(index, [&](CHttpModule& module) {
        return stage.post ? dispatch_post(module, stage.event) : dispatch(module, stage);
    });
}

REQUEST_NOTIFICATION_STATUS RequestContext::dispatch(CHttpModule& module, Stage stage) {
    IHttpEventProvider* provider = &event_provider_;
    switch (stage.event) {
        case Event::BeginRequest:
            return module.OnBeginRequest(this, provider);
        case Event::AuthenticateRequest:
            return module.OnAuthenticateRequest(this, &event_provider_);
        case Event::AuthorizeRequest:
            return module.OnAuthorizeRequest(this, provider);
        case Event::ResolveRequestCache:
            return module.OnResolveRequestCache(this, provider);
        case Event::MapRequestHandler:
            return module.OnMapRequestHandler(this, &map_provider_);
        case Event::AcquireRequestState:
            return module.OnAcquireRequestState(this, provider);
        case Event::PreExecuteRequestHandler:
            return module.OnPreExecuteRequestHandler(this, provider);
        case Event::ExecuteRequestHandler:
            return module.OnExecuteRequestHandler(this, provider);
        case Event::ReleaseRequestState:
            return module.OnReleaseRequestState(this, provider);
        case Event::UpdateRequestCache:
            return module.OnUpdateRequestCache(this, provider);
        case Event::LogRequest:
            return module.OnLogRequest(this, provider);
        case Event::EndRequest:
            return module.OnEndRequest(this, provider);
    }
    return RQ_NOTIFICATION_CONTINUE;
}

REQUEST_NOTIFICATION_STATUS RequestContext::dispatch_post(CHttpModule& module, Event event) {
    IHttpEventProvider* provider = &event_provider_;
    switch (event) {
        case Event::BeginRequest:
            return module.OnPostBeginRequest(this, provider);
        case Event::AuthenticateRequest:
            return module.OnPostAuthenticateRequest(this, provider);
        case Event::AuthorizeRequest:
            return module.OnPostAuthorizeRequest(this, provider);
        case Event::ResolveRequestCache:
            return module.OnPostResolveRequestCache(this, provider);
        case Event::MapRequestHandler:
            return module.OnPostMapRequestHandler(this, provider);
        case Event::AcquireRequestState:
            return module.OnPostAcquireRequestState(this, provider);
        case Event::PreExecuteRequestHandler:
            return module.OnPostPreExecuteRequestHandler(this, provider);
        case Event::ExecuteRequestHandler:
            return module.OnPostExecuteRequestHandler(this, provider);
        case Event::ReleaseRequestState:
            return module.OnPostReleaseRequestState(this, provider);
        case Event::UpdateRequestCache:
            return module.OnPostUpdateRequestCache(this, provider);
        case Event::LogRequest:
            return module.OnPostLogRequest(this, provider);
        case Event::EndRequest:
            return module.OnPostEndRequest(this, provider);
    }
    return RQ_NOTIFICATION_CONTINUE;
}

Step RequestContext::complete(ModuleIndex index, Stage stage, const Completion& completion) {
    CompletionInfo info(completion.bytes, completion.result);
    return guard(index, [&](CHttpModule& module) {
        return module.OnAsyncCompletion(this, event_bit(stage.event), stage.post, &event_provider_, &info);
    });
}

// As in IIS: without an authentication module that sets a user nobody gets further.
Step RequestContext::check_user() {
    if (user_ != nullptr || exchange_.response().head_sent) return Step::Continue;
    exchange_.set_error(401, 2);
    return Step::Finish;
}

Step RequestContext::map_handler() {
    if (exchange_.request().url_changed() && !exchange_.resolve()) return Step::Finish;
    if (!exchange_.map()) return Step::Finish;
    handlers_.clear();
    for (const std::string& name : exchange_.handler()->modules) {
        const NativeModule* module = services_.modules().find(name);
        if (module == nullptr || !plan_->has(module->index()) || !exchange_.handler()->type.empty()) {
            exchange_.set_error(500, 21);
            return Step::Finish;
        }
        handlers_.push_back(module->index());
    }
    return Step::Continue;
}

void RequestContext::not_handled() {
    const ResponseData& response = exchange_.response();
    if (response.head_sent || !response.chunks.empty() || response.status != 200) return;
    const bool folder = exchange_.mapping().kind == FileKind::Directory;
    folder ? exchange_.set_error(403, 14) : exchange_.set_error(404, 0);
}

void RequestContext::send_response_event(bool head, bool more) {
    send_provider_.set_part(head, more);
    if ((disabled_ & event_bit(LooseEvent::SendResponse)) != 0) return;
    for (const ModuleIndex index : plan_->at(LooseEvent::SendResponse)) {
        in_send_response_ = true;
        const Step step =
            guard(index, [&](CHttpModule& module) { return module.OnSendResponse(this, &send_provider_); });
        if (step == Step::Pending) send_resumed_.acquire();
        in_send_response_ = false;
        if (step == Step::Finish) break;
    }
}

void RequestContext::finished() {
    if (parent_ != nullptr) {
        exchange_.end_child(parent_->exchange_);
        const bool plain_errors = (execute_flags_ & EXECUTE_FLAG_DISABLE_CUSTOM_ERROR) != 0;
        if (plain_errors && exchange_.response().status >= 400) exchange_.response().skip_error_page = true;
        const auto notify = when_child_done_;
        // Once the state says Done the parent may release this object.
        if (child_state_.exchange(ChildState::Done) == ChildState::Awaited) notify();
        return;
    }
    exchange_.finish();
    const auto done = std::move(done_);
    delete this;
    done();
}

}  // namespace osmia::worker
