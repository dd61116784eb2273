/// \file
/// What the supervisor keeps of a pool's extensions, and what the helper that reads them tells it.
///
/// STATE/extensions/POOL-ID/manifest names the last good copies; each file's bytes lie beside it, named by their SHA-256.
/// The supervisor writes there, the pool's identity reads: a worker can neither add nor change a copy, and looks whether
/// the bytes have their name.
#pragma once

#include "wire/message_codec.h"

namespace osmia::wire {

/// The name of the manifest in a pool's folder.
inline constexpr const char* ExtensionManifestName = "manifest";
/// An extension with the libraries from its folder: at most so many files, so large together.
inline constexpr std::size_t MaxExtensionFiles = 64;
inline constexpr std::size_t MaxExtensionBytes = std::size_t{256} << 20;
/// Extensions of one pool whose copies are kept.
inline constexpr std::size_t MaxStoredExtensions = 1024;

/// One file as it was: the deployed path and the SHA-256 of its bytes.
struct StoredFile {
    std::string path;
    std::string hash;
    void fields(auto& archive) { archive(path); archive(hash); }
    bool operator==(const StoredFile&) const = default;
};

/// An extension with what it brings along; files[0] is the extension itself.
struct StoredExtension {
    std::vector<StoredFile> files;
    std::vector<StoredFile> refused;  ///< what lies at these paths now and cannot be loaded
    void fields(auto& archive) { archive(files); archive(refused); }
};

struct ExtensionManifest {
    std::vector<StoredExtension> extensions;
    void fields(auto& archive) { archive(extensions); }

    const StoredExtension* find(const std::string& file) const {
        for (const auto& one : extensions) {
            if (!one.files.empty() && one.files.front().path == file) return &one;
        }
        return nullptr;
    }
};

using ExtensionManifestFile = std::variant<ExtensionManifest>;

/// One file of an extension that was read (one descriptor: a sealed memfd with its bytes). The first is the extension.
struct CollectedFile {
    std::string path;
    std::string hash;
    void fields(auto& archive) { archive(path); archive(hash); }
};

enum class CollectResult : std::uint8_t { Good, CannotLoad, Missing, Last = Missing };

/// The end: what a throw-away process found when it loaded the files that were sent.
struct Collected {
    CollectResult result = CollectResult::Missing;
    std::string text;
    void fields(auto& archive) { archive(result); archive(text); }
};

/// Helper → supervisor. Written under the pool's identity: hostile.
using CollectorToSupervisor = std::variant<CollectedFile, Collected>;

/// Whether a text is the name of stored bytes and nothing else.
inline bool is_hash(const std::string& text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace osmia::wire
