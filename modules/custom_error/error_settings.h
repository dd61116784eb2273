/// \file
/// <httpErrors> as the module wants it.
#pragma once

#include <osmia_host.h>

#include <string>
#include <vector>

namespace custom_error {

enum class ErrorMode { DetailedLocalOnly = 0, Custom = 1, Detailed = 2 };
enum class ExistingResponse { Auto = 0, Replace = 1, PassThrough = 2 };
enum class ResponseMode { File = 0, ExecuteUrl = 1, Redirect = 2 };

/// What a client gets instead of a bare error.
struct CustomResponse {
    ResponseMode mode = ResponseMode::File;
    std::string path;
    std::string language_folder;  ///< prefixLanguageFilePath
    bool delegated = false;       ///< a web.config says so
};

struct ErrorSettings {
    explicit ErrorSettings(const IOsmiaElement& section);

    /// The entry for the substatus, else that for every substatus, else the default; null when there is none.
    const CustomResponse* find(unsigned status, unsigned substatus) const;

    ErrorMode mode;
    ExistingResponse existing;
    std::string more_information_link;
    bool absolute_paths_when_delegated;

private:
    struct Entry {
        LONGLONG status, substatus;
        CustomResponse response;
    };
    std::vector<Entry> entries_;
    CustomResponse default_;
};

}  // namespace custom_error
