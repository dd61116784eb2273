/// \file
/// JSON from the server as text for people.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace osmia::command {

/// An aligned table of a list: one column per field of the objects, headed by the field's name in words. An empty list is
/// one sentence that names \a what. Control characters in values are replaced: they come from workers and clients.
std::string show_table(const nlohmann::ordered_json& list, const std::string& what);

/// One "name: value" line for each field of an object.
std::string show_object(const nlohmann::ordered_json& object);

}  // namespace osmia::command
