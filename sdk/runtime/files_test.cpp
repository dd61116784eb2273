#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <windows.h>

#include "../include/osmia_host_runtime.h"

namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
protected:
    void SetUp() override {
        std::string name = testing::TempDir() + "files-XXXXXX";
        folder_ = mkdtemp(name.data());
    }
    void TearDown() override { fs::remove_all(folder_); }

    std::string path(const std::string& name) const { return (folder_ / name).string(); }

    HANDLE open(const std::string& name, DWORD access, DWORD disposition) {
        return CreateFile(path(name).c_str(), access, FILE_SHARE_READ, nullptr, disposition,
                          FILE_ATTRIBUTE_NORMAL, nullptr);
    }

    HANDLE file_with(const std::string& text) {
        HANDLE file = open("file", GENERIC_READ | GENERIC_WRITE, CREATE_ALWAYS);
        DWORD written = 0;
        EXPECT_TRUE(WriteFile(file, text.data(), static_cast<DWORD>(text.size()), &written, nullptr));
        EXPECT_EQ(written, text.size());
        EXPECT_EQ(SetFilePointer(file, 0, nullptr, FILE_BEGIN), 0u);
        return file;
    }

    fs::path folder_;
};

TEST_F(Files, DispositionsDecideWhetherAFileIsMadeFoundOrCut) {
    EXPECT_EQ(open("a", GENERIC_READ, OPEN_EXISTING), INVALID_HANDLE_VALUE);
    EXPECT_EQ(GetLastError(), DWORD{ERROR_FILE_NOT_FOUND});
    HANDLE file = open("a", GENERIC_WRITE, CREATE_NEW);
    ASSERT_NE(file, INVALID_HANDLE_VALUE);
    CloseHandle(file);
    EXPECT_EQ(open("a", GENERIC_WRITE, CREATE_NEW), INVALID_HANDLE_VALUE);
    EXPECT_EQ(GetLastError(), DWORD{ERROR_FILE_EXISTS});
    CloseHandle(open("a", GENERIC_WRITE, OPEN_ALWAYS));
    EXPECT_EQ(GetLastError(), DWORD{ERROR_ALREADY_EXISTS});
    CloseHandle(open("b", GENERIC_WRITE, OPEN_ALWAYS));
    EXPECT_EQ(GetLastError(), DWORD{ERROR_SUCCESS});
    EXPECT_EQ(open("a", GENERIC_READ, TRUNCATE_EXISTING), INVALID_HANDLE_VALUE);
    EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_PARAMETER});
    EXPECT_EQ(open("a", GENERIC_READ, 9), INVALID_HANDLE_VALUE);
    EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_PARAMETER});
}

TEST_F(Files, AMissingFolderIsAnotherErrorThanAMissingFile) {
    EXPECT_EQ(open("none/a", GENERIC_READ, OPEN_EXISTING), INVALID_HANDLE_VALUE);
    EXPECT_EQ(GetLastError(), DWORD{ERROR_PATH_NOT_FOUND});
}

TEST_F(Files, AFolderIsNotOpenedAsAFile) {
    EXPECT_EQ(open("", GENERIC_READ, OPEN_EXISTING), INVALID_HANDLE_VALUE);
    EXPECT_EQ(GetLastError(), DWORD{ERROR_ACCESS_DENIED});
}

TEST_F(Files, WindowsPathsLeadToTheSameFiles) {
    CloseHandle(file_with("x"));
    std::string windows = "\\\\?\\C:" + path("file");
    for (char& c : windows) c = c == '/' ? '\\' : c;
    EXPECT_EQ(GetFileAttributes(windows.c_str()), FILE_ATTRIBUTE_NORMAL);
    EXPECT_EQ(GetFileAttributes(windows.substr(4).c_str()), FILE_ATTRIBUTE_NORMAL);
    std::u16string wide(windows.begin(), windows.end());
    HANDLE file = CreateFileW(wide.c_str(), GENERIC_READ, 0, nullptr, OPEN_EXISTING, 0, nullptr);
    EXPECT_NE(file, INVALID_HANDLE_VALUE);
    CloseHandle(file);
    EXPECT_EQ(GetFileAttributes(path("").c_str()), FILE_ATTRIBUTE_DIRECTORY);
    EXPECT_EQ(GetFileAttributes(path("none").c_str()), INVALID_FILE_ATTRIBUTES);
}

TEST_F(Files, ReadsToTheEndAndThenNothing) {
    HANDLE file = file_with("hello");
    char buffer[8] = {};
    DWORD count = 99;
    EXPECT_TRUE(ReadFile(file, buffer, sizeof buffer, &count, nullptr));
    EXPECT_EQ(std::string(buffer, count), "hello");
    EXPECT_TRUE(ReadFile(file, buffer, sizeof buffer, &count, nullptr));
    EXPECT_EQ(count, 0u);
    EXPECT_FALSE(ReadFile(file, buffer, sizeof buffer, nullptr, nullptr));
    EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_PARAMETER});
    CloseHandle(file);
    EXPECT_FALSE(ReadFile(file, buffer, sizeof buffer, &count, nullptr));
    EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_HANDLE});
}

