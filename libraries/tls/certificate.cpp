#include "tls/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tls/certificate_parts.h"

namespace osmia::tls {

namespace {

constexpr std::size_t MaxText = 256;
constexpr std::size_t MaxNames = 100;
/// RSA keys below this are broken (NIST SP 800-131A).
constexpr int MinRsaBits = 2048;

BioPointer memory_bio(std::string_view text) { return BioPointer(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

/// Called when a PEM key is encrypted: there is nobody to ask.
int no_password(char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
}

std::string printable(std::string text) {
    if (text.size() > MaxText) text.resize(MaxText);
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = '?';
    }
    return text;
}

std::string name_text(const X509_NAME* name) {
    const BioPointer out(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(out.get(), name, 0, (XN_FLAG_RFC2253 | XN_FLAG_SEP_CPLUS_SPC) & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB) & ~static_cast<unsigned long>(XN_FLAG_DN_REV));
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    return printable(size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string());
}

std::int64_t seconds_of(const ASN1_TIME* time) {
    int days = 0, seconds = 0;
    const std::unique_ptr<ASN1_TIME, Freeing<ASN1_TIME_free>> epoch(ASN1_TIME_set(nullptr, 0));
    if (ASN1_TIME_diff(&days, &seconds, epoch.get(), time) != 1) return 0;
    return std::int64_t{days} * 86400 + seconds;
}

std::string address_text(const ASN1_OCTET_STRING* bytes) {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    const int size = ASN1_STRING_length(bytes);
    if (size != 4 && size != 16) return {};
    ::inet_ntop(size == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(bytes), buffer.data(), buffer.size());
    return buffer.data();
}

void free_names(GENERAL_NAMES* names) { GENERAL_NAMES_free(names); }

std::vector<std::string> alternative_names(const X509* certificate) {
    std::vector<std::string> found;
    const std::unique_ptr<GENERAL_NAMES, Freeing<free_names>> names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    const int count = names == nullptr ? 0 : sk_GENERAL_NAME_num(names.get());
    for (int i = 0; i < count && found.size() < MaxNames; ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type == GEN_DNS) {
            found.push_back(printable(std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                                                  static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)))));
        } else if (name->type == GEN_IPADD) {
            if (std::string text = address_text(name->d.iPAddress); !text.empty()) found.push_back(std::move(text));
        }
    }
    return found;
}

std::string fingerprint_of(const X509* certificate) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    std::string text;
    if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return text;
    for (unsigned i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
    return text;
}

CertificateFacts facts_of(const X509* leaf, const EVP_PKEY* key) {
    CertificateFacts facts;
    facts.subject = name_text(X509_get_subject_name(leaf));
    facts.issuer = name_text(X509_get_issuer_name(leaf));
    facts.names = alternative_names(leaf);
    facts.not_before = seconds_of(X509_get0_notBefore(leaf));
    facts.not_after = seconds_of(X509_get0_notAfter(leaf));
    facts.key_bits = static_cast<std::uint32_t>(EVP_PKEY_get_bits(key));
    const char* type = EVP_PKEY_get0_type_name(key);
    facts.key = fmt::format("{} {}", type == nullptr ? "?" : type, facts.key_bits);
    facts.fingerprint = fingerprint_of(leaf);
    return facts;
}

Result<void> read_pem_chain(std::string_view text, Certificate::Parts& parts) {
    const BioPointer bio = memory_bio(text);
    while (X509* one = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
        CertificatePointer certificate(one);
        if (parts.leaf == nullptr) parts.leaf = std::move(certificate);
        else parts.chain.push_back(std::move(certificate));
        if (parts.chain.size() >= MaxChainLength) return make_error(ErrorKind::Invalid, "it has more than {} certificates", MaxChainLength);
    }
    const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (parts.leaf == nullptr) return make_error(ErrorKind::Invalid, "it holds no certificate");
    if (!at_end) return make_error(ErrorKind::Invalid, "a certificate in it is damaged");
    return {};
}

Result<void> read_pem_key(std::string_view text, Certificate::Parts& parts) {
    bool asked = false;
    const BioPointer bio = memory_bio(text);
    parts.key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, &asked));
    ERR_clear_error();
    if (asked) return make_error(ErrorKind::Invalid, "its private key has a password; store it without one");
    if (parts.key == nullptr) return make_error(ErrorKind::Invalid, "there is no private key");
    return {};
}

Result<void> read_pfx(std::string_view text, Certificate::Parts& parts) {
    const BioPointer bio = memory_bio(text);
    const std::unique_ptr<PKCS12, Freeing<PKCS12_free>> container(d2i_PKCS12_bio(bio.get(), nullptr));
    EVP_PKEY* key = nullptr;
    X509* leaf = nullptr;
    STACK_OF(X509)* rest = nullptr;
    const bool parsed = container != nullptr && PKCS12_parse(container.get(), "", &key, &leaf, &rest) == 1;
    parts.key.reset(key);
    parts.leaf.reset(leaf);
    while (rest != nullptr && sk_X509_num(rest) > 0) parts.chain.emplace_back(sk_X509_shift(rest));
    sk_X509_free(rest);
    ERR_clear_error();
    if (container == nullptr) return make_error(ErrorKind::Invalid, "it is neither PEM nor PKCS#12");
    if (!parsed) return make_error(ErrorKind::Invalid, "the PKCS#12 container has a password or an outdated encryption");
    if (parts.leaf == nullptr || parts.key == nullptr) return make_error(ErrorKind::Invalid, "the PKCS#12 container lacks a certificate or its key");
    if (parts.chain.size() >= MaxChainLength) return make_error(ErrorKind::Invalid, "it has more than {} certificates", MaxChainLength);
    return {};
}

Result<void> check_pair(const Certificate::Parts& parts) {
    if (X509_check_private_key(parts.leaf.get(), parts.key.get()) != 1) {
        ERR_clear_error();
        return make_error(ErrorKind::Invalid, "the private key is another certificate's");
    }
    const int bits = EVP_PKEY_get_bits(parts.key.get());
    if (EVP_PKEY_is_a(parts.key.get(), "RSA") && bits < MinRsaBits) {
        return make_error(ErrorKind::Invalid, "its RSA key has {} bits; {} is the least that is safe", bits, MinRsaBits);
    }
    return {};
}

}  // namespace

Certificate::~Certificate() = default;

Result<std::shared_ptr<const Certificate>> Certificate::read(std::string_view file, std::string_view key_file) {
    start_library();
    auto parts = std::make_unique<Parts>();
    if (file.size() > MaxCertificateFile || key_file.size() > MaxCertificateFile) {
        return make_error(ErrorKind::Invalid, "it is larger than {} bytes", MaxCertificateFile);
    }
    if (file.find("-----BEGIN ") != std::string_view::npos) {
        OSMIA_TRY_VOID(read_pem_chain(file, *parts));
        OSMIA_TRY_VOID(read_pem_key(key_file.empty() ? file : key_file, *parts));
    } else {
        OSMIA_TRY_VOID(read_pfx(file, *parts));
        if (!key_file.empty()) OSMIA_TRY_VOID(read_pem_key(key_file, *parts));
    }
    OSMIA_TRY_VOID(check_pair(*parts));
    std::shared_ptr<Certificate> made(new Certificate);
    made->facts_ = facts_of(parts->leaf.get(), parts->key.get());
    made->parts_ = std::move(parts);
    return std::shared_ptr<const Certificate>(std::move(made));
}

}  // namespace osmia::tls
