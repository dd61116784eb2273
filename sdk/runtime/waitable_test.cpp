#include <atomic>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <windows.h>

#include "../include/osmia_host_runtime.h"

namespace {

class Handle {
public:
    explicit Handle(HANDLE handle) : handle_(handle) {}
    ~Handle() { CloseHandle(handle_); }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    operator HANDLE() const { return handle_; }

private:
    HANDLE handle_;
};

TEST(Event, WithAutomaticResetLetsOneWaiterThrough) {
    Handle event(CreateEvent(nullptr, FALSE, TRUE, nullptr));
    EXPECT_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    EXPECT_EQ(WaitForSingleObject(event, 0), WAIT_TIMEOUT);
}

TEST(Event, WithManualResetStaysSetUntilReset) {
    Handle event(CreateEvent(nullptr, TRUE, TRUE, nullptr));
    EXPECT_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    EXPECT_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    EXPECT_TRUE(ResetEvent(event));
    EXPECT_EQ(WaitForSingleObject(event, 0), WAIT_TIMEOUT);
}

TEST(Event, OfAKnownNameIsTheSameObjectAndSaysSo) {
    Handle first(CreateEvent(nullptr, TRUE, FALSE, "the name"));
    EXPECT_EQ(GetLastError(), DWORD{ERROR_SUCCESS});
    Handle second(CreateEventW(nullptr, TRUE, FALSE, u"the name"));
    EXPECT_EQ(GetLastError(), DWORD{ERROR_ALREADY_EXISTS});
    SetEvent(first);
    EXPECT_EQ(WaitForSingleObject(second, 0), WAIT_OBJECT_0);
}

TEST(Event, CannotTakeTheNameOfASemaphore) {
    Handle semaphore(CreateSemaphore(nullptr, 0, 1, "taken"));
    EXPECT_EQ(CreateEvent(nullptr, TRUE, FALSE, "taken"), nullptr);
    EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_HANDLE});
}

TEST(Semaphore, CountsToItsMaximumAndNoFurther) {
    Handle semaphore(CreateSemaphore(nullptr, 1, 3, nullptr));
    LONG previous = -1;
    EXPECT_TRUE(ReleaseSemaphore(semaphore, 2, &previous));
    EXPECT_EQ(previous, 1);
    EXPECT_FALSE(ReleaseSemaphore(semaphore, 1, nullptr));
    EXPECT_EQ(GetLastError(), DWORD{ERROR_TOO_MANY_POSTS});
    for (int round = 0; round < 3; ++round) EXPECT_EQ(WaitForSingleObject(semaphore, 0), WAIT_OBJECT_0);
    EXPECT_EQ(WaitForSingleObject(semaphore, 0), WAIT_TIMEOUT);
}

TEST(Semaphore, RefusesSenselessCounts) {
    for (auto [initial, maximum] : std::vector<std::pair<LONG, LONG>>{{-1, 1}, {0, 0}, {2, 1}}) {
        EXPECT_EQ(CreateSemaphore(nullptr, initial, maximum, nullptr), nullptr);
        EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_PARAMETER});
    }
    Handle semaphore(CreateSemaphore(nullptr, 0, 1, nullptr));
    EXPECT_FALSE(ReleaseSemaphore(semaphore, 0, nullptr));
    EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_PARAMETER});
}

TEST(Semaphore, GivesEveryReleaseToExactlyOneOfManyThreads) {
    constexpr int kThreads = 8;
    constexpr int kReleases = 2000;
    Handle semaphore(CreateSemaphore(nullptr, 0, kReleases + kThreads, nullptr));
    std::atomic<int> taken{0};
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    for (int index = 0; index < kThreads; ++index) {
        threads.emplace_back([&] {
            while (WaitForSingleObject(semaphore, INFINITE) == WAIT_OBJECT_0 && !stop) ++taken;
        });
    }
    for (int index = 0; index < kReleases; ++index) ReleaseSemaphore(semaphore, 1, nullptr);
    while (taken < kReleases) std::this_thread::yield();
    stop = true;
    ReleaseSemaphore(semaphore, kThreads, nullptr);
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(taken, kReleases);
    EXPECT_EQ(WaitForSingleObject(semaphore, 0), WAIT_TIMEOUT);
}

TEST(Mutex, IsRecursiveAndOwnedByAThread) {
    Handle mutex(CreateMutex(nullptr, TRUE, nullptr));
    EXPECT_EQ(WaitForSingleObject(mutex, 0), WAIT_OBJECT_0);
    std::thread([&] {
        EXPECT_EQ(WaitForSingleObject(mutex, 0), WAIT_TIMEOUT);
        EXPECT_FALSE(ReleaseMutex(mutex));
        EXPECT_EQ(GetLastError(), DWORD{ERROR_NOT_OWNER});
    }).join();
    EXPECT_TRUE(ReleaseMutex(mutex));
    EXPECT_TRUE(ReleaseMutex(mutex));
    EXPECT_FALSE(ReleaseMutex(mutex));
    std::thread([&] { EXPECT_EQ(WaitForSingleObject(mutex, 0), WAIT_OBJECT_0); }).join();
}

