/// \file
/// What a dying worker leaves for its crash report: memory that the supervisor made and a helper under the pool's identity
/// reads after the death. The supervisor itself never looks into it.
///
/// Trust: written by a process that ran foreign code and was broken enough to die. Every count is bounded by the reader,
/// every text ends at its array's end at the latest, an address is a number and nothing more.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace osmia::wire {

inline constexpr std::uint32_t CrashNoteMagic = 0x434d534f;  // "OSMC"
inline constexpr std::uint32_t MaxCrashFrames = 128;
inline constexpr std::uint32_t MaxCrashModules = 128;
inline constexpr std::uint32_t MaxCrashMaps = 128 * 1024;
inline constexpr std::uint32_t MaxBuildId = 32;

/// A library that was mapped from a private copy: /proc/self/maps does not know where it was deployed.
struct CrashModule {
    std::uint64_t base;
    std::uint64_t size;
    char path[240];
    std::uint32_t build_id_size;
    std::uint8_t build_id[MaxBuildId];
};

struct CrashNote {
    std::uint32_t magic;
    std::atomic<std::uint32_t> has_facts;  ///< 1 once the death's own facts stand here
    std::int32_t signal;                   ///< 0: it called exit()
    std::int32_t code;                     ///< si_code
    std::uint64_t address;                 ///< of the fault, for SIGSEGV and SIGBUS
    std::uint32_t thread;
    char request_id[36];  ///< of the request on the guilty thread; may be empty
    char cause[256];
    std::atomic<std::uint32_t> frame_count;
    std::uint64_t frames[MaxCrashFrames];  ///< addresses inside the instructions, innermost first
    std::atomic<std::uint32_t> module_count;
    CrashModule modules[MaxCrashModules];
    std::atomic<std::uint32_t> maps_size;
    char maps[MaxCrashMaps];  ///< /proc/self/maps
};

}  // namespace osmia::wire
