#include "worker/module_host/request_context.h"

#include <gmock/gmock.h>

#include <map>
#include <thread>

#include "worker/core_fixture.h"
#include "worker/module_host/section_adapter.h"

namespace osmia::worker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> g_calls;
std::map<std::string, std::function<REQUEST_NOTIFICATION_STATUS(IHttpContext*)>> g_actions;

REQUEST_NOTIFICATION_STATUS act(const std::string& call, IHttpContext* context) {
    g_calls.push_back(call);
    const auto action = g_actions.find(call);
    return action == g_actions.end() ? RQ_NOTIFICATION_CONTINUE : action->second(context);
}

class TestModule : public CHttpModule {
public:
    explicit TestModule(std::string name) : name_(std::move(name)) {}
    REQUEST_NOTIFICATION_STATUS OnBeginRequest(IHttpContext* c, IHttpEventProvider*) override {
        return act(name_ + ".begin", c);
    }
    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext* c, IHttpEventProvider*) override {
        return act(name_ + ".execute", c);
    }
    REQUEST_NOTIFICATION_STATUS OnLogRequest(IHttpContext* c, IHttpEventProvider*) override {
        return act(name_ + ".log", c);
    }
    REQUEST_NOTIFICATION_STATUS OnSendResponse(IHttpContext* c, ISendResponseProvider*) override {
        return act(name_ + ".send", c);
    }
    REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IHttpContext* c, DWORD, BOOL, IHttpEventProvider*,
                                                  IHttpCompletionInfo*) override {
        return act(name_ + ".completion", c);
    }

private:
    std::string name_;
};

template <int Number>
class TestFactory : public IHttpModuleFactory {
public:
    HRESULT GetHttpModule(CHttpModule** module, IModuleAllocator*) override {
        *module = new TestModule(std::string(1, static_cast<char>('a' + Number)));
        return S_OK;
    }
    VOID Terminate() override {}
    static HRESULT WINAPI register_module(DWORD, IHttpModuleRegistrationInfo* info, IHttpServer*) {
        static TestFactory factory;
        const HRESULT result = info->SetRequestNotifications(
            &factory, RQ_BEGIN_REQUEST | RQ_EXECUTE_REQUEST_HANDLER | RQ_LOG_REQUEST | RQ_SEND_RESPONSE, 0);
        return Number == 0 ? result
                           : info->SetPriorityForRequestNotification(RQ_BEGIN_REQUEST | RQ_SEND_RESPONSE,
                                                                     PRIORITY_ALIAS_HIGH);
    }
};

TEST(SharedContainer, KeepsOneContextPerModuleAndCleansUp) {
    struct Counted : IHttpStoredContext {
        explicit Counted(int& count) : cleaned(count) {}
        virtual ~Counted() = default;
        VOID CleanupStoredContext() override {
            ++cleaned;
            delete this;
        }
        int& cleaned;
    };
    int cleaned = 0, one = 0, two = 0;
    {
        SharedContainer container;
        EXPECT_EQ(container.GetModuleContext(&one), nullptr);
        auto* first = new Counted(cleaned);
        EXPECT_EQ(container.SetModuleContext(first, &one), S_OK);
        EXPECT_EQ(container.SetModuleContext(first, &one), HRESULT_FROM_WIN32(85));
        EXPECT_EQ(container.SetModuleContext(nullptr, &two), E_INVALIDARG);
        EXPECT_EQ(container.SetModuleContext(new Counted(cleaned), &two), S_OK);
        EXPECT_EQ(container.GetModuleContext(&one), first);
        EXPECT_NE(container.GetModuleContext(&two), nullptr);
    }
    EXPECT_EQ(cleaned, 2);
}

TEST(ElementAdapter, GivesDefaultsForWhatNobodySaysAndNothingForWhatDoesNotExist) {
    const config::EffectiveConfiguration configuration;
    IOsmiaSection& section =
        section_in_force(configuration, find_section("system.webServer/security/requestFiltering"));
    EXPECT_EQ(section.GetChild("requestLimits").GetNumber("maxUrl"), 4096);
    EXPECT_TRUE(section.GetFlag("allowHighBitCharacters"));
    EXPECT_FALSE(section.GetFlag("nonsense"));
    EXPECT_STREQ(section.GetText("nonsense"), "");
    EXPECT_EQ(section.GetChild("nonsense").GetChild("more").GetItemCount(), 0U);
    EXPECT_EQ(section.GetItem(7).GetNumber("x"), 0);
    EXPECT_EQ(find_section("system.webServer/nonsense"), NoSection);
    EXPECT_EQ(&section, &section_in_force(configuration, find_section("system.webServer/security/requestFiltering")));
}

