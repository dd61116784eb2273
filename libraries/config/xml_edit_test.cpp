#include "config/xml_edit.h"

#include <gtest/gtest.h>

namespace osmia::config {
namespace {

XmlEdit opened(const std::string& bytes) {
    auto edit = XmlEdit::open(bytes, "test.config");
    EXPECT_TRUE(edit.ok()) << edit.error().message;
    return std::move(edit).value();
}

TEST(XmlEdit, SetsAnAttributeAndLeavesEverythingElse) {
    XmlEdit edit = opened("<!-- a -->\n<x  one = '1'\n   two=\"2\">  <!-- b --> </x>\n<!-- c -->");
    edit.set_attribute({}, "one", "a'b\"<");
    edit.set_attribute({}, "two", "");
    edit.set_attribute({}, "three", "3");
    EXPECT_EQ(edit.bytes(), "<!-- a -->\n<x  one = 'a&#39;b&quot;&lt;'\n   two=\"\" three=\"3\">  <!-- b --> </x>\n<!-- c -->");
    EXPECT_EQ(edit.root().find("one")->value, "a'b\"<");
    edit.remove_attribute({}, "one");
    edit.remove_attribute({}, "nothing");
    EXPECT_EQ(edit.bytes(), "<!-- a -->\n<x\n   two=\"\" three=\"3\">  <!-- b --> </x>\n<!-- c -->");
}

TEST(XmlEdit, AddsAChildIndentedLikeItsSiblings) {
    XmlEdit edit = opened("<x>\n\t<a>\n\t\t<b /> <!-- about b -->\n\t\t<!-- about a -->\n\t</a>\n</x>");
    edit.append_child({0}, "c", {{"k", "v"}});
    edit.insert_child({0}, 0, "d");
    EXPECT_EQ(edit.bytes(), "<x>\n\t<a>\n\t\t<d />\n\t\t<b /> <!-- about b -->\n\t\t<c k=\"v\" />\n\t\t<!-- about a -->\n\t</a>\n</x>");
}

TEST(XmlEdit, OpensAnEmptyElement) {
    XmlEdit edit = opened("<x>\r\n  <a k='v' />\r\n  <b></b>\r\n  <c>\r\n    <!-- c -->\r\n  </c>\r\n</x>");
    edit.append_child({0}, "i");
    edit.append_child({1}, "i");
    edit.append_child({2}, "i");
    EXPECT_EQ(edit.bytes(),
              "<x>\r\n  <a k='v'>\r\n    <i />\r\n  </a>\r\n  <b>\r\n    <i />\r\n  </b>\r\n  <c>\r\n    <!-- c -->\r\n    <i />\r\n  </c>\r\n</x>");
}

TEST(XmlEdit, RemovesAnElementWithItsLine) {
    XmlEdit edit = opened("<x>\n  <a />\n  <b><c /> <d /></b>\n  <e>\n  </e>\n</x>");
    edit.remove({1, 0});
    edit.remove({2});
    edit.remove({0});
    EXPECT_EQ(edit.bytes(), "<x>\n  <b> <d /></b>\n</x>");
}

TEST(XmlEdit, WorksOnOneLine) {
    XmlEdit edit = opened("<x/>");
    const ElementHandle a = edit.append_child({}, "a");
    edit.append_child(a, "b");
    EXPECT_EQ(edit.bytes(), "<x>\n    <a>\n        <b />\n    </a>\n</x>");
}

TEST(XmlEdit, AnEndTagRightBehindAnotherIsNotTakenForIt) {
    XmlEdit edit = opened("<x><y></y></x>");
    edit.append_child({0}, "z");
    EXPECT_EQ(edit.bytes(), "<x><y>\n    <z />\n</y></x>");
}

TEST(XmlEdit, KeepsByteOrderMarksAndEncodings) {
    using namespace std::string_literals;
    XmlEdit marked = opened("\xef\xbb\xbf<x a=\"1\"/>");
    marked.set_attribute({}, "a", "ä");
    EXPECT_EQ(marked.bytes(), "\xef\xbb\xbf<x a=\"ä\"/>");
    XmlEdit little = opened("\xff\xfe<\0x\0/\0>\0"s);
    little.set_attribute({}, "a", "\xf0\x9f\x90\x9d");
    EXPECT_EQ(little.bytes(), "\xff\xfe<\0x\0 \0a\0=\0\"\0\x3d\xd8\x1d\xdc\"\0/\0>\0"s);
    XmlEdit big = opened("\xfe\xff\0<\0x\0/\0>"s);
    EXPECT_EQ(big.bytes(), "\xfe\xff\0<\0x\0/\0>"s);
}

TEST(XmlEdit, AnAsciiFileOfAnotherEncodingBecomesUtf8WithItsFirstOtherCharacter) {
    XmlEdit edit = opened("<?xml version='1.0' encoding='windows-1252'?><x a='1'/>");
    edit.set_attribute({}, "a", "2");
    EXPECT_EQ(edit.bytes(), "<?xml version='1.0' encoding='windows-1252'?><x a='2'/>");
    edit.set_attribute({}, "a", "ä");
    EXPECT_EQ(edit.bytes(), "<?xml version='1.0' encoding='UTF-8'?><x a='ä'/>");
}

TEST(XmlEdit, ABadFileIsRefusedWithItsPlace) {
    const auto edit = XmlEdit::open("<x>\n<y></x>", "test.config");
    ASSERT_FALSE(edit.ok());
    EXPECT_TRUE(edit.error().message.starts_with("test.config:2:")) << edit.error().message;
}

}  // namespace
}  // namespace osmia::config
