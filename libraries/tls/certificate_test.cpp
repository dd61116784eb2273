#include "tls/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tls/test_certificates.h"

namespace osmia::tls {
namespace {

std::string problem_of(std::string_view file, std::string_view key = {}) {
    const auto read = Certificate::read(file, key);
    return read.ok() ? "" : read.error().message;
}

TEST(Certificate, ReadsCertificateAndKeyFromOneFileOrTwo) {
    const TestCertificate made = make_test_certificate("www.example.org");
    for (const auto& read : {Certificate::read(made.certificate + made.key, ""), Certificate::read(made.certificate, made.key)}) {
        ASSERT_TRUE(read.ok()) << read.error().message;
        const CertificateFacts& facts = read.value()->facts();
        EXPECT_EQ(facts.subject, "CN=www.example.org");
        EXPECT_EQ(facts.issuer, "CN=www.example.org");
        EXPECT_THAT(facts.names, testing::ElementsAre("www.example.org", "127.0.0.1"));
        EXPECT_EQ(facts.key, "EC 256");
        EXPECT_EQ(facts.key_bits, 256u);
        EXPECT_EQ(facts.not_after - facts.not_before, 91 * 86400);
        EXPECT_EQ(facts.fingerprint.size(), 64u);
    }
}

TEST(Certificate, ReadsAPfxWithoutPassword) {
    const TestCertificate made = make_test_certificate("pfx");
    const auto read = Certificate::read(make_pfx(made, ""), "");
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read.value()->facts().subject, "CN=pfx");
    EXPECT_THAT(problem_of(make_pfx(made, "secret")), testing::HasSubstr("password"));
}

TEST(Certificate, SaysWhatIsWrong) {
    const TestCertificate one = make_test_certificate("one"), two = make_test_certificate("two");
    EXPECT_THAT(problem_of(""), testing::HasSubstr("neither PEM nor PKCS#12"));
    EXPECT_THAT(problem_of("hello"), testing::HasSubstr("neither PEM nor PKCS#12"));
    EXPECT_THAT(problem_of(one.key), testing::HasSubstr("no certificate"));
    EXPECT_THAT(problem_of(one.certificate), testing::HasSubstr("no private key"));
    EXPECT_THAT(problem_of(one.certificate, two.key), testing::HasSubstr("another certificate's"));
    EXPECT_THAT(problem_of(one.certificate, with_password(one.key)), testing::HasSubstr("has a password"));
    EXPECT_THAT(problem_of(one.certificate.substr(0, 200) + "\n-----END CERTIFICATE-----\n"), testing::HasSubstr("no certificate"));
    EXPECT_THAT(problem_of(one.certificate + "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n" + one.key), testing::HasSubstr("damaged"));
}

TEST(Certificate, RefusesAWeakRsaKeyAndTakesTheSmallestThatIsNot) {
    const TestCertificate weak = make_rsa_test_certificate("weak", 1024), good = make_rsa_test_certificate("good", 2048);
    EXPECT_THAT(problem_of(weak.certificate, weak.key), testing::HasSubstr("1024 bits"));
    EXPECT_EQ(problem_of(good.certificate, good.key), "");
}

TEST(Certificate, HasALimitForItsChainAndItsFile) {
    const TestCertificate made = make_test_certificate("long");
    std::string chain = made.certificate;
    for (std::size_t i = 1; i < MaxChainLength; ++i) chain += made.certificate;
    EXPECT_EQ(problem_of(chain, made.key), "");
    EXPECT_THAT(problem_of(chain + made.certificate, made.key), testing::HasSubstr("more than 10"));
    std::string padded = made.certificate;
    padded.resize(MaxCertificateFile, '\n');
    EXPECT_EQ(problem_of(padded, made.key), "");
    EXPECT_THAT(problem_of(padded + "\n", made.key), testing::HasSubstr("larger than"));
}

}  // namespace
}  // namespace osmia::tls
