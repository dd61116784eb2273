#include "worker/pipeline/pipeline_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <thread>

namespace osmia::worker {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Subscription wants(std::uint32_t events, std::uint32_t post_events = 0) {
    Subscription subscription;
    subscription.events = events;
    subscription.post_events = post_events;
    return subscription;
}

/// Records every call and answers as told.
class FakeRequest : public PipelineClient {
public:
    Step call(ModuleIndex module, Stage stage) override {
        calls.push_back(std::to_string(module) + (stage.post ? "p" : "e") +
                        std::to_string(static_cast<int>(stage.event)));
        if (during) during(module, stage);
        const auto answer = answers.find({module, stage.index()});
        return answer == answers.end() ? Step::Continue : answer->second;
    }
    Step complete(ModuleIndex module, Stage, const Completion& completion) override {
        calls.push_back(std::to_string(module) + "c" + std::to_string(completion.bytes));
        if (completion_answers.empty()) return Step::Continue;
        const Step step = completion_answers.front();
        completion_answers.erase(completion_answers.begin());
        return step;
    }
    Step map_handler() override {
        calls.push_back("map");
        return mapping;
    }
    std::span<const ModuleIndex> handlers() override { return handler_modules; }
    bool is_handled() const override { return handled; }
    void not_handled() override { calls.push_back("unhandled"); }
    void post(std::function<void()> work) override { posted.push_back(std::move(work)); }
    void finished() override {
        ++finished_count;
        if (on_finished) on_finished();
    }

    void answer(ModuleIndex module, Stage stage, Step step) { answers[{module, stage.index()}] = step; }
    void run_posted() {
        auto work = std::move(posted);
        posted.clear();
        for (auto& item : work) item();
    }

