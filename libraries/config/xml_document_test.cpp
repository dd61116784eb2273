#include "config/xml_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osmia::config {
namespace {

std::shared_ptr<const XmlDocument> parsed(const std::string& text, const XmlOptions& options = {}) {
    DiagnosticSink sink;
    auto document = XmlDocument::parse(text, "x.config", sink, options);
    EXPECT_EQ(document == nullptr, sink.has_errors());
    return document;
}

std::string nested(std::size_t depth) {
    std::string text;
    for (std::size_t level = 0; level < depth; ++level) text += "<a>";
    for (std::size_t level = 0; level < depth; ++level) text += "</a>";
    return text;
}

std::string with_attributes(std::size_t count) {
    std::string text = "<a";
    for (std::size_t index = 0; index < count; ++index) text += " n" + std::to_string(index) + "=''";
    return text + "/>";
}

TEST(XmlDocument, KnowsThePlaceOfEveryElementAndAttribute) {
    const auto document = parsed("<a>\n  <b  one='1'\n\ttwo = \"a>'b\" />\r\n  <ä c='&lt;'></ä>\n</a>");
    ASSERT_NE(document, nullptr);
    const XmlElement& b = document->root().children.at(0);
    EXPECT_EQ(document->place(b.begin).line, 2U);
    EXPECT_EQ(document->place(b.begin).column, 3U);
    EXPECT_EQ(document->place(b.find("one")->offset).column, 7U);
    EXPECT_EQ(document->place(b.find("two")->offset).line, 3U);
    EXPECT_EQ(document->place(b.find("two")->value_offset).column, 9U);
    EXPECT_EQ(b.find("two")->value, "a>'b");
    EXPECT_EQ(b.find("three"), nullptr);
    const XmlElement& umlaut = document->root().children.at(1);
    EXPECT_EQ(document->place(umlaut.find("c")->offset).column, 6U);
    EXPECT_EQ(umlaut.find("c")->value, "<");
    EXPECT_EQ(document->source_line(b.find("two")->offset), "\ttwo = \"a>'b\" />");
}

TEST(XmlDocument, KnowsWhereElementsEnd) {
    const std::string text = "<a ><b x='>'/><c><d/></c ><e></e></a>";
    const auto document = parsed(text);
    ASSERT_NE(document, nullptr);
    const auto whole = [&](const XmlElement& element) { return text.substr(element.begin, element.end - element.begin); };
    const XmlElement& root = document->root();
    EXPECT_EQ(whole(root), text);
    EXPECT_EQ(whole(root.children.at(0)), "<b x='>'/>");
    EXPECT_EQ(whole(root.children.at(1)), "<c><d/></c >");
    EXPECT_EQ(whole(root.children.at(1).children.at(0)), "<d/>");
    EXPECT_EQ(whole(root.children.at(2)), "<e></e>");
}

TEST(XmlDocument, NestsToTheLimitAndNotOneLevelDeeper) {
    EXPECT_NE(parsed(nested(max_element_depth)), nullptr);
    EXPECT_EQ(parsed(nested(max_element_depth + 1)), nullptr);
}

TEST(XmlDocument, TakesAttributesToTheLimitAndNotOneMore) {
    EXPECT_NE(parsed(with_attributes(max_element_attributes)), nullptr);
    EXPECT_EQ(parsed(with_attributes(max_element_attributes + 1)), nullptr);
}

TEST(XmlDocument, TakesBytesToTheLimitAndNotOneMore) {
    XmlOptions options;
    options.max_bytes = 4;
    EXPECT_NE(parsed("<a/>", options), nullptr);
    EXPECT_EQ(parsed("<a />", options), nullptr);
}

TEST(XmlDocument, RefusesDocumentTypesAndTheirEntities) {
    EXPECT_EQ(parsed("<!DOCTYPE a><a/>"), nullptr);
    EXPECT_EQ(parsed("<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"), nullptr);
    EXPECT_EQ(parsed("<a>&b;</a>"), nullptr);
}

TEST(XmlDocument, RefusesTextThatIsNoXml) {
    for (const char* text : {"", " ", "a", "<a", "<a><b></a>", "<a/><b/>", "<a b='1' b='2'/>", "<a b=1/>", "<a>\x01</a>", "<a>\xff</a>"}) {
        EXPECT_EQ(parsed(text), nullptr) << text;
    }
    using namespace std::string_literals;
    EXPECT_EQ(parsed("<a>\0</a>"s), nullptr);
    EXPECT_EQ(parsed("\xff\xfe<\0"s), nullptr);
    EXPECT_EQ(parsed("\xff\xfe<\0a"s), nullptr);
    EXPECT_EQ(parsed("\xff\xfe\0\xdc"s), nullptr);
}

TEST(XmlDocument, ReadsCharactersBeyondTheBasicPlaneFromUtf16) {
    using namespace std::string_literals;
    const auto document = parsed("\xff\xfe<\0a\0 \0b\0=\0'\0\x3d\xd8\x00\xde\xe4\0'\0/\0>\0"s);
    ASSERT_NE(document, nullptr);
    EXPECT_EQ(document->root().find("b")->value, "\xf0\x9f\x98\x80\xc3\xa4");
}

TEST(XmlDocument, CutsLongLinesAndStarsPasswords) {
    const auto document = parsed("<a Password = 'top' b='" + std::string(500, 'x') + "'/>");
    ASSERT_NE(document, nullptr);
    const std::string line = document->source_line(0);
    EXPECT_EQ(line.size(), 400U);
    EXPECT_THAT(line, testing::StartsWith("<a Password = '***' b='xxx"));
}

}  // namespace
}  // namespace osmia::config
