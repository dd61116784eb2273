#include "listener/error_log.h"

#include <gtest/gtest.h>

namespace osmia::listener {
namespace {

TEST(ErrorLog, ALineHasTheFieldsOfHttpSysAndTheRequestsId) {
    ErrorLine line;
    line.client = "10.0.0.2";
    line.client_port = 5000;
    line.server = "10.0.0.1";
    line.server_port = 80;
    line.version = "HTTP/1.1";
    line.method = "GET";
    line.url = "/a b";
    line.status = 503;
    line.site_id = 1;
    line.reason = http::ErrorReason::QueueFull;
    line.pool = "My Pool";
    line.request_id = "abc";
    std::string text;
    append_error_line(text, line, 1'795'341'600);
    EXPECT_EQ(text, "2026-11-22 10:00:00 10.0.0.2 5000 10.0.0.1 80 HTTP/1.1 GET /a+b 503 1 QueueFull My+Pool abc\n");
}

TEST(ErrorLog, WhatIsNotKnownIsADash) {
    ErrorLine line;
    line.client = "::1";
    line.client_port = 1;
    line.reason = http::ErrorReason::TimerConnectionIdle;
    std::string text;
    append_error_line(text, line, 1'795'341'600);
    EXPECT_EQ(text, "2026-11-22 10:00:00 ::1 1 - - - - - - - Timer_ConnectionIdle - -\n");
}

TEST(ErrorLog, TheVerbAndTheUrlAreCutWhereHttpSysCutsThem) {
    for (const std::size_t extra : {0, 1}) {
        const std::string verb(255 + extra, 'V'), url(4096 + extra, 'u');
        ErrorLine line;
        line.method = verb;
        line.url = url;
        std::string text;
        append_error_line(text, line, 0);
        EXPECT_EQ(text.find(std::string(255, 'V') + " " + std::string(4096, 'u') + " "), 20u + std::string_view("- - - - - ").size());
    }
}

}  // namespace
}  // namespace osmia::listener
