#include <atomic>
#include <thread>

#include <gtest/gtest.h>
#include <osmia_win32/crt.h>
#include <windows.h>

#include "../include/osmia_host_runtime.h"

namespace {

DWORD WINAPI return_parameter(LPVOID parameter) {
    return static_cast<DWORD>(reinterpret_cast<ULONG_PTR>(parameter));
}

DWORD WINAPI exit_with_destructors(LPVOID parameter) {
    struct Flag {
        std::atomic<bool>* flag;
        ~Flag() { *flag = true; }
    } flag{static_cast<std::atomic<bool>*>(parameter)};
    ExitThread(7);
}

DWORD exit_code_of(HANDLE thread) {
    EXPECT_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    DWORD code = 0;
    EXPECT_TRUE(GetExitCodeThread(thread, &code));
    CloseHandle(thread);
    return code;
}

TEST(CreateThread, RunsTheFunctionAndKeepsItsExitCode) {
    DWORD id = 0;
    HANDLE thread =
        CreateThread(nullptr, 0, return_parameter, reinterpret_cast<LPVOID>(ULONG_PTR{42}), 0, &id);
    ASSERT_NE(thread, nullptr);
    EXPECT_NE(id, 0u);
    EXPECT_NE(id, GetCurrentThreadId());
    EXPECT_EQ(exit_code_of(thread), 42u);
}

TEST(CreateThread, RaisesATinyStackToAUsableOne) {
    HANDLE thread =
        CreateThread(nullptr, 1, return_parameter, reinterpret_cast<LPVOID>(ULONG_PTR{1}), 0, nullptr);
    ASSERT_NE(thread, nullptr);
    EXPECT_EQ(exit_code_of(thread), 1u);
}

TEST(CreateThread, RefusesNoFunctionAndUnknownFlags) {
    EXPECT_EQ(CreateThread(nullptr, 0, nullptr, nullptr, 0, nullptr), nullptr);
    EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_PARAMETER});
    EXPECT_EQ(CreateThread(nullptr, 0, return_parameter, nullptr, 0x1000, nullptr), nullptr);
    EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_PARAMETER});
}

TEST(CreateThread, LeavesNoHandleWhenThereIsNoRoomForTheStack) {
    size_t before = osmia_host_open_handles();
    EXPECT_EQ(CreateThread(nullptr, SIZE_T{1} << 60, return_parameter, nullptr, 0, nullptr), nullptr);
    EXPECT_EQ(GetLastError(), DWORD{ERROR_NOT_ENOUGH_MEMORY});
    EXPECT_EQ(osmia_host_open_handles(), before);
}

TEST(CreateThread, SuspendedWaitsForResumeThread) {
    static std::atomic<int> runs{0};
    runs = 0;
    auto count = [](LPVOID) -> DWORD { return static_cast<DWORD>(++runs); };
    HANDLE thread = CreateThread(nullptr, 0, count, nullptr, CREATE_SUSPENDED, nullptr);
    EXPECT_EQ(WaitForSingleObject(thread, 20), WAIT_TIMEOUT);
    EXPECT_EQ(runs, 0);
    DWORD code = 0;
    EXPECT_TRUE(GetExitCodeThread(thread, &code));
    EXPECT_EQ(code, DWORD{STILL_ACTIVE});
    EXPECT_EQ(ResumeThread(thread), 1u);
    EXPECT_EQ(exit_code_of(thread), 1u);
}

TEST(ExitThread, RunsDestructorsAndSetsTheExitCode) {
    std::atomic<bool> destroyed{false};
    HANDLE thread = CreateThread(nullptr, 0, exit_with_destructors, &destroyed, 0, nullptr);
    EXPECT_EQ(exit_code_of(thread), 7u);
    EXPECT_TRUE(destroyed);
}

TEST(Thread, RunsOnWhenItsHandleIsClosed) {
    static HANDLE done = CreateEvent(nullptr, TRUE, FALSE, nullptr);
    auto set = [](LPVOID) -> DWORD { return static_cast<DWORD>(SetEvent(done)); };
    CloseHandle(CreateThread(nullptr, 0, set, nullptr, 0, nullptr));
    EXPECT_EQ(WaitForSingleObject(done, INFINITE), WAIT_OBJECT_0);
}

TEST(Thread, HasAbandonedItsMutexesBeforeItIsSignaled) {
    static HANDLE mutex = CreateMutex(nullptr, FALSE, nullptr);
    auto take = [](LPVOID) -> DWORD { return WaitForSingleObject(mutex, INFINITE); };
    for (int round = 0; round < 100; ++round) {
        exit_code_of(CreateThread(nullptr, 0, take, nullptr, 0, nullptr));
        ASSERT_EQ(WaitForSingleObject(mutex, 0), WAIT_ABANDONED);
        ASSERT_TRUE(ReleaseMutex(mutex));
    }
}

