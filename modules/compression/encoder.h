/// \file
/// One stream of compressed bytes: gzip, deflate (zlib), br or zstd.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace compression {

class Encoder {
public:
    /// Null: the scheme is not known. \a level is IIS's 0 to 10, the fastest to the smallest.
    static std::unique_ptr<Encoder> create(std::string_view scheme, unsigned level);
    virtual ~Encoder() = default;

    enum class After {
        Nothing,  ///< more will come soon
        Flush,    ///< what was given must be readable by the client now
        End,      ///< that was all
    };
    /// Appends to \a out. False: the library failed; the stream is of no use.
    virtual bool encode(std::string_view bytes, After after, std::string& out) = 0;
};

}  // namespace compression
