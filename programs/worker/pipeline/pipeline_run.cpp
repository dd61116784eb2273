#include "worker/pipeline/pipeline_run.h"

#include <algorithm>

namespace osmia::worker {

void PipelineRun::start() {
    stage_ = {};
    position_ = 0;
    loop(std::nullopt);
}

void PipelineRun::disable(std::uint32_t events, std::uint32_t post_events) {
    disabled_ |= events;
    disabled_post_ |= post_events;
}

bool PipelineRun::skips(Stage stage) const {
    const std::uint32_t bit = event_bit(stage.event);
    return ((stage.post ? disabled_post_ : disabled_) & bit) != 0 || (skipped_ & bit) != 0;
}

// \a step is what the module at the current place has just answered, or nothing at the very start.
void PipelineRun::loop(std::optional<Step> step) {
    for (;;) {
        while (step == Step::Pending) {
            step = wait();
            if (!step) return;  // another thread goes on, perhaps already; nothing of ours may be touched
        }
        if (step) settle(*step);
        if (!advance()) {
            client_.finished();
            return;
        }
        step = client_.call(module_, stage_);
    }
}

// Finish skips everything up to RQ_LOG_REQUEST; the log and the end always run.
void PipelineRun::settle(Step step) {
    if (signalled_.load(std::memory_order_acquire)) {
        const std::lock_guard lock(mutex_);
        early_.reset();
        completions_.clear();
        signalled_ = false;
    }
    if (step != Step::Finish) return;
    skip_rest_ = true;
}

// Moves to the next module to call; false when every stage has passed.
bool PipelineRun::advance() {
    for (;;) {
        if (skip_rest_) {
            skip_rest_ = false;
            if (stage_.event < Event::LogRequest) {
                stage_ = {Event::LogRequest, false};
                position_ = 0;
            }
        }
        const bool executes = stage_ == Stage{Event::ExecuteRequestHandler, false};
        const auto modules = executes ? client_.handlers() : plan_.at(stage_);
        const bool done = position_ >= modules.size() || skips(stage_) || (executes && client_.is_handled());
        if (!done) {
            module_ = modules[position_++];
            return true;
        }
        if (after_modules() == Step::Finish) {
            skip_rest_ = true;
            continue;
        }
        if (!enter_next_stage()) return false;
    }
}

// The core's own part of a stage, after its modules.
Step PipelineRun::after_modules() {
    if (stage_ == Stage{Event::AuthenticateRequest, true}) return client_.check_user();
    if (stage_ == Stage{Event::MapRequestHandler, false}) return client_.map_handler();
    if (stage_ == Stage{Event::ExecuteRequestHandler, false} && !client_.is_handled()) client_.not_handled();
    return Step::Continue;
}

bool PipelineRun::enter_next_stage() {
    // The core has something of its own to do at these three.
    constexpr std::size_t user = Stage{Event::AuthenticateRequest, true}.index();
    constexpr std::size_t map = Stage{Event::MapRequestHandler, false}.index();
    constexpr std::size_t execute = Stage{Event::ExecuteRequestHandler, false}.index();
    const std::size_t last = stage_.index();
    const std::size_t own = last < user ? user : last < map ? map : last < execute ? execute : StageCount;
    const std::size_t next = std::min(own, plan_.next_wanted(last + 1));
    if (next == StageCount) return false;
    stage_ = Stage::at(next);
    position_ = 0;
    return true;
}

// The module has returned Pending. Its completion may have come already; else the pipeline stops here.
std::optional<Step> PipelineRun::wait() {
    Completion completion;
    {
        const std::lock_guard lock(mutex_);
        if (early_) {
            const Step step = *early_;
            early_.reset();
            return step;
        }
        if (completions_.empty()) {
            mode_ = Mode::Stopped;
            return std::nullopt;
        }
        completion = completions_.front();
        completions_.erase(completions_.begin());
    }
    return client_.complete(module_, stage_, completion);
}

void PipelineRun::indicate(Step step) {
    {
        const std::lock_guard lock(mutex_);
        if (mode_ == Mode::Running) {
            early_ = step;
            signalled_ = true;
            return;
        }
        mode_ = Mode::Running;
    }
    loop(step);
}

void PipelineRun::post_completion(const Completion& completion) {
    {
        const std::lock_guard lock(mutex_);
        completions_.push_back(completion);
        signalled_ = true;
        if (mode_ == Mode::Running) return;
        mode_ = Mode::Running;
    }
    client_.post([this] { loop(Step::Pending); });
}

}  // namespace osmia::worker
