/// \file
/// The exit statuses of `osmia`: a contract with scripts.
#pragma once

namespace osmia::command {

inline constexpr int Done = 0;
inline constexpr int Failed = 1;        ///< refused, or it did not work
inline constexpr int Usage = 2;         ///< the command line is wrong
inline constexpr int NoServer = 3;      ///< no server runs on the state folder
inline constexpr int NoSuchObject = 4;  ///< no pool or site of that name

}  // namespace osmia::command