TEST_F(Files, OverlappedReadsTakeTheirOffsetAndSetTheirEvent) {
    HANDLE file = file_with("0123456789");
    OVERLAPPED overlapped{};
    overlapped.Offset = 4;
    overlapped.hEvent = CreateEvent(nullptr, TRUE, FALSE, nullptr);
    char buffer[3];
    DWORD count = 0;
    EXPECT_TRUE(ReadFile(file, buffer, 3, nullptr, &overlapped));
    EXPECT_EQ(WaitForSingleObject(overlapped.hEvent, 0), WAIT_OBJECT_0);
    EXPECT_TRUE(GetOverlappedResult(file, &overlapped, &count, TRUE));
    EXPECT_EQ(std::string(buffer, count), "456");
    overlapped.Offset = 10;
    EXPECT_FALSE(ReadFile(file, buffer, 3, &count, &overlapped));
    EXPECT_EQ(GetLastError(), DWORD{ERROR_HANDLE_EOF});
    EXPECT_FALSE(GetOverlappedResult(file, &overlapped, &count, TRUE));
    EXPECT_EQ(GetLastError(), DWORD{ERROR_HANDLE_EOF});
    CloseHandle(overlapped.hEvent);
    CloseHandle(file);
}

TEST_F(Files, WritingToAFileOpenedForReadingIsDenied) {
    CloseHandle(file_with("x"));
    HANDLE file = open("file", GENERIC_READ, OPEN_EXISTING);
    DWORD written = 0;
    EXPECT_FALSE(WriteFile(file, "y", 1, &written, nullptr));
    EXPECT_NE(GetLastError(), DWORD{ERROR_SUCCESS});
    CloseHandle(file);
}

TEST_F(Files, SizesAndPositionsGoBeyondFourGigabytes) {
    HANDLE file = file_with("x");
    LARGE_INTEGER far{};
    far.QuadPart = 0x123456789;
    EXPECT_TRUE(SetFilePointerEx(file, far, nullptr, FILE_BEGIN));
    EXPECT_TRUE(SetEndOfFile(file));
    DWORD high = 0;
    EXPECT_EQ(GetFileSize(file, &high), 0x23456789u);
    EXPECT_EQ(high, 1u);
    LARGE_INTEGER size{};
    EXPECT_TRUE(GetFileSizeEx(file, &size));
    EXPECT_EQ(size.QuadPart, far.QuadPart);
    LONG distance_high = -1;
    EXPECT_EQ(SetFilePointer(file, -1, &distance_high, FILE_END), 0x23456788u);
    EXPECT_EQ(distance_high, 1);
    CloseHandle(file);
}

TEST_F(Files, APositionBeforeTheStartIsRefused) {
    HANDLE file = file_with("abc");
    EXPECT_EQ(SetFilePointer(file, -4, nullptr, FILE_END), INVALID_SET_FILE_POINTER);
    EXPECT_EQ(GetLastError(), DWORD{ERROR_NEGATIVE_SEEK});
    EXPECT_EQ(SetFilePointer(file, 0, nullptr, 3), INVALID_SET_FILE_POINTER);
    EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_PARAMETER});
    CloseHandle(file);
}

TEST_F(Files, AppendAccessWritesAtTheEnd) {
    CloseHandle(file_with("ab"));
    HANDLE file = open("file", FILE_APPEND_DATA, OPEN_EXISTING);
    DWORD written = 0;
    EXPECT_TRUE(WriteFile(file, "c", 1, &written, nullptr));
    EXPECT_EQ(fs::file_size(path("file")), 3u);
    CloseHandle(file);
}

TEST_F(Files, FoldersAndFilesComeAndGo) {
    EXPECT_TRUE(CreateDirectory(path("folder").c_str(), nullptr));
    EXPECT_FALSE(CreateDirectory(path("folder").c_str(), nullptr));
    EXPECT_EQ(GetLastError(), DWORD{ERROR_ALREADY_EXISTS});
    EXPECT_FALSE(CreateDirectory(path("none/folder").c_str(), nullptr));
    EXPECT_EQ(GetLastError(), DWORD{ERROR_PATH_NOT_FOUND});
    CloseHandle(open("folder/file", GENERIC_WRITE, CREATE_NEW));
    EXPECT_FALSE(RemoveDirectory(path("folder").c_str()));
    EXPECT_EQ(GetLastError(), DWORD{ERROR_DIR_NOT_EMPTY});
    EXPECT_TRUE(DeleteFile(path("folder/file").c_str()));
    EXPECT_FALSE(DeleteFile(path("folder/file").c_str()));
    EXPECT_EQ(GetLastError(), DWORD{ERROR_FILE_NOT_FOUND});
    EXPECT_TRUE(RemoveDirectory(path("folder").c_str()));
}

TEST_F(Files, TheHostGetsADescriptorOfItsOwn) {
    HANDLE file = file_with("shared");
    int descriptor = osmia_host_duplicate_descriptor(file);
    ASSERT_GE(descriptor, 0);
    EXPECT_TRUE(fcntl(descriptor, F_GETFD) & FD_CLOEXEC);
    CloseHandle(file);
    char buffer[8];
    EXPECT_EQ(pread(descriptor, buffer, sizeof buffer, 0), 6);
    close(descriptor);
    EXPECT_EQ(osmia_host_duplicate_descriptor(file), -1);
    EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_HANDLE});
    HANDLE event = CreateEvent(nullptr, TRUE, FALSE, nullptr);
    EXPECT_EQ(osmia_host_duplicate_descriptor(event), -1);
    CloseHandle(event);
}

TEST_F(Files, AnAdoptedDescriptorIsClosedWithItsHandle) {
    int descriptor = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    HANDLE file = osmia_host_adopt_descriptor(descriptor);
    EXPECT_TRUE(CloseHandle(file));
    EXPECT_EQ(fcntl(descriptor, F_GETFD), -1);
    EXPECT_EQ(osmia_host_adopt_descriptor(-1), nullptr);
    EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_PARAMETER});
}

TEST(TempPath, EndsWithASlashAndTellsItsSize) {
    char path[260];
    DWORD length = GetTempPath(sizeof path, path);
    EXPECT_EQ(path[length - 1], '/');
    EXPECT_EQ(GetTempPath(1, path), length + 1);
}

}  // namespace