class Context : public CoreFixture {
protected:
    Context() {
        g_calls.clear();
        g_actions.clear();
        EXPECT_TRUE(core_.add_module("A", TestFactory<0>::register_module).ok());
        EXPECT_TRUE(core_.add_module("B", TestFactory<1>::register_module).ok());
        sites.modules->modules.push_back({"A", ""});
        sites.modules->modules.push_back({"B", ""});
        add_handler("All", "*", {"A", "B"}, config::ResourceType::Unspecified, config::RequireAccess::None);
    }
    void answer_with(const std::string& call, std::string text) {
        g_actions[call] = [text = std::move(text)](IHttpContext* context) {
            HTTP_DATA_CHUNK chunk{};
            chunk.DataChunkType = HttpDataChunkFromMemory;
            auto* memory =
                static_cast<char*>(context->AllocateRequestMemory(static_cast<DWORD>(text.size())));
            std::memcpy(memory, text.data(), text.size());
            chunk.FromMemory.pBuffer = memory;
            chunk.FromMemory.BufferLength = static_cast<ULONG>(text.size());
            context->GetResponse()->WriteEntityChunkByReference(&chunk);
            context->SetRequestHandled();
            return RQ_NOTIFICATION_CONTINUE;
        };
    }
};

TEST_F(Context, RunsModulesByPriorityAndHandlersInTheirOrder) {
    answer_with("b.execute", "hello");
    const Answer answer = get("/x");
    EXPECT_EQ(answer.status, 200u);
    EXPECT_EQ(answer.body, "hello");
    EXPECT_EQ(answer.content_length, 5u);
    EXPECT_THAT(g_calls, ElementsAre("b.begin", "a.begin", "a.execute", "b.execute", "a.log", "b.log",
                                     "a.send", "b.send"));
}

TEST_F(Context, AFinishedRequestIsLoggedAndSentAllTheSame) {
    g_actions["b.begin"] = [](IHttpContext* context) {
        context->GetResponse()->SetStatus(403, "Go away", 7);
        return RQ_NOTIFICATION_FINISH_REQUEST;
    };
    const Answer answer = get("/x");
    EXPECT_EQ(answer.status, 403u);
    EXPECT_EQ(answer.substatus, 7u);
    EXPECT_EQ(answer.reason, "Go away");
    EXPECT_THAT(answer.body, HasSubstr("0123456789abcdef0123456789abcdef")) << "the page names the request";
    EXPECT_THAT(g_calls, ElementsAre("b.begin", "a.log", "b.log", "a.send", "b.send"));
}

TEST_F(Context, AModuleMayWaitForItsOwnThread) {
    answer_with("b.execute", "late");
    std::thread thread;
    g_actions["a.begin"] = [&](IHttpContext* context) {
        thread = std::thread([context] { context->IndicateCompletion(RQ_NOTIFICATION_CONTINUE); });
        return RQ_NOTIFICATION_PENDING;
    };
    const Answer answer = get("/x");
    thread.join();
    EXPECT_EQ(answer.body, "late");
}

TEST_F(Context, PostCompletionComesBackThroughOnAsyncCompletion) {
    answer_with("b.execute", "done");
    g_actions["a.begin"] = [](IHttpContext* context) {
        context->PostCompletion(0);
        return RQ_NOTIFICATION_PENDING;
    };
    EXPECT_EQ(get("/x").body, "done");
    EXPECT_THAT(g_calls, testing::Contains("a.completion"));
}

TEST_F(Context, AnExceptionFailsTheRequestAndNamesTheModule) {
    g_actions["a.begin"] = [](IHttpContext*) -> REQUEST_NOTIFICATION_STATUS {
        throw std::runtime_error("out of paper");
    };
    const Answer answer = get("/x");
    EXPECT_EQ(answer.status, 500u);
    ASSERT_EQ(logged.size(), 1u);
    EXPECT_THAT(logged[0], HasSubstr("module A: out of paper"));
}

TEST_F(Context, AnUnhandledRequestIsNotFound) {
    const Answer answer = get("/x");
    EXPECT_EQ(answer.status, 404u);
    EXPECT_EQ(answer.header("Content-Type"), "text/html; charset=utf-8");
}

TEST_F(Context, AHandlerWhoseModuleIsNotThereIs500_21) {
    sites.handlers->handlers[0].modules = {"Missing"};
    const Answer answer = get("/x");
    EXPECT_EQ(answer.status, 500u);
    EXPECT_EQ(answer.substatus, 21u);
}

TEST_F(Context, ABadConfigurationIs500_19AndTellsOnlyLocalClientsWhy) {
    sites.configuration->error = config::ConfigurationError{
        config::ErrorNumber::BadData, "unknown element <tpyo>", "/srv/web.config", 7, "<tpyo/>"};
    const Answer far = get("/x");
    EXPECT_EQ(far.status, 500u);
    EXPECT_EQ(far.substatus, 19u);
    EXPECT_THAT(far.body, testing::Not(HasSubstr("web.config")));
    MemoryRequest request;
    request.remote_address = "127.0.0.1";
    EXPECT_THAT(send(request).body, HasSubstr("/srv/web.config:7"));
    EXPECT_TRUE(g_calls.empty()) << "no module runs under a configuration that cannot be read";
}

