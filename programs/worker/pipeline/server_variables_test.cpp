#include "worker/pipeline/server_variables.h"

#include <gtest/gtest.h>

#include "worker/core_fixture.h"

namespace osmia::worker {
namespace {

class ServerVariables : public testing::Test {
protected:
    ServerVariables() {
        sites.site.id = 7;
        sites.site.name = "Shop";
        sites.site.applications[0].virtual_directories[0].physical_path = "/srv/shop";
        config::Application application;
        application.path = "/app";
        application.virtual_directories.push_back({"/", "/srv/app", "", true});
        sites.site.applications.push_back(application);
        request.site_id = 7;
        request.target = "/app/x.php/tail/info?a=b%20c";
        request.host = "shop.example";
        request.local_port = 8080;
        request.headers = {{"Host", "shop.example:8080"},
                           {"Accept", "text/html"},
                           {"X_Odd-Name", "odd"},
                           {"Content-Type", "text/x"}};
        handler.path = "*.php";
        handler.modules = {"IsapiModule"};
    }
    Exchange& exchange() {
        if (!exchange_) {
            sites.handlers->handlers = {handler};
            sites.handlers->handlers[0].require_access = config::RequireAccess::None;
            session_.emplace(request);
            exchange_.emplace(*session_, sites, facts);
            EXPECT_TRUE(exchange_->resolve());
            EXPECT_TRUE(exchange_->map());
        }
        return *exchange_;
    }
    std::string value(std::string_view name) { return server_variable(exchange(), name).value_or("(none)"); }

