#include "tls/session.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <cstring>
#include <map>

#include "tls/openssl_types.h"
#include "tls/test_certificates.h"

namespace osmia::tls {
namespace {

/// Bytes on their way, in pieces of at most `step`.
struct Pipe final : ByteStream {
    std::string to_server, to_client;
    std::size_t step = 1 << 20;
    bool ended = false;
    std::ptrdiff_t read_encrypted(std::span<char> target) override {
        const std::size_t size = std::min({target.size(), to_server.size(), step});
        if (size == 0) return ended ? 0 : -1;
        std::memcpy(target.data(), to_server.data(), size);
        to_server.erase(0, size);
        return static_cast<std::ptrdiff_t>(size);
    }
    void write_encrypted(std::span<const char> bytes) override { to_client.append(bytes.data(), bytes.size()); }
};

struct Names final : ContextChooser {
    std::map<std::string, std::shared_ptr<const ServerContext>, std::less<>> contexts;
    std::shared_ptr<const ServerContext> choose_context(std::string_view name) override {
        const auto found = contexts.find(name);
        return found == contexts.end() ? nullptr : found->second;
    }
};

/// OpenSSL's client over memory.
class TestClient {
public:
    explicit TestClient(const char* name = nullptr, SSL_SESSION* session = nullptr) : context_(SSL_CTX_new(TLS_client_method())) {
        // So that only the server's policy is in the way.
        SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
        SSL_CTX_set_cipher_list(context_.get(), "ALL:@SECLEVEL=0");
        ssl_.reset(SSL_new(context_.get()));
        SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        SSL_set_connect_state(ssl_.get());
        if (name != nullptr) SSL_set_tlsext_host_name(ssl_.get(), name);
        if (session != nullptr) SSL_set_session(ssl_.get(), session);
    }
    SSL* ssl() { return ssl_.get(); }
    void set_alpn(std::string_view list) { SSL_set_alpn_protos(ssl(), reinterpret_cast<const unsigned char*>(list.data()), static_cast<unsigned>(list.size())); }
    void exchange(Pipe& pipe) {
        BIO_write(SSL_get_rbio(ssl()), pipe.to_client.data(), static_cast<int>(pipe.to_client.size()));
        pipe.to_client.clear();
        if (SSL_is_init_finished(ssl()) != 1) SSL_do_handshake(ssl());
        ERR_clear_error();
        take_output(pipe);
    }
    void take_output(Pipe& pipe) {
        char buffer[4096];
        for (int size; (size = BIO_read(SSL_get_wbio(ssl()), buffer, sizeof buffer)) > 0;) pipe.to_server.append(buffer, static_cast<std::size_t>(size));
    }
    std::string read() {
        char buffer[65536];
        const int size = SSL_read(ssl(), buffer, sizeof buffer);
        ERR_clear_error();
        return size > 0 ? std::string(buffer, static_cast<std::size_t>(size)) : std::string();
    }

private:
    ContextPointer context_;
    SslPointer ssl_;
};

class SessionTest : public testing::Test {
protected:
    SessionTest() {
        const TestCertificate made = make_test_certificate("www.example.org");
        certificate = Certificate::read(made.certificate, made.key).value();
        add("", {});
        add("www.example.org", {});
    }
    void add(const std::string& name, const ContextOptions& options) { names.contexts[name] = ServerContext::create(certificate, keys, options).value(); }
    /// The handshake; what the session's last read said.
    Session::Outcome shake(Session& session, TestClient& client) {
        Session::Outcome outcome;
        char buffer[64];
        for (int round = 0; round < 2000; ++round) {
            client.exchange(pipe);
            outcome = session.read(buffer);
            if (outcome.state == Session::State::Failed) break;
            if (session.is_established() && SSL_is_init_finished(client.ssl()) == 1 && pipe.to_server.empty()) break;
        }
        client.exchange(pipe);
        return outcome;
    }