TEST_F(Context, ABodyOfTheAllowedLengthIsTakenAndOneByteMoreIs413) {
    auto runtime = std::make_shared<config::ServerRuntimeSection>();
    runtime->max_request_entity_allowed = 4;
    sites.configuration->server_runtime = runtime;
    answer_with("b.execute", "taken");
    MemoryRequest request;
    request.body = "1234";
    EXPECT_EQ(send(request).status, 200u);
    request.body = "12345";
    EXPECT_EQ(send(request).status, 413u);
    runtime->enabled = false;
    EXPECT_EQ(get("/x").status, 503u);
}

TEST_F(Context, AnUnknownSiteIsNotFound) {
    MemoryRequest request;
    request.site_id = 99;
    EXPECT_EQ(send(request).status, 404u);
}

TEST_F(Context, AChildRequestAnswersInItsParentsPlace) {
    g_actions["a.execute"] = [&](IHttpContext* context) {
        if (context->GetParentContext() != nullptr) return RQ_NOTIFICATION_CONTINUE;
        IHttpContext* child = nullptr;
        EXPECT_EQ(context->CloneContext(CLONE_FLAG_BASICS, &child), S_OK);
        EXPECT_EQ(child->GetRequest()->SetUrl("/child?q=1", 10, TRUE), S_OK);
        EXPECT_EQ(context->ExecuteRequest(FALSE, child, 0, nullptr), S_OK);
        EXPECT_EQ(child->GetRootContext(), context);
        child->ReleaseClonedContext();
        context->SetRequestHandled();
        return RQ_NOTIFICATION_CONTINUE;
    };
    answer_with("b.execute", "from the child");
    const Answer answer = get("/parent");
    EXPECT_EQ(answer.body, "from the child");
    EXPECT_EQ(std::count(g_calls.begin(), g_calls.end(), "a.log"), 1) << "only the root is logged";
}

TEST_F(Context, AHeadRequestHasTheLengthButNoBody) {
    answer_with("b.execute", "hello");
    MemoryRequest request;
    request.method = "HEAD";
    const Answer answer = send(request);
    EXPECT_EQ(answer.content_length, 5u);
    EXPECT_EQ(answer.body, "");
}

TEST_F(Context, ReadsTheBodyAndWhatWasPutBack) {
    std::string read;
    g_actions["a.execute"] = [&](IHttpContext* context) {
        char buffer[16];
        char again[] = "AB";
        context->GetRequest()->InsertEntityBody(again, 2);
        EXPECT_EQ(context->GetRequest()->GetRemainingEntityBytes(), 7u);
        DWORD got = 0;
        while (context->GetRequest()->ReadEntityBody(buffer, sizeof buffer, FALSE, &got) == S_OK)
            read.append(buffer, got);
        EXPECT_EQ(context->GetRequest()->ReadEntityBody(buffer, 1, FALSE, &got),
                  HRESULT_FROM_WIN32(ERROR_HANDLE_EOF));
        context->SetRequestHandled();
        return RQ_NOTIFICATION_CONTINUE;
    };
    MemoryRequest request;
    request.body = "12345";
    send(request);
    EXPECT_EQ(read, "AB12345");
}

TEST_F(Context, ShowsModulesTheRequestAsTheHttpServerApiDoes) {
    g_actions["a.execute"] = [&](IHttpContext* context) {
        const HTTP_REQUEST* raw = context->GetRequest()->GetRawHttpRequest();
        EXPECT_EQ(raw->Verb, HttpVerbGET);
        EXPECT_EQ(std::u16string(raw->CookedUrl.pFullUrl), u"http://localhost:80/a/b?c=d");
        EXPECT_EQ(std::u16string(raw->CookedUrl.pAbsPath, raw->CookedUrl.AbsPathLength / 2), u"/a/b");
        EXPECT_EQ(std::u16string(raw->CookedUrl.pQueryString), u"?c=d");
        EXPECT_STREQ(raw->Headers.KnownHeaders[HttpHeaderAccept].pRawValue, "x, y");
        EXPECT_EQ(raw->Headers.UnknownHeaderCount, 1);
        EXPECT_STREQ(context->GetRequest()->GetHeader("accept"), "x, y");
        EXPECT_EQ(context->GetRequest()->GetHeader("Missing"), nullptr);
        context->SetRequestHandled();
        return RQ_NOTIFICATION_CONTINUE;
    };
    MemoryRequest request;
    request.target = "/a/b?c=d";
    request.headers = {{"Accept", "x"}, {"X-Own", "1"}, {"Accept", "y"}};
    send(request);
}

TEST_F(Context, RefusesHeadersThatWouldSplitTheResponse) {
    g_actions["a.execute"] = [&](IHttpContext* context) {
        EXPECT_EQ(context->GetResponse()->SetHeader("X-Bad", "a\r\nSet-Cookie: x", 16, TRUE), E_INVALIDARG);
        EXPECT_EQ(context->GetResponse()->SetHeader("X Bad", "a", 1, TRUE), E_INVALIDARG);
        EXPECT_EQ(context->GetResponse()->SetStatus(200, "OK\r\nX: y"), E_INVALIDARG);
        context->SetRequestHandled();
        return RQ_NOTIFICATION_CONTINUE;
    };
    EXPECT_EQ(get("/").header("Set-Cookie"), "");
}

}  // namespace
}  // namespace osmia::worker
