#include "supervisor/certificate_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/files.h"
#include "config/binding_information.h"

namespace osmia::supervisor {
namespace {

class CertificateTableTest : public testing::Test {
protected:
    CertificateTableTest() {
        char name[] = "/tmp/osmia-certificates-XXXXXX";
        folder = ::mkdtemp(name);
        configuration.certificate_folder = folder;
        config::SiteConfiguration site;
        site.name = "Main";
        for (const char* text : {"127.0.0.1:443:a.example.org", "127.0.0.1:443:b.example.org"}) {
            auto binding = config::parse_binding_information(text).value();
            binding.protocol = "https";
            site.bindings.push_back(binding);
        }
        site.bindings.push_back(config::parse_binding_information("*:80:").value());
        configuration.sites.push_back(site);
    }
    ~CertificateTableTest() override { std::filesystem::remove_all(folder); }
    void put(const std::string& name, const std::string& text) { ASSERT_TRUE(replace_file(folder + "/" + name, text).ok()); }
    /// The text of each file that was given away, by number.
    std::map<std::uint32_t, std::string> opened() {
        std::map<std::uint32_t, std::string> found;
        table.open_all([&](const wire::SnapshotCertificate& settings, const std::vector<int>& fds) {
            for (const int fd : fds) {
                char buffer[64];
                found[settings.certificate_id] += std::string(buffer, static_cast<std::size_t>(::read(fd, buffer, sizeof buffer)));
            }
        });
        return found;
    }

    std::string folder;
    config::ServerConfiguration configuration;
    CertificateTable table{100};
};

TEST_F(CertificateTableTest, OpensTheFilesOfHttpsBindingsAndKeepsTheirNumbers) {
    put("a.example.org.pem", "A");
    put("b.example.org.pem", "B");
    table.configure(configuration);
    EXPECT_EQ(table.entries().size(), 2u);
    EXPECT_EQ(table.id_of("127.0.0.1:443:a.example.org"), 100u);
    EXPECT_EQ(table.id_of("127.0.0.1:443:b.example.org"), 101u);
    EXPECT_EQ(table.id_of("*:80:"), 0u);
    EXPECT_THAT(opened(), testing::UnorderedElementsAre(testing::Pair(100, "A"), testing::Pair(101, "B")));
    configuration.sites[0].bindings.erase(configuration.sites[0].bindings.begin());
    table.configure(configuration);
    EXPECT_EQ(table.id_of("127.0.0.1:443:b.example.org"), 101u);
}

TEST_F(CertificateTableTest, SaysWhichFileCannotBeOpened) {
    put("a.example.org.pem", "A");
    ASSERT_EQ(::mkfifo((folder + "/b.example.org.pem").c_str(), 0600), 0);
    table.configure(configuration);
    EXPECT_THAT(opened(), testing::ElementsAre(testing::Pair(100, "A")));
    EXPECT_THAT(table.find(101)->problem, testing::HasSubstr("not a regular file"));
}

TEST_F(CertificateTableTest, SendsTheKeyBehindTheCertificate) {
    put("one.pem", "C");
    put("two.pem", "K");
    configuration.certificates = {{"127.0.0.1:443:a.example.org", folder + "/one.pem", folder + "/two.pem"}};
    table.configure(configuration);
    EXPECT_EQ(opened()[100], "CK");
}

TEST_F(CertificateTableTest, SeesAChangeOnceItHasSettled) {
    put("a.example.org.pem", "A");
    put("b.example.org.pem", "B");
    table.configure(configuration);
    opened();
    EXPECT_FALSE(table.have_changed());
    put("a.example.org.pem", "new");
    EXPECT_FALSE(table.have_changed()) << "the first look";
    put("b.example.org.pem", "newer");
    EXPECT_FALSE(table.have_changed()) << "still changing";
    EXPECT_TRUE(table.have_changed());
    opened();
    EXPECT_FALSE(table.have_changed());
}

TEST_F(CertificateTableTest, CarriesSslFlagsAlong) {
    configuration.sites[0].bindings[0].ssl_flags = config::ssl_flag::DisableHttp2;
    configuration.sites[0].bindings[1].ssl_flags = config::ssl_flag::DisableTls13;
    table.configure(configuration);
    EXPECT_FALSE(table.entries()[0].settings.http2);
    EXPECT_TRUE(table.entries()[0].settings.tls13);
    EXPECT_TRUE(table.entries()[1].settings.http2);
    EXPECT_FALSE(table.entries()[1].settings.tls13);
}

}  // namespace
}  // namespace osmia::supervisor
