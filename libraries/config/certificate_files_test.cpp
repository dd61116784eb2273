#include "config/certificate_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/files.h"
#include "config/binding_information.h"

namespace osmia::config {
namespace {

Binding https(const char* text) {
    Binding binding = parse_binding_information(text).value();
    binding.protocol = "https";
    return binding;
}

TEST(CertificateCandidates, AreNamedByTheHost) {
    EXPECT_THAT(certificate_candidates("/c", https("*:443:www.example.org")), testing::ElementsAre("/c/www.example.org.pem", "/c/www.example.org.pfx"));
    EXPECT_THAT(certificate_candidates("/c", https("*:443:*.example.org")), testing::ElementsAre("/c/_.example.org.pem", "/c/_.example.org.pfx"));
    EXPECT_THAT(certificate_candidates("/c", https("127.0.0.1:443:")), testing::ElementsAre("/c/127.0.0.1.pem", "/c/127.0.0.1.pfx"));
    EXPECT_THAT(certificate_candidates("/c", https("*:443:")), testing::ElementsAre("/c/default.pem", "/c/default.pfx"));
}

class CertificateFilesTest : public testing::Test {
protected:
    CertificateFilesTest() {
        char name[] = "/tmp/osmia-certificates-XXXXXX";
        folder = ::mkdtemp(name);
    }
    ~CertificateFilesTest() override { std::filesystem::remove_all(folder); }
    LoadedServerConfiguration load(const std::string& bindings, const std::string& certificates) {
        return load_server_configuration_text("<configuration><system.applicationHost><applicationPools><add name='P'/></applicationPools><sites>"
                                              "<site name='S' id='1'><bindings>\n" + bindings + "\n</bindings><application path='/' applicationPool='P'>"
                                              "<virtualDirectory path='/' physicalPath='/srv'/></application></site></sites></system.applicationHost>"
                                              "<system.osmia><certificates folder='" + folder + "'>\n" + certificates + "\n</certificates></system.osmia></configuration>", "test.config");
    }
    std::string folder;
};

constexpr const char* Www = R"(<binding protocol="https" bindingInformation="*:443:www.example.org"/>)";

TEST_F(CertificateFilesTest, TheErrorNamesThePathsItLookedForAndTheBindingsLine) {
    const auto loaded = load(Www, "");
    ASSERT_TRUE(loaded.configuration.has_value()) << loaded.diagnostics.front().message;
    const auto missing = check_certificates(*loaded.configuration);
    ASSERT_EQ(missing.size(), 1u);
    EXPECT_EQ(missing[0].line, 2u);
    EXPECT_THAT(missing[0].message, testing::AllOf(testing::HasSubstr(folder + "/www.example.org.pem"), testing::HasSubstr(folder + "/www.example.org.pfx")));
}

TEST_F(CertificateFilesTest, PemComesBeforePfx) {
    const auto loaded = load(Www, "");
    const Binding& binding = loaded.configuration->sites[0].bindings[0];
    ASSERT_TRUE(replace_file(folder + "/www.example.org.pfx", "x").ok());
    EXPECT_EQ(find_certificate(*loaded.configuration, binding).value().file, folder + "/www.example.org.pfx");
    ASSERT_TRUE(replace_file(folder + "/www.example.org.pem", "x").ok());
    EXPECT_EQ(find_certificate(*loaded.configuration, binding).value().file, folder + "/www.example.org.pem");
    EXPECT_TRUE(check_certificates(*loaded.configuration).empty());
}

TEST_F(CertificateFilesTest, AnEntryOfItsOwnComesFirstAndItsFilesMustExist) {
    ASSERT_TRUE(replace_file(folder + "/www.example.org.pem", "x").ok());
    const auto loaded = load(Www, "<add binding=':443:WWW.example.org' file='/nowhere/c.pem' keyFile='/nowhere/k.pem'/>");
    ASSERT_TRUE(loaded.configuration.has_value());
    EXPECT_TRUE(loaded.diagnostics.empty());
    EXPECT_THAT(check_certificates(*loaded.configuration).at(0).message, testing::HasSubstr("no file /nowhere/c.pem"));
}

TEST_F(CertificateFilesTest, AnEntryForNoBindingIsAWarningAndOneThatIsNoneAnError) {
    const auto unknown = load(Www, "<add binding='*:443:ww.example.org' file='/c.pem'/>");
    ASSERT_TRUE(unknown.configuration.has_value());
    EXPECT_THAT(unknown.diagnostics.at(0).message, testing::HasSubstr("did you mean '*:443:www.example.org'?"));
    EXPECT_FALSE(load(Www, "<add binding='www' file='/c.pem'/>").configuration.has_value());
}

TEST_F(CertificateFilesTest, SslFlagsAreChecked) {
    const auto flags = [](const std::string& protocol, const std::string& information, int value) {
        return "<binding protocol='" + protocol + "' bindingInformation='" + information + "' sslFlags='" + std::to_string(value) + "'/>";
    };
    EXPECT_TRUE(load(flags("https", "*:443:a", 1 + 4 + 32), "").configuration.has_value());
    EXPECT_FALSE(load(flags("https", "*:443:", 1), "").configuration.has_value());
    EXPECT_FALSE(load(flags("https", "*:443:a", 128), "").configuration.has_value());
    const auto plain = load(flags("http", "*:80:a", 4), "");
    ASSERT_TRUE(plain.configuration.has_value());
    EXPECT_THAT(plain.diagnostics.at(0).message, testing::HasSubstr("no effect on an http binding"));
}

TEST_F(CertificateFilesTest, HttpAndHttpsDoNotShareAPort) {
    const char* plain = R"(<binding protocol="http" bindingInformation="127.0.0.1:443:other"/>)";
    EXPECT_FALSE(load(std::string(Www) + plain, "").configuration.has_value());
    const char* own = R"(<binding protocol="https" bindingInformation="127.0.0.2:8443:"/><binding protocol="http" bindingInformation="127.0.0.1:8443:"/>)";
    EXPECT_TRUE(load(own, "").configuration.has_value()) << "different addresses";
}

}  // namespace
}  // namespace osmia::config
