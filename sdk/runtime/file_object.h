/// \file
/// The object behind a file's HANDLE.
#pragma once

#include "handles.h"

namespace osmia::win32 {

/// Owns the descriptor of one open file.
class File : public Object {
public:
    explicit File(int descriptor) : descriptor_(descriptor) {}
    ~File() override;

    int descriptor() const { return descriptor_; }

private:
    const int descriptor_;
};

}  // namespace osmia::win32
