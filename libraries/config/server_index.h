/// \file
/// Finds pools and sites of a configuration without a search.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace osmia::config {

/// Where things are in the lists of a ServerConfiguration: names in lower case.
struct ServerIndex {
    std::unordered_map<std::string, std::size_t> pools;
    std::unordered_map<std::string, std::size_t> sites;
    std::unordered_map<std::uint32_t, std::size_t> site_ids;
    std::unordered_map<std::string, std::vector<std::size_t>> sites_of_pool;  ///< the sites with an application in it
};

}  // namespace osmia::config
