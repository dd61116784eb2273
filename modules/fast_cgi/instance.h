/// \file
/// One process of an application, with the socket that it listens on.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>

#include "fast_cgi/application_settings.h"
#include "gateway/child_process.h"

namespace fast_cgi {

/// A connected, non-blocking socket to \a address ("unix:PATH", "tcp:HOST:PORT"); -1 with errno set.
int connect_to(const std::string& address);

/// A process; its destruction is its end. Used by one request at a time.
class Instance {
public:
    /// Null: it could not be started; \a error says why.
    static std::unique_ptr<Instance> start(const ApplicationSettings& settings, unsigned generation, std::string& error);
    ~Instance();
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    /// A connection for one request; -1 with errno set.
    int connect() const { return connect_to(address_); }
    bool has_ended() { return process_->has_ended(); }
    void ask_to_end() { process_->ask_to_end(); }

    const unsigned generation;  ///< of the monitored file
    unsigned requests = 0;
    std::chrono::steady_clock::time_point idle_since;

private:
    Instance(unsigned number, std::unique_ptr<gateway::ChildProcess> process, std::string address)
        : generation(number), process_(std::move(process)), address_(std::move(address)) {}

    std::unique_ptr<gateway::ChildProcess> process_;
    std::string address_;
};

}  // namespace fast_cgi
