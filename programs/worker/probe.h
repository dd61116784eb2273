/// \file
/// `osmia-worker --probe FILE`: what a file is, found in a process that is thrown away.
#pragma once

#include <string>

namespace osmia::worker {

/// Prints lines of "name: value", among them each "problem". Maps and starts the object in a child process, whose death
/// is a finding too. The exit status: 0 when the worker could use it, 1 otherwise.
int probe(const std::string& file);

}  // namespace osmia::worker
