/// \file
/// The crash reports of the state folder, and those that are being made.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "supervisor/crash_report.h"
#include "supervisor/identities.h"
#include "supervisor/machinery.h"
#include "supervisor/process_watch.h"

namespace osmia::supervisor {

/// Reports that are kept; the oldest go first.
inline constexpr std::size_t MaxCrashReports = 200;
inline constexpr std::size_t MaxCrashFolderBytes = 32 << 20;
/// Reports being made at the same time; a death beyond them is told without one.
inline constexpr std::size_t MaxReportsInWork = 16;
/// How long a report waits for its symbols and for the listener.
inline constexpr std::chrono::seconds SymbolizerLimit{10};
inline constexpr std::chrono::seconds RequestsLimit{1};
/// What a symbolizer may say.
inline constexpr std::size_t MaxSymbolizerOutput = 256 * 1024;

/// A death to report.
struct CrashCase {
    CrashFacts facts;
    std::uint64_t worker_id = 0;
    std::optional<Identity> identity;  ///< the pool's, under which its files are read
    UniqueFd note;                     ///< wire/crash_note.h; may be missing
    std::string line;                  ///< the operator's line, without the report's part
};

/// Makes each report with a throw-away helper under the pool's identity, and stores it. One thread, the loop's.
class CrashReports {
public:
    struct Surroundings {
        EventLoop& loop;
        OperatorOutput& output;
        const Programs& programs;
        std::string folder;
        std::function<std::size_t()> listeners;  ///< how many will tell what became of a dead worker's requests
    };

    explicit CrashReports(Surroundings surroundings) : with_(std::move(surroundings)) {}
    ~CrashReports();

    /// Prints the operator's line when the report is stored.
    void begin(CrashCase crash);
    /// A listener tells of a dead worker's requests, before or after the death is known.
    void add(const wire::DeadWorkerRequests& message);

    /// Newest first: time, id, pool, pid, death, module, function.
    nlohmann::ordered_json list() const;
    /// The whole report.
    std::optional<nlohmann::ordered_json> find(const std::string& id) const;

private:
    struct Job;
    struct Told {
        std::uint64_t worker_id = 0;
        std::size_t listeners = 0;
        std::vector<wire::DeadWorkerRequest> requests;
    };

    Told& told_of(std::uint64_t worker_id);
    Result<void> symbolize(Job& job);
    void read_output(Job& job);
    void look(Job& job);
    void finish(Job& job);
    Result<void> store(const nlohmann::ordered_json& report);
    void remove_oldest();

    Surroundings with_;
    std::map<std::uint64_t, std::shared_ptr<Job>> jobs_;  // last owner: the map, or a callback in progress
    std::deque<Told> told_;  ///< the last deaths that listeners told of
};

}  // namespace osmia::supervisor
