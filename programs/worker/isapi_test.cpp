// The isapi, static_file and default_document modules as they are shipped, over in-memory sessions.
#include <gmock/gmock.h>

#include <chrono>

#include "worker/core_fixture.h"

namespace osmia::worker {
namespace {

using testing::HasSubstr;
using testing::Not;

class Modules : public CoreFixture {
protected:
    Modules() {
        const std::string modules = OSMIA_BUILD_FOLDER "/lib/osmia/modules/";
        for (const auto& [name, file] : {std::pair{"IsapiModule", "isapi.so"},
                                         {"StaticFileModule", "static_file.so"},
                                         {"DefaultDocumentModule", "default_document.so"}}) {
            const auto loaded = core_.load_module(name, modules + file);
            EXPECT_TRUE(loaded.ok()) << (loaded.ok() ? "" : loaded.error().message);
            sites.modules->modules.push_back({name, ""});
        }
        add_handler("ISAPI-so", "*.so", {"IsapiModule"}, config::ResourceType::File,
                    config::RequireAccess::Execute);
        add_handler("StaticFile", "*", {"StaticFileModule", "DefaultDocumentModule"},
                    config::ResourceType::Either, config::RequireAccess::Read);
        sites.handlers->handlers[0].allow_path_info = true;
        sites.restriction->not_listed_isapis_allowed = true;
        sites.static_content->mime_types[".txt"] = "text/plain";
        sites.static_content->mime_types[".htm"] = "text/html";
        sites.default_document->files = {"Default.htm", "index.htm"};
    }
    ~Modules() override { core_.terminate(); }