    FixedSites sites;
    MemoryRequest request;
    config::Handler handler;
    WorkerFacts facts;

private:
    std::optional<MemorySession> session_;
    std::optional<Exchange> exchange_;
};

TEST_F(ServerVariables, FollowTheTable) {
    const std::pair<const char*, const char*> table[] = {
        {"ALL_HTTP",
         "HTTP_HOST:shop.example:8080\r\nHTTP_ACCEPT:text/"
         "html\r\nHTTP_X_ODD_NAME:odd\r\nHTTP_CONTENT_TYPE:text/x\r\n"},
        {"ALL_RAW",
         "Host: shop.example:8080\r\nAccept: text/html\r\nX_Odd-Name: odd\r\nContent-Type: text/x\r\n"},
        {"APPL_MD_PATH", "/LM/W3SVC/7/ROOT/app"},
        {"APPL_PHYSICAL_PATH", "/srv/app/"},
        {"APP_POOL_ID", "DefaultAppPool"},
        {"INSTANCE_ID", "7"},
        {"INSTANCE_NAME", "Shop"},
        {"INSTANCE_META_PATH", "/LM/W3SVC/7"},
        {"MANAGED_PIPELINE_MODE", "Integrated"},
        {"HTTPS", "off"},
        {"SERVER_PORT_SECURE", "0"},
        {"REQUEST_METHOD", "GET"},
        {"HTTP_METHOD", "GET"},
        {"CONTENT_LENGTH", "0"},
        {"CONTENT_TYPE", "text/x"},
        {"QUERY_STRING", "a=b%20c"},
        {"URL", "/app/x.php"},
        {"HTTP_URL", "/app/x.php/tail/info?a=b%20c"},
        {"UNENCODED_URL", "/app/x.php/tail/info?a=b%20c"},
        {"REQUEST_URI", "/app/x.php/tail/info?a=b%20c"},
        {"CACHE_URL", "http://shop.example:8080:127.0.0.1:8080/app/x.php/tail/info?a=b%20c"},
        {"HTTP_VERSION", "HTTP/1.1"},
        {"SERVER_PROTOCOL", "HTTP/1.1"},
        {"REQUEST_FILENAME", "/srv/app/x.php"},
        {"SCRIPT_NAME", "/app/x.php"},
        {"SCRIPT_FILENAME", "/srv/app/x.php"},
        {"SCRIPT_TRANSLATED", "/srv/app/x.php"},
        {"PATH_INFO", "/tail/info"},
        {"PATH_TRANSLATED", "/srv/shop/tail/info"},
        {"DOCUMENT_ROOT", "/srv/shop"},
        {"GATEWAY_INTERFACE", "CGI/1.1"},
        {"SERVER_NAME", "shop.example"},
        {"SERVER_PORT", "8080"},
        {"LOCAL_ADDR", "127.0.0.1"},
        {"REMOTE_ADDR", "192.0.2.7"},
        {"REMOTE_HOST", "192.0.2.7"},
        {"REMOTE_PORT", "50000"},
        {"HTTP_ACCEPT", "text/html"},
        {"HEADER_X_Odd-Name", "odd"},
        {"HEADER_accept", "text/html"},
    };
    for (const auto& [name, expected] : table) EXPECT_EQ(value(name), expected) << name;
}

TEST_F(ServerVariables, KnownOnesWithoutAValueAreEmptyAndNotMissing) {
    for (const char* name : {"AUTH_TYPE",
                             "AUTH_USER",
                             "AUTH_PASSWORD",
                             "LOGON_USER",
                             "REMOTE_USER",
                             "UNMAPPED_REMOTE_USER",
                             "CERT_COOKIE",
                             "CERT_FLAGS",
                             "CERT_ISSUER",
                             "CERT_KEYSIZE",
                             "CERT_SECRETKEYSIZE",
                             "CERT_SERIALNUMBER",
                             "CERT_SERVER_ISSUER",
                             "CERT_SERVER_SUBJECT",
                             "CERT_SUBJECT",
                             "HTTPS_KEYSIZE",
                             "HTTPS_SECRETKEYSIZE",
                             "HTTPS_SERVER_ISSUER",
                             "HTTPS_SERVER_SUBJECT",
                             "CRYPT_PROTOCOL",
                             "CRYPT_CIPHER_ALG_ID",
                             "CRYPT_HASH_ALG_ID",
                             "CRYPT_KEYEXCHANGE_ALG_ID",
                             "APP_POOL_CONFIG"}) {
        EXPECT_EQ(value(name), "") << name;
    }
}

TEST_F(ServerVariables, UnknownOnesAndAbsentHeadersAreMissing) {
    for (const char* name :
         {"NO_SUCH_THING", "HTTP_REFERER", "HEADER_Referer", "HTTP_", "HEADER_", "", "UNICODE_URL"}) {
        EXPECT_FALSE(server_variable(exchange(), name).has_value()) << name;
    }
}

TEST_F(ServerVariables, NamesCompareWithoutCase) {
    EXPECT_EQ(value("url"), "/app/x.php");
    EXPECT_EQ(value("http_accept"), "text/html");
    EXPECT_EQ(value("Server_Port"), "8080");
}

TEST_F(ServerVariables, UnderscoresInHeaderNamesAreOutOfReachOfTheHttpForm) {
    EXPECT_FALSE(server_variable(exchange(), "HTTP_X_ODD_NAME").has_value());
    EXPECT_EQ(value("HEADER_X_ODD-NAME"), "odd");
}

TEST_F(ServerVariables, AScriptProcessorSeesTheWholePathUnlessPathInfoIsAllowed) {
    handler.script_processor = "/opt/php.so";
    EXPECT_EQ(value("PATH_INFO"), "/app/x.php/tail/info");
    EXPECT_EQ(value("PATH_TRANSLATED"), "/srv/app/x.php");
}

TEST_F(ServerVariables, AScriptProcessorWithPathInfoSeesTheTail) {
    handler.script_processor = "/opt/php.so";
    handler.allow_path_info = true;
    EXPECT_EQ(value("PATH_INFO"), "/tail/info");
    EXPECT_EQ(value("PATH_TRANSLATED"), "/srv/shop/tail/info");
}

TEST_F(ServerVariables, SeveralFieldsOfOneNameAreJoined) {
    request.headers.push_back({"Accept", "image/png"});
    EXPECT_EQ(value("HTTP_ACCEPT"), "text/html, image/png");
}

TEST_F(ServerVariables, ABodyOfUnknownLengthHasTheNumberOfTheControlBlock) {
    request.chunked = true;
    EXPECT_EQ(value("CONTENT_LENGTH"), "4294967295");
}

TEST_F(ServerVariables, TlsShowsInFourPlaces) {
    request.tls = true;
    EXPECT_EQ(value("HTTPS"), "on");
    EXPECT_EQ(value("SERVER_PORT_SECURE"), "1");
    EXPECT_TRUE(value("CACHE_URL").starts_with("https://"));
}

}  // namespace
}  // namespace osmia::worker
