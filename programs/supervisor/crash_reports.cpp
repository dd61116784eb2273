#include "supervisor/crash_reports.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "supervisor/spawn.h"

namespace osmia::supervisor {

namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

/// Deaths of which listeners have told and nobody has asked.
constexpr std::size_t MaxToldDeaths = 256;

bool is_report_id(const std::string& id) {
    return !id.empty() && id.size() <= 40 && std::all_of(id.begin(), id.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); });
}

std::optional<Json> read_report(const fs::path& path) {
    const auto text = read_file(path, 2 * MaxCrashReportBytes);
    if (!text.ok()) return std::nullopt;
    Json report = Json::parse(text.value(), nullptr, false);
    if (!report.is_object()) return std::nullopt;
    return report;
}

}  // namespace

struct CrashReports::Job {
    CrashCase crash;
    std::string symbolized;
    UniqueFd output;
    std::unique_ptr<ProcessWatch> helper;  ///< null: done
    EventLoop::TimerId helper_timer = 0;
    EventLoop::TimerId requests_timer = 0;  ///< 0: nobody is waited for
};

CrashReports::~CrashReports() {
    for (auto& [id, job] : jobs_) {
        for (const auto timer : {job->helper_timer, job->requests_timer}) with_.loop.cancel(timer);
        if (job->output) with_.loop.remove(job->output);
    }
}

void CrashReports::begin(CrashCase crash) {
    if (jobs_.size() >= MaxReportsInWork) return with_.output.problem(crash.line);
    const auto job = std::make_shared<Job>();
    const std::uint64_t worker_id = crash.worker_id;
    job->crash = std::move(crash);
    jobs_[worker_id] = job;
    const auto symbolizing = symbolize(*job);
    if (!symbolizing.ok()) with_.output.problem("a crash report gets no stack: " + symbolizing.error().message);
    job->requests_timer = with_.loop.after(RequestsLimit, [this, one = job.get()] {
        one->requests_timer = 0;
        look(*one);
    });
    // From the loop: the caller is in the middle of the death.
    with_.loop.after({}, [this, job] { look(*job); });
}

Result<void> CrashReports::symbolize(Job& job) {
    if (!job.crash.note) return {};
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return errno_error("pipe");
    job.output.reset(ends[0]);
    const UniqueFd writer(ends[1]);
    ::fcntl(job.output.get(), F_SETFL, O_NONBLOCK);
    SpawnRequest request;
    request.program = with_.programs.symbolizer;
    request.input = job.crash.note.get();
    request.output = writer.get();
    request.identity = job.crash.identity;
    auto spawned = OSMIA_TRY(spawn(request));
    with_.loop.add(job.output, EPOLLIN, [this, &job](std::uint32_t) { read_output(job); });
    job.helper = std::make_unique<ProcessWatch>(with_.loop, spawned.pid, std::move(spawned.pidfd), [this, &job](std::optional<int>) {
        for (int i = 0; i < 8; ++i) read_output(job);
        std::shared_ptr<ProcessWatch> body = std::move(job.helper);
        with_.loop.after({}, [body] {});  // it is in the middle of a call to us
        look(job);
    });
    job.helper_timer = with_.loop.after(SymbolizerLimit, [&job] {
        job.helper_timer = 0;
        if (job.helper != nullptr) job.helper->send_signal(SIGKILL);
    });
    return {};
}

void CrashReports::read_output(Job& job) {
    char buffer[16 * 1024];
    const ssize_t size = job.output ? ::read(job.output.get(), buffer, sizeof buffer) : -1;
    if (size > 0 && job.symbolized.size() < MaxSymbolizerOutput) job.symbolized.append(buffer, static_cast<std::size_t>(size));
    if (size != 0) return;
    with_.loop.remove(job.output);
    job.output.reset();
}

CrashReports::Told& CrashReports::told_of(std::uint64_t worker_id) {
    const auto found = std::find_if(told_.begin(), told_.end(), [&](const auto& one) { return one.worker_id == worker_id; });
    if (found != told_.end()) return *found;
    if (told_.size() >= MaxToldDeaths) told_.pop_front();
    return told_.emplace_back(Told{worker_id, 0, {}});
}

void CrashReports::add(const wire::DeadWorkerRequests& message) {
    Told& told = told_of(message.worker_id);
    for (const auto& one : message.requests) {
        if (told.requests.size() < MaxReportedRequests) told.requests.push_back(one);
    }
    ++told.listeners;
    if (const auto found = jobs_.find(message.worker_id); found != jobs_.end()) look(*found->second);
}

// Stores it as soon as everything is there.
void CrashReports::look(Job& job) {
    const bool all_told = job.requests_timer == 0 || told_of(job.crash.worker_id).listeners >= with_.listeners();
    if (job.helper != nullptr || !all_told) return;
    const auto node = jobs_.extract(job.crash.worker_id);
    if (node.empty()) return;
    const auto body = node.mapped();
    for (const auto timer : {job.helper_timer, job.requests_timer}) with_.loop.cancel(timer);
    if (job.output) with_.loop.remove(job.output);
    finish(job);
    with_.loop.after({}, [body] {});
}

void CrashReports::finish(Job& job) {
    Told& told = told_of(job.crash.worker_id);
    const Json report = make_crash_report(job.crash.facts, job.symbolized, told.requests);
    std::erase_if(told_, [&](const auto& one) { return one.worker_id == job.crash.worker_id; });
    const auto stored = store(report);
    std::string line = job.crash.line + guilty_words(report);
    line += stored.ok() ? fmt::format(" (osmia show crash {})", job.crash.facts.id) : " (no crash report: " + stored.error().message + ")";
    with_.output.problem(line);
}

Result<void> CrashReports::store(const Json& report) {
    OSMIA_TRY_VOID(make_directories(with_.folder, 0750));
    const std::string path = fmt::format("{}/{}.json", with_.folder, report["id"].get<std::string>());
    OSMIA_TRY_VOID(replace_file(path, report.dump(1, ' ', false, Json::error_handler_t::replace) + "\n", 0640));
    remove_oldest();
    return {};
}

void CrashReports::remove_oldest() {
    struct Stored {
        fs::file_time_type time;
        fs::path path;
        std::size_t size;
    };
    std::vector<Stored> stored;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(with_.folder, ignored)) {
        if (entry.path().extension() == ".json") stored.push_back({entry.last_write_time(ignored), entry.path(), entry.file_size(ignored)});
    }
    std::sort(stored.begin(), stored.end(), [](const auto& a, const auto& b) { return a.time > b.time; });
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < stored.size(); ++i) {
        bytes += stored[i].size;
        if (i >= MaxCrashReports || bytes > MaxCrashFolderBytes) fs::remove(stored[i].path, ignored);
    }
}

Json CrashReports::list() const {
    std::vector<Json> reports;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(with_.folder, ignored)) {
        if (entry.path().extension() != ".json" || reports.size() > 2 * MaxCrashReports) continue;
        const auto report = read_report(entry.path());
        if (!report) continue;
        Json line;
        for (const char* field : {"time", "id", "pool", "pid", "death", "module", "function"}) line[field] = report->value(field, Json(""));
        line["requests"] = report->value("requests", Json::array()).size();
        reports.push_back(std::move(line));
    }
    std::sort(reports.begin(), reports.end(), [](const Json& a, const Json& b) { return a["time"].dump() > b["time"].dump(); });
    return reports;
}

std::optional<Json> CrashReports::find(const std::string& id) const {
    if (!is_report_id(id)) return std::nullopt;
    return read_report(fmt::format("{}/{}.json", with_.folder, id));
}

}  // namespace osmia::supervisor
