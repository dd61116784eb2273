/// \file
/// The access logs of all sites: from an exchange that has ended to its line.
#pragma once

#include <memory>
#include <string>

#include "listener/exchange.h"
#include "listener/log_files.h"

namespace osmia::listener {

/// Reactor's thread only. \a files must outlive it.
class AccessLog {
public:
    explicit AccessLog(LogFiles& files);

    /// Sites with a log get one; the others' end.
    void set_snapshot(std::shared_ptr<const RoutingSnapshot> snapshot);
    /// Writes the line of an exchange whose worker and client are both through with it.
    void write(const Exchange& exchange);

private:
    LogFiles& files_;
    std::shared_ptr<const RoutingSnapshot> snapshot_;
    std::string computer_;
    std::string line_;
};

/// Copies the response fields that the site's custom columns ask for; the head they stand in is gone when the line is written.
void keep_logged_fields(Exchange& exchange, const wire::ResponseHeadView& head);

/// The server variables that a custom column may name: what the listener itself knows of a request. HTTP_NAME is the
/// request field NAME. Empty when unknown. \a memory holds what has to be composed.
std::string_view logged_variable(const Exchange& exchange, std::string_view name, std::string& memory);

}  // namespace osmia::listener