    TicketKeys keys{0};
    SessionFactory factory{keys};
    std::shared_ptr<const Certificate> certificate;
    Names names;
    Pipe pipe;
};

TEST_F(SessionTest, CarriesBytesBothWays) {
    Session session(factory, names, pipe);
    TestClient client("www.example.org");
    shake(session, client);
    ASSERT_TRUE(session.is_established()) << session.failure();
    SSL_write(client.ssl(), "hello", 5);
    client.take_output(pipe);
    char buffer[64];
    const auto read = session.read(buffer);
    EXPECT_EQ(std::string_view(buffer, read.size), "hello");
    EXPECT_EQ(session.write(std::string_view("answer")).size, 6u);
    client.exchange(pipe);
    EXPECT_EQ(client.read(), "answer");
    const SessionFacts facts = session.facts();
    EXPECT_EQ(facts.protocol, "TLSv1.3");
    EXPECT_EQ(facts.server_name, "www.example.org");
    EXPECT_GE(facts.cipher_bits, 128u);
    EXPECT_FALSE(facts.http2);
    EXPECT_FALSE(facts.resumed);
}

TEST_F(SessionTest, TakesAGreetingByteByByte) {
    pipe.step = 1;
    Session session(factory, names, pipe);
    TestClient client("WWW.Example.ORG");
    shake(session, client);
    EXPECT_TRUE(session.is_established()) << session.failure();
    EXPECT_EQ(session.facts().server_name, "www.example.org");
}

TEST_F(SessionTest, RefusesANameThatNobodyHas) {
    Session session(factory, names, pipe);
    TestClient client("other.example.org");
    EXPECT_EQ(shake(session, client).state, Session::State::Failed);
    EXPECT_FALSE(session.is_established());
    EXPECT_NE(session.failure(), "");
    char buffer[8];
    EXPECT_EQ(session.read(buffer).state, Session::State::Failed) << "and stays failed";
}

TEST_F(SessionTest, PrefersHttp2WhereTheBindingAllowsIt) {
    add("one.example.org", {.http2 = false, .tls13 = true});
    const struct { const char* name; std::string_view offered, chosen; } cases[] = {
        {"www.example.org", std::string_view("\x08http/1.1\x02h2"), "h2"},
        {"www.example.org", "\x08http/1.1", "http/1.1"},
        {"one.example.org", std::string_view("\x02h2\x08http/1.1"), "http/1.1"},
        {"www.example.org", "\x03" "h3x", ""},
        {"one.example.org", "\x02h2", ""},
    };
    for (const auto& test : cases) {
        Pipe fresh;
        std::swap(pipe, fresh);
        Session session(factory, names, pipe);
        TestClient client(test.name);
        client.set_alpn(test.offered);
        shake(session, client);
        const unsigned char* data = nullptr;
        unsigned size = 0;
        SSL_get0_alpn_selected(client.ssl(), &data, &size);
        EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(data), size), test.chosen);
        EXPECT_EQ(session.is_established(), !test.chosen.empty());
        if (session.is_established()) {
            EXPECT_EQ(session.facts().http2, test.chosen == "h2");
        }
    }
}

TEST_F(SessionTest, SpeaksTls12And13Only) {
    add("old.example.org", {.http2 = true, .tls13 = false});
    const struct { const char* name; int version; const char* spoken; } cases[] = {
        {"www.example.org", TLS1_3_VERSION, "TLSv1.3"}, {"www.example.org", TLS1_2_VERSION, "TLSv1.2"},
        {"www.example.org", TLS1_1_VERSION, ""},        {"www.example.org", TLS1_VERSION, ""},
        {"old.example.org", TLS1_3_VERSION, ""},        {"old.example.org", TLS1_2_VERSION, "TLSv1.2"},
    };
    for (const auto& test : cases) {
        pipe = Pipe{};
        Session session(factory, names, pipe);
        TestClient client(test.name);
        SSL_set_min_proto_version(client.ssl(), test.version);
        SSL_set_max_proto_version(client.ssl(), test.version);
        shake(session, client);
        EXPECT_EQ(session.is_established() ? session.facts().protocol : "", test.spoken) << test.version;
    }
}

