/// \file
/// From a URL path to its application, virtual directory and file.
#pragma once

#include <string>
#include <string_view>

#include "config/server_configuration.h"

namespace osmia::config {

/// Where a URL path leads. The pointers live as long as the SiteConfiguration.
struct UrlMapping {
    const Application* application = nullptr;
    const VirtualDirectory* directory = nullptr;
    std::string physical_path;       ///< the directory's physicalPath and what follows it in the URL
    std::size_t application_length;  ///< bytes of the URL path that name the application; 0 for "/"
    std::size_t directory_length;    ///< bytes of the URL path that name application and virtual directory
};

/// Maps a normalised, decoded URL path ("/a/b"). The longest application path wins, then the longest virtual directory;
/// both compare without case and end at a '/'. A site always has "/" of both, so this cannot fail.
UrlMapping map_url(const SiteConfiguration& site, std::string_view url_path);

/// True when \a text and \a other are equal but for the case of ASCII letters: how configuration keys compare.
bool equals_ignoring_case(std::string_view text, std::string_view other);

}  // namespace osmia::config