TEST(Thread, IsCountedForTheLibraryThatHoldsItsFunction) {
    auto* base = reinterpret_cast<const void*>(reinterpret_cast<ULONG_PTR>(return_parameter) - 16);
    EXPECT_TRUE(osmia_host_register_module(base, 64, "/deployed/x.so"));
    EXPECT_EQ(osmia_host_threads_started(base), 0u);
    exit_code_of(CreateThread(nullptr, 0, return_parameter, nullptr, 0, nullptr));
    EXPECT_EQ(osmia_host_threads_started(base), 1u);
    EXPECT_TRUE(osmia_host_unregister_module(base));
    EXPECT_EQ(osmia_host_threads_started(base), 0u);
}

TEST(BeginThreadEx, ReturnsAHandle) {
    auto start = [](void*) -> unsigned { return 5; };
    auto thread = reinterpret_cast<HANDLE>(_beginthreadex(nullptr, 0, start, nullptr, 0, nullptr));
    EXPECT_EQ(exit_code_of(thread), 5u);
}

TEST(LastError, BelongsToTheThread) {
    SetLastError(ERROR_NO_DATA);
    std::thread([] {
        EXPECT_EQ(GetLastError(), DWORD{ERROR_SUCCESS});
        SetLastError(ERROR_MORE_DATA);
    }).join();
    EXPECT_EQ(GetLastError(), DWORD{ERROR_NO_DATA});
}

TEST(Tls, KeepsAValuePerThread) {
    DWORD index = TlsAlloc();
    ASSERT_NE(index, TLS_OUT_OF_INDEXES);
    int value = 0;
    EXPECT_TRUE(TlsSetValue(index, &value));
    std::thread([&] {
        EXPECT_EQ(TlsGetValue(index), nullptr);
        EXPECT_EQ(GetLastError(), DWORD{ERROR_SUCCESS});
    }).join();
    EXPECT_EQ(TlsGetValue(index), &value);
    EXPECT_TRUE(TlsFree(index));
    EXPECT_FALSE(TlsSetValue(index, &value));
    EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_PARAMETER});
}

TEST(Tls, AFreedAndReusedSlotReadsNull) {
    DWORD index = TlsAlloc();
    TlsSetValue(index, &index);
    TlsFree(index);
    EXPECT_EQ(TlsAlloc(), index);
    EXPECT_EQ(TlsGetValue(index), nullptr);
    TlsFree(index);
}

TEST(Tls, HasSixtyFourSlotsAndNotSixtyFive) {
    std::vector<DWORD> slots;
    for (int count = 0; count < TLS_MINIMUM_AVAILABLE; ++count) slots.push_back(TlsAlloc());
    EXPECT_NE(slots.back(), TLS_OUT_OF_INDEXES);
    EXPECT_EQ(TlsAlloc(), TLS_OUT_OF_INDEXES);
    EXPECT_EQ(GetLastError(), DWORD{ERROR_NO_SYSTEM_RESOURCES});
    for (DWORD slot : slots) EXPECT_TRUE(TlsFree(slot));
}

TEST(CriticalSection, IsRecursiveAndExcludesOtherThreads) {
    CRITICAL_SECTION section;
    InitializeCriticalSection(&section);
    EnterCriticalSection(&section);
    EXPECT_TRUE(TryEnterCriticalSection(&section));
    std::thread([&] { EXPECT_FALSE(TryEnterCriticalSection(&section)); }).join();
    LeaveCriticalSection(&section);
    LeaveCriticalSection(&section);
    std::thread([&] {
        EXPECT_TRUE(TryEnterCriticalSection(&section));
        LeaveCriticalSection(&section);
    }).join();
    DeleteCriticalSection(&section);
}

TEST(SRWLock, WorksWithoutInitialisation) {
    static SRWLOCK lock = SRWLOCK_INIT;
    int value = 0;
    auto add = [&] {
        for (int round = 0; round < 1000; ++round) {
            AcquireSRWLockExclusive(&lock);
            ++value;
            ReleaseSRWLockExclusive(&lock);
        }
    };
    std::thread other(add);
    add();
    other.join();
    AcquireSRWLockShared(&lock);
    EXPECT_EQ(value, 2000);
    ReleaseSRWLockShared(&lock);
}

TEST(Interlocked, ReturnsWhatWindowsReturns) {
    LONG value = 5;
    EXPECT_EQ(InterlockedIncrement(&value), 6);
    EXPECT_EQ(InterlockedDecrement(&value), 5);
    EXPECT_EQ(InterlockedExchangeAdd(&value, 3), 5);
    EXPECT_EQ(InterlockedExchange(&value, 1), 8);
    EXPECT_EQ(InterlockedCompareExchange(&value, 9, 2), 1);
    EXPECT_EQ(value, 1);
    EXPECT_EQ(InterlockedCompareExchange(&value, 9, 1), 1);
    EXPECT_EQ(value, 9);
}

}  // namespace
