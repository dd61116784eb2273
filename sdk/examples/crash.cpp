// Everything an extension should not do, chosen by ?how=: null, exit, abort, throw, stack, loop, scribble,
// scribble_die, scribble_on. To see that other requests go on. Nothing chosen: answers politely.
#include "respond.h"

#include <unistd.h>
#include <stdlib.h>

#include <fstream>
#include <map>
#include <sstream>

EXAMPLE_EXTENSION("Crashes on demand")

namespace {

void write_to_null() {
    *static_cast<volatile int*>(nullptr) = 1;
}

void throw_something() {
    throw 42;
}

int recurse(volatile int depth) {
    volatile char page[4096] = {};
    page[0] = static_cast<char>(depth);
    return recurse(depth + 1) + page[0];
}

void loop() {
    for (volatile unsigned long long turns = 0;; ++turns) {
    }
}

/// Fills every writable mapping that this process shares with another one.
void scribble() {
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        std::istringstream fields(line);
        std::string range, rights;
        fields >> range >> rights;
        if (rights.size() < 4 || rights[1] != 'w' || rights[3] != 's') continue;
        auto first = std::stoull(range, nullptr, 16);
        auto last = std::stoull(range.substr(range.find('-') + 1), nullptr, 16);
        for (auto at = first; at < last; ++at)
            *reinterpret_cast<volatile unsigned char*>(at) = static_cast<unsigned char>(rand());
    }
}

void scribble_and_die() {
    scribble();
    abort();
}

DWORD WINAPI scribble_forever(LPVOID) {
    for (;;) {
        scribble();
        Sleep(1);
    }
}

void scribble_on() {
    CloseHandle(CreateThread(nullptr, 0, scribble_forever, nullptr, 0, nullptr));
}

const std::map<std::string, void (*)()> kDeeds = {
    {"null", write_to_null},    {"exit", [] { exit(3); }},          {"abort", abort},
    {"throw", throw_something}, {"stack", [] { recurse(0); }},      {"loop", loop},
    {"scribble", scribble},     {"scribble_die", scribble_and_die}, {"scribble_on", scribble_on},
    {"raw_exit", [] { _exit(4); }},
};

}  // namespace

DWORD WINAPI HttpExtensionProc(EXTENSION_CONTROL_BLOCK* ecb) {
    auto deed = kDeeds.find(query_value(ecb, "how", ""));
    if (deed != kDeeds.end()) deed->second();
    send_text(ecb, "alive, pid " + std::to_string(GetCurrentProcessId()) + "\n");
    return HSE_STATUS_SUCCESS;
}