    std::vector<std::string> calls;
    std::map<std::pair<ModuleIndex, std::size_t>, Step> answers;
    std::vector<Step> completion_answers;
    std::function<void(ModuleIndex, Stage)> during;
    std::function<void()> on_finished;
    Step mapping = Step::Continue;
    std::vector<ModuleIndex> handler_modules;
    bool handled = false;
    std::vector<std::function<void()>> posted;
    int finished_count = 0;
};

constexpr std::uint32_t AllEvents = 0xfff;
constexpr Stage Begin{Event::BeginRequest, false};
constexpr Stage Execute{Event::ExecuteRequestHandler, false};

struct Fixture {
    explicit Fixture(std::vector<Subscription> subscriptions)
        : subscriptions_(std::move(subscriptions)), plan(entries()), run(request, plan) {}
    std::vector<ModulePlan::Entry> entries() {
        std::vector<ModulePlan::Entry> list;
        for (std::size_t i = 0; i < subscriptions_.size(); ++i)
            list.push_back({static_cast<ModuleIndex>(i), &subscriptions_[i]});
        return list;
    }
    std::vector<Subscription> subscriptions_;
    FakeRequest request;
    ModulePlan plan;
    PipelineRun run;
};

TEST(PipelineRun, PassesEveryEventAndItsPostEventInTheOrderOfIis) {
    Fixture f({wants(AllEvents, AllEvents)});
    f.request.handled = true;
    f.run.start();
    EXPECT_THAT(f.request.calls, ElementsAre("0e0", "0p0", "0e1", "0p1", "0e2", "0p2", "0e3", "0p3", "0e4",
                                             "map", "0p4", "0e5", "0p5", "0e6", "0p6", "0p7", "0e8", "0p8",
                                             "0e9", "0p9", "0e10", "0p10", "0e11", "0p11"));
    EXPECT_EQ(f.request.finished_count, 1);
}

TEST(PipelineRun, CallsNoModuleThatAskedForNothing) {
    Fixture f({wants(0)});
    f.request.handled = true;
    f.run.start();
    EXPECT_THAT(f.request.calls, ElementsAre("map"));
}

TEST(PipelineRun, FinishSkipsEverythingButTheLogAndTheEnd) {
    Fixture f({wants(AllEvents, AllEvents), wants(AllEvents)});
    f.request.answer(0, {Event::AuthorizeRequest, false}, Step::Finish);
    f.run.start();
    EXPECT_THAT(f.request.calls, ElementsAre("0e0", "1e0", "0p0", "0e1", "1e1", "0p1", "0e2", "0e10", "1e10",
                                             "0p10", "0e11", "1e11", "0p11"));
    EXPECT_EQ(f.request.finished_count, 1);
}

TEST(PipelineRun, FinishInTheLogDoesNotKeepLaterModulesFromLogging) {
    Fixture f({wants(event_bit(Event::LogRequest)),
               wants(event_bit(Event::LogRequest) | event_bit(Event::EndRequest))});
    f.request.handled = true;
    f.request.answer(0, {Event::LogRequest, false}, Step::Finish);
    f.run.start();
    EXPECT_THAT(f.request.calls, ElementsAre("map", "0e10", "1e10", "1e11"));
}

TEST(PipelineRun, AsksTheHandlersModulesInTurnUntilOneHandles) {
    Fixture f({wants(0), wants(0), wants(0)});
    f.request.handler_modules = {2, 0, 1};
    f.request.during = [&](ModuleIndex module, Stage) { f.request.handled = module == 0; };
    f.run.start();
    EXPECT_THAT(f.request.calls, ElementsAre("map", "2e7", "0e7"));
}

TEST(PipelineRun, TellsTheCoreWhenNoHandlerHandled) {
    Fixture f({wants(0)});
    f.request.handler_modules = {0};
    f.run.start();
    EXPECT_THAT(f.request.calls, ElementsAre("map", "0e7", "unhandled"));
}

TEST(PipelineRun, AFailedMappingExecutesNothing) {
    Fixture f({wants(event_bit(Event::EndRequest))});
    f.request.handler_modules = {0};
    f.request.mapping = Step::Finish;
    f.run.start();
    EXPECT_THAT(f.request.calls, ElementsAre("map", "0e11"));
}

TEST(PipelineRun, StopsAtPendingAndGoesOnWhereItStopped) {
    Fixture f({wants(AllEvents & 3), wants(AllEvents & 3)});
    f.request.handled = true;
    f.request.answer(0, Begin, Step::Pending);
    f.run.start();
    EXPECT_THAT(f.request.calls, ElementsAre("0e0"));
    EXPECT_EQ(f.request.finished_count, 0);
    f.run.indicate(Step::Continue);
    EXPECT_THAT(f.request.calls, ElementsAre("0e0", "1e0", "0e1", "1e1", "map"));
    EXPECT_EQ(f.request.finished_count, 1);
}

TEST(PipelineRun, CanStopAtEveryStageInTurn) {
    Fixture f({wants(AllEvents, AllEvents)});
    f.request.handler_modules = {0};
    for (std::size_t i = 0; i < StageCount; ++i) f.request.answer(0, Stage::at(i), Step::Pending);
    f.run.start();
    for (std::size_t i = 0; i < StageCount; ++i) {
        ASSERT_EQ(f.request.finished_count, 0);
        EXPECT_EQ(f.run.stage(), Stage::at(i));
        f.run.indicate(Step::Continue);
    }
    EXPECT_EQ(f.request.finished_count, 1);
}

TEST(PipelineRun, AcceptsAnIndicationThatComesBeforePendingIsReturned) {
    Fixture f({wants(event_bit(Event::BeginRequest))});
    f.request.answer(0, Begin, Step::Pending);
    f.request.during = [&](ModuleIndex, Stage) { f.run.indicate(Step::Finish); };
    f.run.start();
    EXPECT_THAT(f.request.calls, ElementsAre("0e0"));
    EXPECT_EQ(f.request.finished_count, 1);
}

TEST(PipelineRun, DeliversACompletionOnThePoolAndNeverOnTheCallersStack) {
    Fixture f({wants(event_bit(Event::BeginRequest))});
    f.request.handled = true;
    f.request.answer(0, Begin, Step::Pending);
    f.run.start();
    f.run.post_completion({42, 0});
    EXPECT_THAT(f.request.calls, ElementsAre("0e0"));
    f.request.run_posted();
    EXPECT_THAT(f.request.calls, ElementsAre("0e0", "0c42", "map"));
}

TEST(PipelineRun, DeliversACompletionThatCameEarlyOnceTheModuleWaits) {
    Fixture f({wants(event_bit(Event::BeginRequest))});
    f.request.handled = true;
    f.request.answer(0, Begin, Step::Pending);
    f.request.during = [&](ModuleIndex, Stage) { f.run.post_completion({7, 0}); };
    f.run.start();
    EXPECT_THAT(f.request.calls, ElementsAre("0e0", "0c7", "map"));
    EXPECT_THAT(f.request.posted, IsEmpty());
}

TEST(PipelineRun, AModuleMayWaitAgainAfterEachCompletion) {
    Fixture f({wants(event_bit(Event::BeginRequest))});
    f.request.handled = true;
    f.request.answer(0, Begin, Step::Pending);
    f.request.completion_answers = {Step::Pending, Step::Pending, Step::Continue};
    f.run.start();
    for (std::uint32_t i = 1; i <= 3; ++i) {
        f.run.post_completion({i, 0});
        f.request.run_posted();
    }
    EXPECT_THAT(f.request.calls, ElementsAre("0e0", "0c1", "0c2", "0c3", "map"));
    EXPECT_EQ(f.request.finished_count, 1);
}

TEST(PipelineRun, ForgetsACompletionNobodyWaitedFor) {
    Fixture f({wants(event_bit(Event::BeginRequest)), wants(event_bit(Event::BeginRequest))});
    f.request.handled = true;
    f.request.answer(1, Begin, Step::Pending);
    f.request.during = [&](ModuleIndex module, Stage) {
        if (module == 0) f.run.post_completion({1, 0});
    };
    f.run.start();
    EXPECT_THAT(f.request.calls, ElementsAre("0e0", "1e0"));
}

TEST(PipelineRun, LeavesOutDisabledNotifications) {
    Fixture f({wants(AllEvents & 7, AllEvents & 7)});
    f.request.handled = true;
    f.request.during = [&](ModuleIndex, Stage stage) {
        if (stage == Begin)
            f.run.disable(event_bit(Event::AuthenticateRequest), event_bit(Event::AuthorizeRequest));
    };
    f.run.start();
    EXPECT_THAT(f.request.calls, ElementsAre("0e0", "0p0", "0p1", "0e2", "map"));
}

TEST(PipelineRun, SurvivesResumptionsFromManyThreads) {
    Fixture f({wants(AllEvents, AllEvents)});
    f.request.handler_modules = {0};
    for (std::size_t i = 0; i < StageCount; ++i) f.request.answer(0, Stage::at(i), Step::Pending);
    std::mutex mutex;
    std::list<std::thread> threads;
    std::promise<void> done;
    f.request.on_finished = [&] { done.set_value(); };
    f.request.during = [&](ModuleIndex, Stage) {
        const std::lock_guard lock(mutex);
        threads.emplace_back([&] { f.run.indicate(Step::Continue); });
    };
    f.run.start();
    done.get_future().wait();
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(f.request.finished_count, 1);
    EXPECT_EQ(threads.size(), StageCount);
}

TEST(ModulePlan, OrdersByPriorityThenByConfiguration) {
    Subscription low = wants(1), medium = wants(1), first = wants(1), last = wants(1);
    low.priority[0] = Priority::Low;
    first.priority[0] = Priority::First;
    last.priority[0] = Priority::Last;
    const std::vector<ModulePlan::Entry> entries = {
        {0, &last}, {1, &low}, {2, &medium}, {3, &medium}, {4, &first}};
    const ModulePlan plan(entries);
    EXPECT_THAT(plan.at(Begin), ElementsAre(4, 2, 3, 1, 0));
}

TEST(ModulePlan, InvertsPrioritiesForSendResponse) {
    Subscription high = wants(event_bit(LooseEvent::SendResponse)), medium = high;
    high.loose_priority[static_cast<std::size_t>(LooseEvent::SendResponse)] = Priority::High;
    const std::vector<ModulePlan::Entry> entries = {{0, &high}, {1, &medium}, {2, &medium}};
    const ModulePlan plan(entries);
    EXPECT_THAT(plan.at(LooseEvent::SendResponse), ElementsAre(1, 2, 0));
}

}  // namespace
}  // namespace osmia::worker
