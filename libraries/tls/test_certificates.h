/// \file
/// Certificates made while a test runs. For tests only.
#pragma once

#include <string>

namespace osmia::tls {

/// A self-signed certificate in PEM.
struct TestCertificate {
    std::string certificate;
    std::string key;
};

/// One for \a name (also as DNS name) with an EC key, valid from yesterday for \a days.
TestCertificate make_test_certificate(const std::string& name, int days = 90);
/// The same with an RSA key.
TestCertificate make_rsa_test_certificate(const std::string& name, int bits);
/// Both in one PKCS#12 container.
std::string make_pfx(const TestCertificate& certificate, const char* password);
/// The key, encrypted with a password.
std::string with_password(const std::string& key);

}  // namespace osmia::tls
