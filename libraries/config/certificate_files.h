/// \file
/// Where the certificate of an https binding is.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/server_configuration.h"

namespace osmia::config {

/// The files of one binding's certificate.
struct CertificateFiles {
    std::string file;
    std::string key_file;  ///< empty: the key is in `file`

    bool operator==(const CertificateFiles&) const = default;
};

/// The paths to look at for a binding without an entry in system.osmia/certificates: FOLDER/HOST.pem and FOLDER/HOST.pfx.
/// HOST is the host name ("_.example.org" for "*.example.org"), without one the address, for every address "default".
std::vector<std::string> certificate_candidates(const std::string& folder, const Binding& binding);

/// The binding's entry, else the first candidate that exists. NotFound names every path it looked for. Looks at the file
/// system, opens nothing.
Result<CertificateFiles> find_certificate(const ServerConfiguration& configuration, const Binding& binding);

/// One error for each https binding without certificate files.
Diagnostics check_certificates(const ServerConfiguration& configuration);

}  // namespace osmia::config