TEST_F(SessionTest, OffersNoSuiteWithoutForwardSecrecyOrAuthenticatedEncryption) {
    for (const char* suite : {"AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA256", "DHE-RSA-AES128-GCM-SHA256", "AECDH-NULL-SHA"}) {
        pipe = Pipe{};
        Session session(factory, names, pipe);
        TestClient client("www.example.org");
        SSL_set_max_proto_version(client.ssl(), TLS1_2_VERSION);
        SSL_set_cipher_list(client.ssl(), suite);
        shake(session, client);
        EXPECT_FALSE(session.is_established()) << suite;
    }
}

/// The session that a client can come back with.
SSL_SESSION* resumable(Session& session, TestClient& client, Pipe& pipe) {
    (void)session.write(std::string_view("x"));
    client.exchange(pipe);
    client.read();
    SSL_set_shutdown(client.ssl(), SSL_SENT_SHUTDOWN);  // else freeing it forbids the session's use
    return SSL_get1_session(client.ssl());
}

TEST_F(SessionTest, ResumesUntilItsKeyHasGoneTwice) {
    SSL_SESSION* ticket = nullptr;
    {
        Session session(factory, names, pipe);
        TestClient client("www.example.org");
        shake(session, client);
        ticket = resumable(session, client, pipe);
    }
    const auto resumes = [&](const char* name) {
        pipe = Pipe{};
        Session session(factory, names, pipe);
        TestClient client(name, ticket);
        shake(session, client);
        EXPECT_TRUE(session.is_established()) << session.failure();
        SSL_set_shutdown(client.ssl(), SSL_SENT_SHUTDOWN);
        return session.facts().resumed;
    };
    EXPECT_TRUE(resumes("www.example.org"));
    keys.rotate(TicketKeySeconds);
    EXPECT_TRUE(resumes("www.example.org"));
    keys.rotate(2 * TicketKeySeconds);
    EXPECT_FALSE(resumes("www.example.org"));
    SSL_SESSION_free(ticket);
}

TEST_F(SessionTest, ATicketOfOneCertificateIsNothingToAnother) {
    SSL_SESSION* ticket = nullptr;
    {
        Session session(factory, names, pipe);
        TestClient client("www.example.org");
        shake(session, client);
        ticket = resumable(session, client, pipe);
    }
    const TestCertificate made = make_test_certificate("other");
    certificate = Certificate::read(made.certificate, made.key).value();
    add("www.example.org", {});
    pipe = Pipe{};
    Session session(factory, names, pipe);
    TestClient client("www.example.org", ticket);
    shake(session, client);
    EXPECT_TRUE(session.is_established()) << session.failure();
    EXPECT_FALSE(session.facts().resumed);
    SSL_SESSION_free(ticket);
}

TEST_F(SessionTest, SaysAndHearsCloseNotify) {
    Session session(factory, names, pipe);
    TestClient client("www.example.org");
    shake(session, client);
    SSL_shutdown(client.ssl());
    client.take_output(pipe);
    char buffer[8];
    EXPECT_EQ(session.read(buffer).state, Session::State::Closed);
    session.shut_down();
    client.exchange(pipe);
    client.read();
    EXPECT_EQ(SSL_get_shutdown(client.ssl()) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
}

TEST_F(SessionTest, EndsWithAnAlertOnADamagedRecord) {
    Session session(factory, names, pipe);
    TestClient client("www.example.org");
    shake(session, client);
    SSL_write(client.ssl(), "hello", 5);
    client.take_output(pipe);
    pipe.to_server.back() = static_cast<char>(pipe.to_server.back() ^ 1);
    char buffer[8];
    pipe.to_client.clear();
    EXPECT_EQ(session.read(buffer).state, Session::State::Failed);
    EXPECT_NE(pipe.to_client, "") << "the alert";
}

TEST_F(SessionTest, RefusesAPlainRequest) {
    Session session(factory, names, pipe);
    pipe.to_server = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    char buffer[8];
    EXPECT_EQ(session.read(buffer).state, Session::State::Failed);
}

}  // namespace
}  // namespace osmia::tls
