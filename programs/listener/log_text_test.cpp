#include "listener/log_text.h"

#include <gtest/gtest.h>

namespace osmia::listener {
namespace {

/// The schema's default of logExtFileFlags.
constexpr std::uint32_t DefaultColumns = log_column::Date | log_column::Time | log_column::ClientIp | log_column::UserName |
                                         log_column::ServerIp | log_column::Method | log_column::UriStem | log_column::UriQuery |
                                         log_column::TimeTaken | log_column::HttpStatus | log_column::Win32Status |
                                         log_column::ServerPort | log_column::UserAgent | log_column::HttpSubStatus | log_column::Referer;

std::string value(std::string_view text, std::size_t limit = 100) {
    std::string result;
    append_log_value(result, text, limit);
    return result;
}

AccessLine sample() {
    AccessLine line;
    line.time_s = 1'795'341'600;
    line.site_id = 7;
    line.server_ip = "10.0.0.1";
    line.method = "GET";
    line.stem = "/a b/\xc3\xa9";
    line.query = "x=1";
    line.server_port = 80;
    line.client_ip = "10.0.0.2";
    line.user_agent = "Mozilla/5.0 (X11)";
    line.status = 404;
    line.substatus = 3;
    line.win32_status = 64;
    line.sent = 1000;
    line.received = 200;
    line.time_taken_ms = 15;
    return line;
}

TEST(LogText, BlanksAndControlsBecomePlus) {
    EXPECT_EQ(value("a b\tc\r\nd\x7f"), "a+b+c++d+");
    EXPECT_EQ(value(std::string_view("\0", 1)), "+");
}

TEST(LogText, NothingIsADash) { EXPECT_EQ(value(""), "-"); }

TEST(LogText, Utf8StaysAndOtherBytesArePercentEncoded) {
    EXPECT_EQ(value("\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x9d"), "\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x9d");
    EXPECT_EQ(value("\xe9-\xc3"), "%E9-%C3");
    EXPECT_EQ(value("\xc0\xaf\xed\xa0\x80"), "%C0%AF%ED%A0%80");
    EXPECT_EQ(value("\xf4\x90\x80\x80"), "%F4%90%80%80");
}

TEST(LogText, AValueIsCutAtItsLimit) {
    EXPECT_EQ(value("abcd", 4), "abcd");
    EXPECT_EQ(value("abcde", 4), "abcd");
}

TEST(LogText, TheDefaultColumnsAreThoseOfIis) {
    wire::SnapshotLog format;
    format.columns = DefaultColumns;
    EXPECT_EQ(access_columns(format),
              "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status "
              "sc-substatus sc-win32-status time-taken");
    std::string line;
    append_access_line(line, format, sample());
    EXPECT_EQ(line, "2026-11-22 10:00:00 10.0.0.1 GET /a+b/\xc3\xa9 x=1 80 - 10.0.0.2 Mozilla/5.0+(X11) - 404 3 64 15\n");
}

TEST(LogText, EveryColumnHasItsPlace) {
    wire::SnapshotLog format;
    format.columns = 0x3fffff;
    format.custom = {{"x-id", "REQUEST_ID", wire::LogSource::ServerVariable}, {"no thing", "X", wire::LogSource::RequestHeader}};
    EXPECT_EQ(access_columns(format),
              "date time s-sitename s-computername s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs-version "
              "cs(User-Agent) cs(Cookie) cs(Referer) cs-host sc-status sc-substatus sc-win32-status sc-bytes cs-bytes time-taken x-id "
              "no+thing");
    AccessLine line = sample();
    line.computer = "host";
    line.log_data = "&more";
    line.custom = {"abc"};
    std::string text;
    append_access_line(text, format, line);
    EXPECT_EQ(text,
              "2026-11-22 10:00:00 W3SVC7 host 10.0.0.1 GET /a+b/\xc3\xa9 x=1&more 80 - 10.0.0.2 HTTP/1.1 Mozilla/5.0+(X11) - - - 404 3 64 "
              "1000 200 15 abc -\n");
}

TEST(LogText, ALineIsCutAtItsLimit) {
    wire::SnapshotLog format;
    format.columns = log_column::UriStem;
    format.max_line_bytes = 10;
    AccessLine line;
    line.stem = "/123456789";
    std::string text;
    append_access_line(text, format, line);
    EXPECT_EQ(text, "/123456789\n");
    line.stem = "/1234567890";
    text.clear();
    append_access_line(text, format, line);
    EXPECT_EQ(text, "/123456789\n");
    format.columns |= log_column::Method;
    line.method = "GET";
    text.clear();
    append_access_line(text, format, line);
    EXPECT_EQ(text, "GET /12345\n");
}

TEST(LogText, AFileBeginsWithItsDirectives) {
    EXPECT_EQ(log_directives("date time", 1'795'341'600),
              "#Software: Osmia " OSMIA_VERSION "\n#Version: 1.0\n#Date: 2026-11-22 10:00:00\n#Fields: date time\n");
}

}  // namespace
}  // namespace osmia::listener