TEST(Mutex, WhoseOwnerEndedIsAbandonedOnce) {
    Handle mutex(CreateMutex(nullptr, FALSE, nullptr));
    std::thread([&] { WaitForSingleObject(mutex, INFINITE); }).join();
    EXPECT_EQ(WaitForSingleObject(mutex, INFINITE), WAIT_ABANDONED);
    EXPECT_EQ(WaitForSingleObject(mutex, 0), WAIT_OBJECT_0);
    EXPECT_TRUE(ReleaseMutex(mutex));
    EXPECT_TRUE(ReleaseMutex(mutex));
}

TEST(Wait, ForOneOfSeveralTellsTheFirstThatIsSet) {
    Handle first(CreateEvent(nullptr, FALSE, FALSE, nullptr));
    Handle second(CreateEvent(nullptr, FALSE, TRUE, nullptr));
    HANDLE both[] = {first, second};
    EXPECT_EQ(WaitForMultipleObjects(2, both, FALSE, INFINITE), WAIT_OBJECT_0 + 1);
    EXPECT_EQ(WaitForMultipleObjects(2, both, FALSE, 0), WAIT_TIMEOUT);
}

TEST(Wait, ForAllTakesNothingUntilEveryoneIsSet) {
    Handle first(CreateEvent(nullptr, FALSE, TRUE, nullptr));
    Handle second(CreateEvent(nullptr, FALSE, FALSE, nullptr));
    HANDLE both[] = {first, second};
    EXPECT_EQ(WaitForMultipleObjects(2, both, TRUE, 1), WAIT_TIMEOUT);
    EXPECT_EQ(WaitForSingleObject(first, 0), WAIT_OBJECT_0);
    std::thread setter([&] {
        SetEvent(first);
        SetEvent(second);
    });
    EXPECT_EQ(WaitForMultipleObjects(2, both, TRUE, INFINITE), WAIT_OBJECT_0);
    setter.join();
    EXPECT_EQ(WaitForSingleObject(first, 0), WAIT_TIMEOUT);
    EXPECT_EQ(WaitForSingleObject(second, 0), WAIT_TIMEOUT);
}

TEST(Wait, TakesSixtyFourObjectsAndRefusesSixtyFive) {
    std::vector<HANDLE> handles;
    for (int index = 0; index <= MAXIMUM_WAIT_OBJECTS; ++index)
        handles.push_back(CreateEvent(nullptr, TRUE, TRUE, nullptr));
    EXPECT_EQ(WaitForMultipleObjects(MAXIMUM_WAIT_OBJECTS, handles.data(), TRUE, 0), WAIT_OBJECT_0);
    EXPECT_EQ(WaitForMultipleObjects(MAXIMUM_WAIT_OBJECTS + 1, handles.data(), TRUE, 0), WAIT_FAILED);
    EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_PARAMETER});
    EXPECT_EQ(WaitForMultipleObjects(0, handles.data(), FALSE, 0), WAIT_FAILED);
    for (HANDLE handle : handles) CloseHandle(handle);
}

TEST(Wait, ForSomethingThatCannotBeWaitedForFails) {
    Handle token(osmia_host_create_token());
    EXPECT_EQ(WaitForSingleObject(token, 0), WAIT_FAILED);
    EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_HANDLE});
    HANDLE twice[] = {CreateEvent(nullptr, TRUE, TRUE, nullptr), nullptr};
    twice[1] = twice[0];
    EXPECT_EQ(WaitForMultipleObjects(2, twice, TRUE, 0), WAIT_FAILED);
    CloseHandle(twice[0]);
}

TEST(Handles, AreMultiplesOfFourAndNeverMistakenForTheirSuccessors) {
    HANDLE first = CreateEvent(nullptr, TRUE, TRUE, nullptr);
    EXPECT_EQ(reinterpret_cast<ULONG_PTR>(first) % 4, 0u);
    EXPECT_LT(reinterpret_cast<ULONG_PTR>(first), ULONG_PTR{1} << 31);
    EXPECT_TRUE(CloseHandle(first));
    Handle second(CreateEvent(nullptr, TRUE, TRUE, nullptr));
    EXPECT_FALSE(CloseHandle(first));
    EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_HANDLE});
    EXPECT_EQ(WaitForSingleObject(second, 0), WAIT_OBJECT_0);
}

TEST(Handles, RefusesWhatWasNeverAHandle) {
    for (HANDLE handle : {HANDLE{nullptr}, reinterpret_cast<HANDLE>(LONG_PTR{3}),
                          reinterpret_cast<HANDLE>(LONG_PTR{1} << 40)}) {
        EXPECT_FALSE(CloseHandle(handle));
        EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_HANDLE});
    }
}

TEST(Handles, EndAtTheirLimit) {
    constexpr size_t kLimit = 65536;
    std::vector<HANDLE> handles;
    while (osmia_host_open_handles() < kLimit) handles.push_back(osmia_host_create_token());
    EXPECT_THAT(handles, testing::Not(testing::Contains(nullptr)));
    EXPECT_EQ(CreateEvent(nullptr, TRUE, TRUE, nullptr), nullptr);
    EXPECT_EQ(GetLastError(), DWORD{ERROR_NO_SYSTEM_RESOURCES});
    for (HANDLE handle : handles) EXPECT_TRUE(CloseHandle(handle));
}

}  // namespace
