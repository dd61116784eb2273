#include <stdlib.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "extension_host.h"

namespace osmia::sample_site {

namespace {

using sdk_test::Answer;
using sdk_test::ExtensionHost;
using testing::HasSubstr;
using testing::Not;

constexpr size_t MaxFormBytes = 32 * 1024;
constexpr size_t MaxNameLength = 80;
constexpr size_t MaxMessageLength = 2000;

/// The guestbook in a folder of its own. It opens its database once per process, so all tests share one.
class Guestbook : public testing::Test {
protected:
    static void SetUpTestSuite() {
        std::string name = testing::TempDir() + "guestbook-XXXXXX";
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder_ = new std::filesystem::path(name);
        setenv("OSMIA_APPLICATION_DATA", name.c_str(), 1);
        host_ = new ExtensionHost(std::filesystem::path(OSMIA_SAMPLE_SITE) / "guestbook.so");
        ASSERT_TRUE(host_->loaded()) << host_->error();
    }
    static void TearDownTestSuite() {
        delete host_;
        std::filesystem::remove_all(*folder_);
        delete folder_;
    }
    void TearDown() override { host_->variables.clear(); }

    static Answer get(const std::string& query = {}) { return host_->serve({.query = query}); }
    static Answer post(const std::string& form) { return host_->serve({.method = "POST", .body = form}); }
    static Answer sign(const std::string& name, const std::string& message) { return post("name=" + name + "&message=" + message); }

    static inline ExtensionHost* host_ = nullptr;
    static inline std::filesystem::path* folder_ = nullptr;
};

TEST_F(Guestbook, KeepsAnEntryAndSendsTheBrowserBackToTheList) {
    const Answer answer = sign("Ada", "First+light%21");
    EXPECT_EQ(answer.status, "303 See Other");
    EXPECT_THAT(answer.headers, HasSubstr("Location: guestbook.so\r\n"));
    const Answer list = get();
    EXPECT_EQ(list.status, "200 OK");
    EXPECT_THAT(list.body, HasSubstr("<strong>Ada</strong>"));
    EXPECT_THAT(list.body, HasSubstr("<p>First light!</p>"));
    EXPECT_TRUE(std::filesystem::exists(*folder_ / "guestbook.sqlite"));
}

TEST_F(Guestbook, ShowsMarkupAsText) {
    ASSERT_EQ(sign("%3Cb%3EBob", "%3Cscript%3Ealert(1)%3C/script%3E").status, "303 See Other");
    const Answer list = get("view=latest");
    EXPECT_THAT(list.body, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;"));
    EXPECT_THAT(list.body, HasSubstr("<strong>&lt;b&gt;Bob</strong>"));
    EXPECT_THAT(list.body, Not(HasSubstr("<script")));
}

TEST_F(Guestbook, TreatsSqlAsText) {
    ASSERT_EQ(sign("O'Hara", "');+DROP+TABLE+entries;--").status, "303 See Other");
    EXPECT_THAT(get().body, HasSubstr("&#39;); DROP TABLE entries;--"));
}

TEST_F(Guestbook, TakesTextsAtTheirLimitAndRefusesOneCharacterMore) {
    const std::string name(MaxNameLength, 'n'), message(MaxMessageLength, 'm');
    EXPECT_EQ(sign(name, message).status, "303 See Other");
    EXPECT_EQ(sign(name + "n", message).status, "400 Bad Request");
    EXPECT_EQ(sign(name, message + "m").status, "400 Bad Request");
}

TEST_F(Guestbook, ReadsAFormAtItsLimitAndRefusesOneByteMore) {
    std::string form = "name=Limit&message=kept&padding=";
    form.resize(MaxFormBytes, 'x');
    EXPECT_EQ(post(form).status, "303 See Other");
    EXPECT_EQ(post(form + "x").status, "413 Content Too Large");
    EXPECT_EQ(host_->serve({.method = "POST", .body = form, .chunked = true, .read_ahead = 0}).status, "303 See Other");
    EXPECT_EQ(host_->serve({.method = "POST", .body = form + "x", .chunked = true, .read_ahead = 0}).status,
              "413 Content Too Large");
}

TEST_F(Guestbook, RefusesEmptyAndBrokenTextsAndGivesTheFormBack) {
    const Answer empty = sign("Eve", "++%0A");
    EXPECT_EQ(empty.status, "400 Bad Request");
    EXPECT_THAT(empty.body, HasSubstr("value=\"Eve\""));
    EXPECT_EQ(sign("Eve", "%FF%FE").status, "400 Bad Request");
    EXPECT_EQ(post("").status, "400 Bad Request");
}

TEST_F(Guestbook, RefusesAFormOfAnotherSite) {
    host_->variables = {{"HTTP_SEC_FETCH_SITE", "cross-site"}};
    EXPECT_EQ(sign("Mallory", "hello").status, "403 Forbidden");
    host_->variables = {{"HTTP_ORIGIN", "http://evil.example"}, {"HTTP_HOST", "localhost:8080"}};
    EXPECT_EQ(sign("Mallory", "hello").status, "403 Forbidden");
    host_->variables = {{"HTTP_ORIGIN", "http://localhost:8080"}, {"HTTP_HOST", "localhost:8080"}};
    EXPECT_EQ(sign("Alice", "hello").status, "303 See Other");
}

TEST_F(Guestbook, AnswersOtherMethodsWith405) {
    const Answer answer = host_->serve({.method = "DELETE"});
    EXPECT_EQ(answer.status, "405 Method Not Allowed");
    EXPECT_THAT(answer.headers, HasSubstr("Allow: GET, HEAD, POST\r\n"));
}

TEST(Status, TellsTheProcessAndItsStart) {
    ExtensionHost host(std::filesystem::path(OSMIA_SAMPLE_SITE) / "status.so");
    ASSERT_TRUE(host.loaded()) << host.error();
    host.variables = {{"APP_POOL_ID", "My \"pool\""}};
    const Answer answer = host.serve({});
    EXPECT_THAT(answer.body, HasSubstr("\"pid\": " + std::to_string(getpid()) + ","));
    EXPECT_THAT(answer.body, HasSubstr("\"pool\": \"My \\\"pool\\\"\""));
    const long long started = atoll(answer.body.c_str() + answer.body.find("startedAt") + strlen("startedAt\": "));
    EXPECT_GT(started, 1'600'000'000'000);
    EXPECT_LE(started, static_cast<long long>(time(nullptr) + 1) * 1000);
}

TEST(Fault, CrashesOnlyForAFormOfItsOwnSite) {
    ExtensionHost host(std::filesystem::path(OSMIA_SAMPLE_SITE) / "fault.so");
    ASSERT_TRUE(host.loaded()) << host.error();
    EXPECT_EQ(host.serve({}).status, "405 Method Not Allowed");
    host.variables = {{"HTTP_SEC_FETCH_SITE", "cross-site"}};
    EXPECT_EQ(host.serve({.method = "POST"}).status, "403 Forbidden");
    host.variables.clear();
    EXPECT_EXIT(host.serve({.method = "POST"}), testing::KilledBySignal(SIGSEGV), "");
}

}  // namespace

}  // namespace osmia::sample_site