    /// Puts one of the SDK's examples into the site.
    void deploy(const std::string& example) {
        std::filesystem::copy_file(OSMIA_BUILD_FOLDER "/examples/" + example + ".so",
                                   root + "/" + example + ".so");
    }
};

TEST_F(Modules, RunsAnExtension) {
    deploy("hello");
    const Answer answer = get("/hello.so");
    EXPECT_EQ(answer.status, 200u);
    EXPECT_EQ(answer.body, "Hello, world!\n");
    EXPECT_EQ(answer.header("Content-Type"), "text/plain");
    EXPECT_EQ(answer.content_length, 14u);
    EXPECT_EQ(extensions, std::vector<std::string>{"Hello"});
}

TEST_F(Modules, LoadsAnExtensionOnce) {
    deploy("hello");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(get("/hello.so").status, 200u);
    EXPECT_EQ(extensions.size(), 1u);
}

TEST_F(Modules, GoesOnWhenTheDeployedFileIsOverwritten) {
    deploy("hello");
    EXPECT_EQ(get("/hello.so").status, 200u);
    std::filesystem::resize_file(root + "/hello.so", 0);
    EXPECT_EQ(get("/hello.so").body, "Hello, world!\n");
}

TEST_F(Modules, AFileThatIsNoSharedObjectIs500AndTheReasonIsLogged) {
    write_file("bad.so", "MZ this is a DLL");
    EXPECT_EQ(get("/bad.so").status, 500u);
    ASSERT_EQ(logged.size(), 1u);
    EXPECT_THAT(logged[0], HasSubstr("Windows program or DLL"));
}

TEST_F(Modules, AnExtensionThatIsNotListedIs404_2) {
    deploy("hello");
    sites.restriction->not_listed_isapis_allowed = false;
    const Answer answer = get("/hello.so");
    EXPECT_EQ(answer.status, 404u);
    EXPECT_EQ(answer.substatus, 2u);
    EXPECT_TRUE(extensions.empty());
}

TEST_F(Modules, WithoutExecuteItIs403_1) {
    deploy("hello");
    sites.handlers->access_policy = config::access_policy::Read | config::access_policy::Script;
    const Answer answer = get("/hello.so");
    EXPECT_EQ(answer.status, 403u);
    EXPECT_EQ(answer.substatus, 1u);
}

TEST_F(Modules, AnswersARequestThatWasPending) {
    deploy("sleep_pending");
    EXPECT_EQ(get("/sleep_pending.so?s=0").body, "slept\n");
}

TEST_F(Modules, SendsAFileWithTransmitFile) {
    deploy("transmit_file");
    const std::string content(300'000, 't');
    write_file("data.bin", content);
    const Answer answer = get("/transmit_file.so?file=/data.bin");
    EXPECT_EQ(answer.status, 200u);
    EXPECT_THAT(answer.body, HasSubstr(content));
}

TEST_F(Modules, ReadsAWholeBodyInPieces) {
    deploy("echo");
    MemoryRequest request;
    request.method = "POST";
    request.target = "/echo.so";
    request.body = std::string(200'000, 'x') + "end";
    EXPECT_EQ(send(request).body, request.body);
}

TEST_F(Modules, ReadsAChunkedBody) {
    deploy("echo");
    MemoryRequest request;
    request.method = "POST";
    request.target = "/echo.so";
    request.headers = {{"Transfer-Encoding", "chunked"}};
    request.chunked = true;
    request.body = std::string(100'000, 'y');
    EXPECT_EQ(send(request).body, request.body);
}

TEST_F(Modules, ServesAFile) {
    write_file("a.txt", "some text");
    const Answer answer = get("/a.txt");
    EXPECT_EQ(answer.status, 200u);
    EXPECT_EQ(answer.body, "some text");
    EXPECT_EQ(answer.header("Content-Type"), "text/plain");
    EXPECT_EQ(answer.header("Accept-Ranges"), "bytes");
    EXPECT_NE(answer.header("ETag"), "");
    EXPECT_NE(answer.header("Last-Modified"), "");
    EXPECT_EQ(answer.content_length, 9u);
}

TEST_F(Modules, SendsLargeFilesByDescriptor) {
    const std::string content(100'000, 'z');
    write_file("large.txt", content);
    const Answer answer = get("/large.txt");
    EXPECT_EQ(answer.body, content);
    EXPECT_EQ(answer.file_writes, 1);
}

TEST_F(Modules, AnswersConditionsAndRanges) {
    write_file("a.txt", "0123456789");
    const std::string etag = get("/a.txt").header("ETag");
    const auto with = [&](std::string name, std::string value) {
        MemoryRequest request;
        request.target = "/a.txt";
        request.headers = {{std::move(name), std::move(value)}};
        return send(request);
    };
    EXPECT_EQ(with("If-None-Match", etag).status, 304u);
    EXPECT_EQ(with("If-None-Match", etag).body, "");
    EXPECT_EQ(with("If-None-Match", "\"other\", W/" + etag).status, 304u);
    EXPECT_EQ(with("If-None-Match", "\"other\"").status, 200u);
    EXPECT_EQ(with("If-Match", "\"other\"").status, 412u);
    EXPECT_EQ(with("If-Modified-Since", get("/a.txt").header("Last-Modified")).status, 304u);
    EXPECT_EQ(with("If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT").status, 200u);
    const Answer part = with("Range", "bytes=2-4");
    EXPECT_EQ(part.status, 206u);
    EXPECT_EQ(part.body, "234");
    EXPECT_EQ(part.header("Content-Range"), "bytes 2-4/10");
    EXPECT_EQ(with("Range", "bytes=-3").body, "789");
    EXPECT_EQ(with("Range", "bytes=8-").body, "89");
    EXPECT_EQ(with("Range", "bytes=8-99").body, "89");
    EXPECT_EQ(with("Range", "bytes=10-").status, 416u);
    EXPECT_EQ(with("Range", "bytes=10-").header("Content-Range"), "bytes */10");
    EXPECT_EQ(with("Range", "bytes=0-1,3-4").status, 206u);
    EXPECT_THAT(with("Range", "bytes=0-1,3-4").header("Content-Type"), testing::StartsWith("multipart/byteranges"));
    EXPECT_EQ(with("Range", "lines=1-2").status, 200u);
}

TEST_F(Modules, RefusesWhatStaticFilesCannotDo) {
    write_file("a.txt", "x");
    write_file("a.unknown", "x");
    MemoryRequest request;
    request.method = "DELETE";
    request.target = "/a.txt";
    const Answer answer = send(request);
    EXPECT_EQ(answer.status, 405u);
    EXPECT_EQ(answer.header("Allow"), "GET, HEAD");
    EXPECT_EQ(get("/a.unknown").substatus, 3u);
    EXPECT_EQ(get("/missing.txt").status, 404u);
}

TEST_F(Modules, NeverFollowsALinkOutOfTheSite) {
    std::filesystem::create_symlink("/etc/passwd", root + "/outside.txt");
    EXPECT_EQ(get("/outside.txt").status, 404u);
    write_file("inside.txt", "in");
    std::filesystem::create_symlink("inside.txt", root + "/link.txt");
    EXPECT_EQ(get("/link.txt").body, "in");
}

TEST_F(Modules, FindsTheDefaultDocument) {
    write_file("sub/index.htm", "<p>sub");
    const Answer answer = get("/sub/");
    EXPECT_EQ(answer.status, 200u);
    EXPECT_EQ(answer.body, "<p>sub");
    EXPECT_EQ(answer.header("Content-Type"), "text/html");
}

TEST_F(Modules, AddsTheSlashOfAFolder) {
    write_file("a b/index.htm", "x");
    MemoryRequest request;
    request.target = "/a b?q=1";
    const Answer answer = send(request);
    EXPECT_EQ(answer.status, 301u);
    EXPECT_EQ(answer.header("Location"), "/a%20b/?q=1");
}

TEST_F(Modules, AFolderWithoutADefaultDocumentIs403_14) {
    std::filesystem::create_directory(root + "/empty");
    const Answer answer = get("/empty/");
    EXPECT_EQ(answer.status, 403u);
    EXPECT_EQ(answer.substatus, 14u);
}

}  // namespace
}  // namespace osmia::worker
