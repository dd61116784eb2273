// Upgrading: this supervisor makes room for another program, and what that one does then. docs/manual/osmia-supervisor.md.
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/files.h"
#include "supervisor/program_check.h"
#include "supervisor/server.h"
#include "supervisor/state_text.h"

namespace osmia::supervisor {

namespace {

/// How long an upgrade waits for pools whose workers are just starting.
constexpr std::chrono::seconds QuietLimit{10};
constexpr std::chrono::milliseconds LookAgain{10};

// Beside \a folder in a build tree, in its ../libexec/osmia when installed.
Result<std::string> folder_of_programs(const std::string& folder) {
    for (const std::string& candidate : {folder, folder + "/../libexec/osmia"}) {
        if (::access((candidate + "/osmia-supervisor").c_str(), X_OK) != 0) continue;
        char* const full = ::realpath(candidate.c_str(), nullptr);
        const std::string path = full == nullptr ? candidate : full;
        ::free(full);
        return path;
    }
    return make_error(ErrorKind::NotFound, "no osmia-supervisor that can be run in {}", folder);
}

bool is_changing(const Pool& pool) {
    using enum PoolPhase;
    const PoolPhase phase = pool.phase();
    return phase == Starting || phase == Replacing || phase == ReplacingAgain || phase == Emptying;
}

bool has_present_workers(const Pool& pool) {
    return std::any_of(pool.workers().begin(), pool.workers().end(), [](const auto& worker) { return !worker->leaving(); });
}

}  // namespace

// The old program's part ------------------------------------------------------------------------------------------

void Server::upgrade(const std::string& folder, Done done) {
    if (shutting_down_) return done({1, "the server ends"});
    if (std::exchange(upgrading_, true)) return done({1, "an upgrade is under way"});
    done = [this, tell = std::move(done)](const Outcome& outcome) {
        upgrading_ = outcome.status == 0;
        tell(outcome);
    };
    const auto own = executable_folder();
    const auto to = folder_of_programs(folder.empty() && own.ok() ? own.value() : folder);
    if (!own.ok() || !to.ok()) return done({1, own.ok() ? to.error().message : own.error().message});
    check_programs({UpgradePhase::Requested, own.value(), to.value(), {}}, 0, done);
}

void Server::check_programs(const UpgradeRecord& record, std::size_t checked, Done done) {
    constexpr std::array Names{"osmia-supervisor", "osmia-listener", "osmia-worker"};
    if (checked == Names.size()) return make_room(record, EventLoop::Clock::now() + QuietLimit, done);
    const char* const name = Names[checked];
    check_program(loop_, fmt::format("{}/{}", record.to, name), name, [=, this](const Result<std::string>& version) {
        if (!version.ok()) return done({1, fmt::format("{}: nothing has changed", version.error().message)});
        check_programs(record, checked + 1, done);
    });
}

// A listener of another version cannot be given workers later, so those that are starting come first.
void Server::make_room(const UpgradeRecord& record, EventLoop::Clock::time_point limit, Done done) {
    if (shutting_down_) return done({1, "the server ends"});
    const bool busy = std::any_of(pools_.begin(), pools_.end(), [](const auto& pool) { return is_changing(*pool); });
    if (busy && EventLoop::Clock::now() < limit) {
        loop_.after(LookAgain, [=, this] { make_room(record, limit, done); });
        return;
    }
    note_upgrade(record);
    guardian_->make_room_for(record.to + "/osmia-supervisor");
    done({0, {}});
    leave_when_told();
}

void Server::note_upgrade(const UpgradeRecord& record) {
    upgrade_ = record;
    guardian_->store_state("upgrade", to_state_text(record));
}

// Ends this process alone, once the guardian knows everything.
void Server::leave_when_told() {
    loop_.after(std::chrono::milliseconds(1), [this] {
        if (!guardian_->flushed()) return leave_when_told();
        loop_.stop();
    });
}

// The new program's part ------------------------------------------------------------------------------------------

void Server::begin_trial(const Restored& restored) {
    const auto found = restored.state.find("upgrade");
    const auto record = found == restored.state.end() ? Result<UpgradeRecord>(Error{}) : from_state_text<UpgradeRecord>(found->second);
    if (record.ok()) upgrade_ = record.value();
    const auto own = executable_folder();
    if (upgrade_.phase != UpgradePhase::Requested || !own.ok() || own.value() != upgrade_.to) return;
    upgrade_.phase = UpgradePhase::Running;
    upgrading_ = on_trial_ = true;
    note_upgrade(upgrade_);
}

void Server::continue_upgrade() {
    if (on_trial_) return replace_everything([this](const Outcome& outcome) { finish_upgrade(outcome); });
    const bool unfinished = upgrade_.phase == UpgradePhase::Requested || upgrade_.phase == UpgradePhase::Running || upgrade_.phase == UpgradePhase::Failing;
    if (unfinished) take_back_upgrade();
    others_->end();
}

// Whatever the program on trial has started makes room for processes of this one.
void Server::take_back_upgrade() {
    if (upgrade_.text.empty()) upgrade_.text = "the new supervisor ended before it was complete";
    upgrade_.phase = UpgradePhase::Failed;
    note_upgrade(upgrade_);
    output_.problem(fmt::format("osmia: the upgrade to {} is taken back: {}", upgrade_.to, upgrade_.text));
    replace_everything([this](const Outcome& outcome) {
        if (outcome.status != 0) output_.problem("osmia: " + outcome.text);
    });
}

void Server::replace_everything(Done done) {
    listeners_->replace([this, done](const Result<void>& replaced) {
        if (!replaced.ok()) return done({1, "the listener: " + replaced.error().message});
        replace_workers(done);
    });
}

void Server::replace_workers(Done done) {
    Accepted everything;
    for (auto& pool : pools_) {
        const bool starts_anew = others_->pools().contains(pool->record().pool_id);
        if (!starts_anew && !has_present_workers(*pool)) continue;
        if (!has_present_workers(*pool)) pool->work_waits();
        everything.pools.changed.push_back(pool->record().name);
    }
    recycle_changed(everything, true, done);
}

void Server::finish_upgrade(const Outcome& outcome) {
    if (shutting_down_) return;
    upgrade_.phase = outcome.status == 0 ? UpgradePhase::Done : UpgradePhase::Failing;
    upgrade_.text = outcome.status == 0 ? fmt::format("Osmia {} runs from {}", OSMIA_VERSION, upgrade_.to) : outcome.text;
    note_upgrade(upgrade_);
    if (outcome.status != 0) return leave_when_told();
    stay();
    output_.notice(upgrade_.text);
}

// From here on nothing is taken back.
void Server::stay() {
    upgrading_ = false;
    if (!std::exchange(on_trial_, false)) return;
    guardian_->stay();
    send_configuration(all_socket_keys());
    others_->end();
}

}  // namespace osmia::supervisor
