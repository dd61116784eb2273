/// \file
/// The pages of error statuses: small, readable, with the request's id.
#pragma once

#include <string>
#include <string_view>

#include "config/effective_configuration.h"

namespace osmia::worker {

class Exchange;

/// Gives the response, whose status is an error, a page as its body.
void add_error_page(Exchange& exchange);

/// What an administrator wants to know of a bad configuration file; only for clients on this machine.
std::string configuration_error_html(const config::ConfigurationError& error);

/// \a text with <, >, & and quotes made harmless.
std::string escape_html(std::string_view text);

/// IIS's wording of a status and substatus ("Forbidden: Execute Access Denied"); the plain reason phrase for
/// others.
std::string_view status_title(unsigned status, unsigned substatus);

}  // namespace osmia::worker
