/// \file
/// The request pipeline as a state machine: it can stop at any stage and go on later on another thread.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "worker/pipeline/module_plan.h"
#include "worker/pipeline/stage.h"

namespace osmia::worker {

/// What the state machine needs of the request it drives. Called by the thread that runs the pipeline at that
/// moment, never by two at once.
class PipelineClient {
public:
    virtual ~PipelineClient() = default;

    /// Calls a module at a stage. A module that throws or cannot be made is the client's business; it then
    /// fails the request and returns Finish.
    virtual Step call(ModuleIndex module, Stage stage) = 0;
    /// Tells a module that waits at a stage of its asynchronous operation's end.
    virtual Step complete(ModuleIndex module, Stage stage, const Completion& completion) = 0;

    /// Runs after RQ_AUTHENTICATE_REQUEST and its post-event: somebody must be there to go on. Finish: nobody is.
    virtual Step check_user() { return Step::Continue; }
    /// Runs after the modules of RQ_MAP_REQUEST_HANDLER: chooses the handler. Finish: there is none.
    virtual Step map_handler() = 0;
    /// The modules of the chosen handler: RQ_EXECUTE_REQUEST_HANDLER asks them one after another until one
    /// handles.
    virtual std::span<const ModuleIndex> handlers() = 0;
    virtual bool is_handled() const = 0;
    /// Runs after RQ_EXECUTE_REQUEST_HANDLER's modules, when none of them handled the request.
    virtual void not_handled() = 0;

    /// Runs \a work soon on a thread of the pool.
    virtual void post(std::function<void()> work) = 0;
    /// The last call: every stage has passed. May destroy the run.
    virtual void finished() = 0;
};

/// One request's position. The client and the plan outlive it.
class PipelineRun {
public:
    /// A child request skips \a skipped stages (event_bit()s): only the root request is logged.
    PipelineRun(PipelineClient& client, const ModulePlan& plan, std::uint32_t skipped = 0)
        : client_(client), plan_(plan), skipped_(skipped) {}

    /// Runs on the calling thread until a module waits or the request is finished.
    void start();
    /// A module's word that it no longer waits. Goes on at once, on the calling thread, if the pipeline has
    /// stopped; any thread. It may come before the module has returned Pending.
    void indicate(Step step);
    /// An asynchronous operation of the module at the current stage has ended: its complete() runs on a pool
    /// thread. Any thread. It may come before the module has returned Pending.
    void post_completion(const Completion& completion);
    /// Leaves out later calls for these stages.
    void disable(std::uint32_t events, std::uint32_t post_events);

    Stage stage() const { return stage_; }
    /// The module that runs or waits; only meaningful between start() and finished().
    ModuleIndex module() const { return module_; }
    bool is_last_stage() const { return stage_ == Stage{Event::EndRequest, true}; }

private:
    enum class Mode { Running, Stopped };

    void loop(std::optional<Step> step);
    bool advance();
    bool enter_next_stage();
    bool skips(Stage stage) const;
    Step after_modules();
    void settle(Step step);
    std::optional<Step> wait();

    PipelineClient& client_;
    const ModulePlan& plan_;
    std::uint32_t skipped_;
    std::uint32_t disabled_ = 0;
    std::uint32_t disabled_post_ = 0;
    Stage stage_{};
    std::size_t position_ = 0;  ///< within the stage's list
    ModuleIndex module_ = 0;
    bool skip_rest_ = false;  ///< a module said Finish: leave the stage

    std::atomic<bool> signalled_ = false;  ///< something of what follows was set
    std::mutex mutex_;                     ///< guards what follows
    Mode mode_ = Mode::Running;
    std::optional<Step> early_;            ///< indicate() came before Pending was returned
    std::vector<Completion> completions_;  ///< nearly always none or one
};

}  // namespace osmia::worker
