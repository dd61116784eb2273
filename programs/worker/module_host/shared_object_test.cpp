#include "worker/module_host/shared_object.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "worker/module_host/needed_libraries.h"
#include "worker/module_host/sha256.h"

namespace osmia::worker {
namespace {

using testing::HasSubstr;

/// Two libraries built for this test: `caller` needs `neighbour`, which lies beside it; neither has a run
/// path.
class SharedObjects : public testing::Test {
protected:
    SharedObjects() {
        std::string pattern = testing::TempDir() + "osmia-object-XXXXXX";
        folder = ::mkdtemp(pattern.data());
        for (const char* name : {"libosmia_test_neighbour.so", "libosmia_test_caller.so"}) {
            std::filesystem::copy_file(std::string(OSMIA_TEST_LIBRARIES "/") + name, folder + "/" + name);
        }
    }
    ~SharedObjects() override { std::filesystem::remove_all(folder); }
    std::string folder;
};

TEST_F(SharedObjects, FindsALibraryBesideTheDeployedFile) {
    const auto loaded = SharedObject::load_copy(folder + "/libosmia_test_caller.so");
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    auto* call = reinterpret_cast<int (*)()>(loaded.value()->symbol("call_neighbour"));
    ASSERT_NE(call, nullptr);
    EXPECT_EQ(call(), 42);
    EXPECT_EQ(loaded.value()->hash().size(), 64u);
    const auto address = reinterpret_cast<std::uintptr_t>(call),
               base = reinterpret_cast<std::uintptr_t>(loaded.value()->base());
    EXPECT_TRUE(address >= base && address < base + loaded.value()->size());
}

TEST_F(SharedObjects, RunsOnWhenTheDeployedFilesAreOverwrittenInPlace) {
    const auto loaded = SharedObject::load_copy(folder + "/libosmia_test_caller.so");
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    for (const char* name : {"/libosmia_test_neighbour.so", "/libosmia_test_caller.so"}) {
        std::ofstream(folder + name, std::ios::in | std::ios::out) << std::string(8192, '\0');
        std::filesystem::resize_file(folder + name, 0);
    }
    EXPECT_EQ(reinterpret_cast<int (*)()>(loaded.value()->symbol("call_neighbour"))(), 42);
}

TEST_F(SharedObjects, NamesTheFileAndTheReasonOfAFailure) {
    EXPECT_THAT(SharedObject::load_copy(folder + "/missing.so").error().message, HasSubstr("missing.so"));
    std::ofstream(folder + "/text.so") << "no library";
    EXPECT_THAT(SharedObject::load_copy(folder + "/text.so").error().message, HasSubstr("it is no ELF file"));
    std::filesystem::create_directory(folder + "/folder.so");
    EXPECT_THAT(SharedObject::load_copy(folder + "/folder.so").error().message,
                HasSubstr("not a regular file"));
    std::filesystem::resize_file(folder + "/libosmia_test_caller.so", 4096);
    EXPECT_THAT(SharedObject::load_copy(folder + "/libosmia_test_caller.so").error().message,
                HasSubstr("truncated"));
}

TEST(Sha256, AgreesWithThePublishedExamples) {
    const auto of = [](std::string_view text) { return sha256_hex(std::as_bytes(std::span(text))); };
    EXPECT_EQ(of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(NeededLibraries, RefusesEveryTruncationOfAHeader) {
    std::ifstream file(OSMIA_TEST_LIBRARIES "/libosmia_test_caller.so", std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    for (std::size_t size = 0; size < 1024; ++size) {
        ASSERT_FALSE(read_needed_libraries(std::as_bytes(std::span(bytes).first(size))).ok()) << size;
    }
    const auto whole = read_needed_libraries(std::as_bytes(std::span(bytes)));
    ASSERT_TRUE(whole.ok());
    EXPECT_THAT(whole.value().names, testing::Contains("libosmia_test_neighbour.so"));
}

}  // namespace
}  // namespace osmia::worker
