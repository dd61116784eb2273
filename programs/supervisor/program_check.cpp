#include "supervisor/program_check.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <memory>

#include "supervisor/process_watch.h"
#include "supervisor/spawn.h"
#include "supervisor/worker_death.h"

namespace osmia::supervisor {

namespace {

/// One check; keeps itself alive until it is done.
struct Check : std::enable_shared_from_this<Check> {
    Check(EventLoop& where, std::string program, std::string expected, std::function<void(Result<std::string>)> when_done)
        : loop(where), path(std::move(program)), name(std::move(expected)), done(std::move(when_done)) {}

    Result<void> start() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return errno_error("pipe");
        output.reset(ends[0]);
        const UniqueFd writer(ends[1]);
        SpawnRequest request;
        request.program = path;
        request.arguments = {"--version"};
        request.output = writer.get();
        auto spawned = OSMIA_TRY(spawn(request));
        watch = std::make_unique<ProcessWatch>(loop, spawned.pid, std::move(spawned.pidfd),
                                               [self = shared_from_this()](std::optional<int> status) { self->finish(status); });
        timer = loop.after(ProgramCheckLimit, [self = shared_from_this()] { self->watch->send_signal(SIGKILL); });
        return {};
    }

    void finish(std::optional<int> status) {
        loop.cancel(timer);
        const auto body = std::move(watch);
        char text[256] = {};
        const auto size = ::read(output.get(), text, sizeof text - 1);
        std::string line(text, static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
        line = line.substr(0, line.find('\n'));
        const Death death = status ? judge_death(*status) : unknown_death();
        const bool good = status == 0 && line.starts_with(name + " ");
        const auto result = good ? Result<std::string>(line.substr(name.size() + 1))
                                 : make_error(ErrorKind::Invalid, "{} --version: {}{}{}", path, death.words, line.empty() ? "" : ", ", line);
        loop.after({}, [body, tell = std::move(done), result] { tell(result); });
    }

    EventLoop& loop;
    std::string path, name;
    std::function<void(Result<std::string>)> done;
    UniqueFd output;
    std::shared_ptr<ProcessWatch> watch;
    EventLoop::TimerId timer = 0;
};

}  // namespace

void check_program(EventLoop& loop, const std::string& path, const std::string& name, std::function<void(Result<std::string>)> done) {
    const auto check = std::make_shared<Check>(loop, path, name, done);  // last owner: its own callbacks
    const auto started = check->start();
    if (!started.ok()) loop.after({}, [done, error = started.error()] { done(error); });
}

}  // namespace osmia::supervisor
