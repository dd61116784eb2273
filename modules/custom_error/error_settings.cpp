#include "custom_error/error_settings.h"

namespace custom_error {

ErrorSettings::ErrorSettings(const IOsmiaElement& section)
    : mode(static_cast<ErrorMode>(section.GetNumber("errorMode"))),
      existing(static_cast<ExistingResponse>(section.GetNumber("existingResponse"))),
      more_information_link(section.GetText("detailedMoreInformationLink")),
      absolute_paths_when_delegated(section.GetFlag("allowAbsolutePathsWhenDelegated") != FALSE) {
    default_ = {static_cast<ResponseMode>(section.GetNumber("defaultResponseMode")), section.GetText("defaultPath"), "",
                section.IsDelegated() != FALSE};
    for (DWORD i = 0; i < section.GetItemCount(); ++i) {
        const IOsmiaElement& item = section.GetItem(i);
        entries_.push_back({item.GetNumber("statusCode"),
                            item.GetNumber("subStatusCode"),
                            {static_cast<ResponseMode>(item.GetNumber("responseMode")), item.GetText("path"),
                             item.GetText("prefixLanguageFilePath"), item.IsDelegated() != FALSE}});
    }
}

const CustomResponse* ErrorSettings::find(unsigned status, unsigned substatus) const {
    const CustomResponse* any = nullptr;
    for (const Entry& entry : entries_) {
        if (entry.status != status) continue;
        if (entry.substatus == substatus) return &entry.response;
        if (entry.substatus == -1) any = &entry.response;
    }
    if (any != nullptr) return any;
    return default_.path.empty() ? nullptr : &default_;
}

}  // namespace custom_error
