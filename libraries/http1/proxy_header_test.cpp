#include "http1/proxy_header.h"

#include <gtest/gtest.h>

namespace osmia::http1 {
namespace {

const std::string Signature("\r\n\r\n\0\r\nQUIT\n", 12);

std::string binary(unsigned char command, unsigned char family, const std::string& block) {
    std::string text = Signature;
    text += static_cast<char>(command);
    text += static_cast<char>(family);
    text += static_cast<char>(block.size() >> 8);
    text += static_cast<char>(block.size() & 0xff);
    return text + block;
}

const std::string Addresses4("\x0a\x00\x00\x01\xc0\xa8\x00\x02\x30\x39\x00\x50", 12);

ProxyState parse(const std::string& text, ProxyHeader& header) { return parse_proxy_header(text, header); }

ProxyState parse(const std::string& text) {
    ProxyHeader header;
    return parse(text, header);
}

/// Every proper beginning must wait, and the whole be complete.
ProxyHeader parse_cut(const std::string& text) {
    ProxyHeader header;
    for (std::size_t size = 0; size < text.size(); ++size) {
        EXPECT_EQ(parse(text.substr(0, size), header), ProxyState::NeedMore) << size;
    }
    EXPECT_EQ(parse(text + "GET / HTTP/1.1\r\n", header), ProxyState::Complete);
    EXPECT_EQ(header.size, text.size());
    return header;
}

TEST(ProxyHeader, VersionOneNamesBothEnds) {
    const auto header = parse_cut("PROXY TCP4 10.0.0.1 192.168.0.2 12345 80\r\n");
    EXPECT_TRUE(header.has_addresses);
    EXPECT_EQ(header.source_address, "10.0.0.1");
    EXPECT_EQ(header.destination_address, "192.168.0.2");
    EXPECT_EQ(header.source_port, 12345);
    EXPECT_EQ(header.destination_port, 80);
    EXPECT_EQ(parse_cut("PROXY TCP6 2001:DB8:0:0::1 ::1 1 65535\r\n").source_address, "2001:db8::1");
}

TEST(ProxyHeader, UnknownAndLocalLeaveTheSocketsAddresses) {
    EXPECT_FALSE(parse_cut("PROXY UNKNOWN\r\n").has_addresses);
    EXPECT_FALSE(parse_cut("PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n").has_addresses);
    EXPECT_FALSE(parse_cut(binary(0x20, 0, "")).has_addresses);
    EXPECT_FALSE(parse_cut(binary(0x21, 0x31, std::string(216, 'x'))).has_addresses) << "unix sockets";
}

TEST(ProxyHeader, VersionTwoNamesBothEndsAndItsExtensionsArePassedOver) {
    const auto header = parse_cut(binary(0x21, 0x11, Addresses4 + std::string("\x04\x00\x01x", 4)));
    EXPECT_EQ(header.source_address, "10.0.0.1");
    EXPECT_EQ(header.destination_address, "192.168.0.2");
    EXPECT_EQ(header.source_port, 12345);
    EXPECT_EQ(header.destination_port, 80);
    std::string six(36, '\0');
    six[15] = 1;
    EXPECT_EQ(parse_cut(binary(0x21, 0x21, six)).source_address, "::1");
}

TEST(ProxyHeader, WhatIsNoHeaderFails) {
    for (const char* text : {"GET / HTTP/1.1\r\n", "PROXY\r\n", "PROXY TCP4 10.0.0.1 10.0.0.2 1\r\n", "PROXY TCP4 10.0.0.1 10.0.0.2 1 2 3\r\n",
                             "PROXY TCP4 10.0.0.1 10.0.0.2 1 65536\r\n", "PROXY TCP4 10.0.0.1 10.0.0.2 01 2\r\n", "PROXY TCP4 ::1 ::1 1 2\r\n",
                             "PROXY TCP4  10.0.0.1 10.0.0.2 1 2\r\n", "PROXY TCP4 10.0.0.1 10.0.0.2 1 2\n", "PROXY UDP4 10.0.0.1 10.0.0.2 1 2\r\n",
                             "PROXY TCP4 10.0.0.1 10.0.0.2 1 +2\r\n", "proxy TCP4 10.0.0.1 10.0.0.2 1 2\r\n"}) {
        EXPECT_EQ(parse(text), ProxyState::Failed) << text;
    }
    EXPECT_EQ(parse(binary(0x31, 0x11, Addresses4)), ProxyState::Failed) << "another version";
    EXPECT_EQ(parse(binary(0x22, 0x11, Addresses4)), ProxyState::Failed) << "another command";
    EXPECT_EQ(parse(binary(0x21, 0x11, Addresses4.substr(1))), ProxyState::Failed) << "too short for its addresses";
}

TEST(ProxyHeader, HasLimits) {
    const std::string line = "PROXY UNKNOWN " + std::string(MaxProxyLine - 16, 'x') + "\r\n";
    ASSERT_EQ(line.size(), MaxProxyLine);
    EXPECT_EQ(parse(line), ProxyState::Complete);
    EXPECT_EQ(parse("PROXY UNKNOWN " + std::string(MaxProxyLine - 15, 'x') + "\r\n"), ProxyState::Failed);
    const std::size_t room = MaxProxyHeader - 16;
    EXPECT_EQ(parse(binary(0x21, 0x11, Addresses4 + std::string(room - 12, 'x'))), ProxyState::Complete);
    EXPECT_EQ(parse(binary(0x21, 0x11, Addresses4 + std::string(room - 11, 'x'))), ProxyState::Failed);
}

}  // namespace
}  // namespace osmia::http1
