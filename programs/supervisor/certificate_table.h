/// \file
/// The certificate files of https bindings: opened here, read by the listener alone.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "config/certificate_files.h"
#include "wire/supervisor_to_listener.h"

namespace osmia::supervisor {

/// Knows each https binding by its text and gives it a number for the listener, the same for as long as this supervisor
/// runs; \a first_id keeps the numbers of two supervisors apart. One thread.
class CertificateTable {
public:
    explicit CertificateTable(std::uint32_t first_id = 1) : next_id_(first_id) {}

    struct Entry {
        std::uint32_t id = 0;
        std::string binding;  ///< as format_binding_information() writes it
        std::string site;
        config::CertificateFiles files;
        wire::SnapshotCertificate settings;
        std::string problem;      ///< why the files cannot be found or opened; empty: they can
        std::string seen;         ///< what the files looked like when they were last opened
    };

    /// Makes the entries those of the configuration's https bindings.
    void configure(const config::ServerConfiguration& configuration);
    const std::vector<Entry>& entries() const { return entries_; }
    const Entry* find(std::uint32_t id) const;
    /// The number of a binding; 0: it is not an https binding.
    std::uint32_t id_of(const std::string& binding) const;

    /// Opens every entry's files and gives them to \a send, which must not keep the descriptors. Afterwards problem tells
    /// which could not be opened.
    void open_all(const std::function<void(const wire::SnapshotCertificate&, std::vector<int> fds)>& send);
    /// True once after files changed and then stayed the same from one call to the next: whoever writes two of them is
    /// done by then.
    bool have_changed();

private:
    static Result<UniqueFd> open_file(const std::string& path);
    static std::string look_at(const config::CertificateFiles& files);

    std::vector<Entry> entries_;
    std::map<std::string, std::uint32_t> ids_;
    std::uint32_t next_id_;
    std::string changing_;  ///< what the files looked like at the last have_changed(), if not as at the last open_all()
};

}  // namespace osmia::supervisor
