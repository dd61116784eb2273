#include <sys/mman.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "extension_host.h"

namespace osmia::sdk_test {

namespace {

using testing::HasSubstr;

std::filesystem::path example(const std::string& name) {
    return std::filesystem::path(OSMIA_EXAMPLES) / (name + ".so");
}

std::string patterned(size_t size) {
    std::string bytes(size, '\0');
    unsigned state = 1;
    for (char& byte : bytes) byte = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    return bytes;
}

TEST(Example, HelloSaysHello) {
    ExtensionHost host(example("hello"));
    ASSERT_TRUE(host.loaded()) << host.error();
    EXPECT_STREQ(host.version().lpszExtensionDesc, "Hello");
    EXPECT_EQ(host.version().dwExtensionVersion, 0x00070005u);
    Answer answer = host.serve({});
    EXPECT_EQ(answer.returned, DWORD{HSE_STATUS_SUCCESS});
    EXPECT_EQ(answer.status, "200 OK");
    EXPECT_EQ(answer.headers, "Content-Type: text/plain\r\nContent-Length: 14\r\n\r\n");
    EXPECT_EQ(answer.body, "Hello, world!\n");
}

TEST(Example, SleepPendingEndsOnItsOwnThread) {
    ExtensionHost host(example("sleep_pending"));
    Answer answer = host.serve({.query = "s=0.01"});
    EXPECT_EQ(answer.returned, DWORD{HSE_STATUS_PENDING});
    EXPECT_EQ(answer.done_status, DWORD{HSE_STATUS_SUCCESS_AND_KEEP_CONN});
    EXPECT_EQ(answer.body, "slept\n");
}

TEST(Example, Md5PostReadsBodiesOfEveryKind) {
    ExtensionHost host(example("md5_post"));
    EXPECT_EQ(host.serve({}).body, "d41d8cd98f00b204e9800998ecf8427e 0\n");
    EXPECT_EQ(host.serve({.body = "message digest"}).body, "f96b697d7cb7938d525a2f31aaf161d0 14\n");
    std::string million(1000000, 'a');
    for (bool chunked : {false, true}) {
        EXPECT_EQ(host.serve({.body = million, .chunked = chunked}).body,
                  "7707d6ae4e027c70eea2a935c2296f21 1000000\n");
    }
    EXPECT_EQ(host.serve({.body = million, .read_ahead = 0}).body,
              "7707d6ae4e027c70eea2a935c2296f21 1000000\n");
}

TEST(Example, EchoSendsBackWhatItReads) {
    ExtensionHost host(example("echo"));
    std::string body = patterned(300000);
    Answer known = host.serve({.body = body});
    EXPECT_EQ(known.body, body);
    EXPECT_THAT(known.headers, HasSubstr("Content-Length: 300000\r\n"));
    Answer chunked = host.serve({.body = body, .chunked = true});
    EXPECT_EQ(chunked.body, body);
    EXPECT_THAT(chunked.headers, testing::Not(HasSubstr("Content-Length")));
}

TEST(Example, TransmitFileSendsTheFileOrAPartOfIt) {
    ExtensionHost host(example("transmit_file"));
    host.site_root = testing::TempDir();
    std::string bytes = patterned(200000);
    std::ofstream(host.site_root / "transmit.bin", std::ios::binary) << bytes;
    Answer whole = host.serve({.query = "file=/transmit.bin"});
    EXPECT_EQ(whole.returned, DWORD{HSE_STATUS_PENDING});
    EXPECT_EQ(whole.body, bytes);
    EXPECT_THAT(whole.headers, HasSubstr("Content-Length: 200000\r\n"));
    Answer part = host.serve({.query = "file=/transmit.bin&offset=1000&bytes=50&tail=end"});
    EXPECT_EQ(part.body, bytes.substr(1000, 50) + "end");
    Answer missing = host.serve({.query = "file=/none"});
    EXPECT_EQ(missing.status, "404 Not Found");
    EXPECT_EQ(missing.body, "error 2\n");
}

TEST(Example, VarsPrintsValuesAndErrors) {
    ExtensionHost host(example("vars"));
    host.variables = {{"SERVER_NAME", "example.org"}};
    std::string body = host.serve({}).body;
    EXPECT_THAT(body, HasSubstr("SERVER_NAME=example.org\n"));
    EXPECT_THAT(body, HasSubstr("CERT_COOKIE [1413]\n"));
    EXPECT_EQ(host.serve({.query = "name=SERVER_NAME"}).body, "SERVER_NAME=example.org\n");
}

TEST(Example, RawOutputWritesEveryForm) {
    ExtensionHost host(example("raw_output"));
    EXPECT_EQ(host.serve({.query = "how=chunked"}).body,
              "6\r\nfirst\n\r\n7;name=value\r\nsecond\n\r\n0\r\n\r\n");
    EXPECT_EQ(host.serve({.query = "how=status"}).body, host.serve({.query = "how=status_split"}).body);
    EXPECT_EQ(host.serve({.query = "how=none"}).body, "<html>just a body</html>\n");
    EXPECT_EQ(host.serve({.query = "how=other"}).returned, DWORD{HSE_STATUS_ERROR});
}

TEST(Example, StdoutNoiseWritesToAllThree) {
    ExtensionHost host(example("stdout_noise"));
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    EXPECT_EQ(host.serve({.query = "lines=2&text=a%20b"}).body, "written\n");
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "stdout a b 1\nstdout a b 2\n");
    EXPECT_EQ(testing::internal::GetCapturedStderr(),
              "stderr a b 1\ndebug a b 1\nstderr a b 2\ndebug a b 2\n");
}

TEST(Example, RedirectAndSendUrlNameTheirTargets) {
    EXPECT_EQ(ExtensionHost(example("redirect")).serve({.query = "to=http://x/"}).redirect, "http://x/");
    EXPECT_EQ(ExtensionHost(example("send_url")).serve({.query = "url=/page.htm"}).redirect, "/page.htm");
}

TEST(Example, KeepaliveInfoAndSlowStreamAnswer) {
    EXPECT_THAT(ExtensionHost(example("keepalive_info")).serve({}).body,
                HasSubstr("keep-alive: yes\nconnected: yes\n"));
    EXPECT_EQ(ExtensionHost(example("slow_stream")).serve({.query = "lines=2&ms=0"}).body,
              "line 1\nline 2\n");
}

TEST(Example, CrashIsPoliteUntilAsked) {
    ExtensionHost host(example("crash"));
    EXPECT_EQ(host.serve({}).body, "alive, pid " + std::to_string(GetCurrentProcessId()) + "\n");
}

using ExampleDeathTest = testing::Test;

TEST_F(ExampleDeathTest, CrashDiesAsToldTo) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "the sanitizers turn signals into exits of their own";
#endif
    ExtensionHost host(example("crash"));
    EXPECT_EXIT(host.serve({.query = "how=null"}), testing::KilledBySignal(SIGSEGV), "");
    EXPECT_EXIT(host.serve({.query = "how=abort"}), testing::KilledBySignal(SIGABRT), "");
    EXPECT_EXIT(host.serve({.query = "how=exit"}), testing::ExitedWithCode(3), "");
    EXPECT_EXIT(host.serve({.query = "how=stack"}), testing::KilledBySignal(SIGSEGV), "");
    auto uncaught = [&host]() noexcept { host.serve({.query = "how=throw"}); };
    EXPECT_EXIT(uncaught(), testing::KilledBySignal(SIGABRT), "");
}

TEST_F(ExampleDeathTest, CrashScribblesOverSharedMemory) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "the sanitizers' own memory is shared";
#endif
    constexpr size_t kSize = 65536;
    auto* shared =
        static_cast<char*>(mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    ExtensionHost host(example("crash"));
    EXPECT_EXIT(host.serve({.query = "how=scribble_die"}), testing::KilledBySignal(SIGABRT), "");
    EXPECT_GT(std::count_if(shared, shared + kSize, [](char byte) { return byte != 0; }), kSize / 2);
    munmap(shared, kSize);
}

}  // namespace

}  // namespace osmia::sdk_test
