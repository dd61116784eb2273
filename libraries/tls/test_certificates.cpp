#include "tls/test_certificates.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "base/result.h"
#include "tls/openssl_types.h"

namespace osmia::tls {

namespace {

std::string text_of(const BioPointer& bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

TestCertificate sign(const std::string& name, const KeyPointer& key, int days) {
    const CertificatePointer certificate(X509_new());
    X509* x = certificate.get();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 7);
    X509_gmtime_adj(X509_getm_notBefore(x), -86400);
    X509_gmtime_adj(X509_getm_notAfter(x), 86400L * days);
    X509_NAME* subject = X509_get_subject_name(x);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(x, subject);
    X509_set_pubkey(x, key.get());
    X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, ("DNS:" + name + ",IP:127.0.0.1").c_str());
    OSMIA_CHECK(names != nullptr, "a subjectAltName");
    X509_add_ext(x, names, -1);
    X509_EXTENSION_free(names);
    OSMIA_CHECK(X509_sign(x, key.get(), EVP_sha256()) > 0, "signing");
    const BioPointer pem(BIO_new(BIO_s_mem())), secret(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(pem.get(), x);
    PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return {text_of(pem), text_of(secret)};
}

KeyPointer read_key(const std::string& pem) {
    const BioPointer bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    return KeyPointer(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
}

}  // namespace

TestCertificate make_test_certificate(const std::string& name, int days) {
    start_library();
    return sign(name, KeyPointer(EVP_EC_gen("P-256")), days);
}

TestCertificate make_rsa_test_certificate(const std::string& name, int bits) {
    start_library();
    return sign(name, KeyPointer(EVP_RSA_gen(static_cast<unsigned>(bits))), 90);
}

std::string make_pfx(const TestCertificate& certificate, const char* password) {
    const KeyPointer key = read_key(certificate.key);
    const BioPointer bio(BIO_new_mem_buf(certificate.certificate.data(), static_cast<int>(certificate.certificate.size())));
    const CertificatePointer leaf(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    const std::unique_ptr<PKCS12, Freeing<PKCS12_free>> container(PKCS12_create(password, "test", key.get(), leaf.get(), nullptr, 0, 0, 0, 0, 0));
    const BioPointer out(BIO_new(BIO_s_mem()));
    i2d_PKCS12_bio(out.get(), container.get());
    return text_of(out);
}

std::string with_password(const std::string& pem) {
    const KeyPointer key = read_key(pem);
    const BioPointer out(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(out.get(), key.get(), EVP_aes_128_cbc(), reinterpret_cast<const unsigned char*>("secret"), 6, nullptr, nullptr);
    return text_of(out);
}

}  // namespace osmia::tls
