#include "config/section_edit.h"

#include <gtest/gtest.h>

#include "config/machine_document.h"
#include "config/server_configuration.h"

namespace osmia::config {
namespace {

constexpr const char* head = R"(<?xml version="1.0"?>
<!-- ours -->
<configuration>
  <system.applicationHost>
    <sites>
      <site name="Main" id="1">  <!-- the one -->
        <application path="/"><virtualDirectory path="/" physicalPath="/srv" /></application>
      </site>
    </sites>
    <applicationPools><add name="DefaultAppPool" /></applicationPools>
  </system.applicationHost>
)";

struct Case {
    const char* name;
    const char* before;   ///< what follows the head, without </configuration>
    const char* section;
    const char* location;
    std::vector<const char*> changes;
    const char* after;    ///< the same, or "! " and a part of the error
};

class SectionEditTest : public testing::TestWithParam<Case> {};

TEST_P(SectionEditTest, ChangesTheTextAsAPersonWould) {
    const Case& test = GetParam();
    const std::string text = std::string(head) + test.before + "</configuration>\n";
    auto edit = XmlEdit::open(text, "test.config");
    ASSERT_TRUE(edit.ok()) << edit.error().message;
    const auto loaded = load_server_configuration_text(text, "test.config");
    ASSERT_TRUE(loaded.configuration.has_value()) << format_diagnostic(loaded.diagnostics.front());
    const SectionAddress address{builtin_schema().find(test.section), test.location, test.location[0] == '\0'};
    std::vector<Change> changes;
    for (const char* change : test.changes) {
        auto parsed = parse_change(change, '=');
        ASSERT_TRUE(parsed.ok()) << parsed.error().message;
        changes.push_back(parsed.value());
    }
    const auto result = apply_changes(edit.value(), address, changes, loaded.configuration->document->sections().node(test.section));
    const std::string after = test.after;
    if (after.starts_with("! ")) {
        ASSERT_FALSE(result.ok());
        EXPECT_NE(result.error().message.find(after.substr(2)), std::string::npos) << result.error().message;
        return;
    }
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(edit.value().bytes(), std::string(head) + after + "</configuration>\n");
}

constexpr const char* browse = "system.webServer/directoryBrowse";
constexpr const char* documents = "system.webServer/defaultDocument";

const Case cases[] = {
    {"MakesASection", "", browse, "", {"enabled=true"},
     "  <system.webServer>\n    <directoryBrowse enabled=\"true\" />\n  </system.webServer>\n"},
    {"MakesALocation", "", browse, "Main/sub", {"enabled=true", "showFlags=Date"},
     "  <location path=\"Main/sub\">\n    <system.webServer>\n      <directoryBrowse enabled=\"true\" showFlags=\"Date\" />\n"
     "    </system.webServer>\n  </location>\n"},
    {"UsesTheLocationThatIsThere",
     "  <location path='main\\sub' ><!-- a --><system.webServer><directoryBrowse enabled='false'/></system.webServer></location>\n",
     browse, "Main/sub", {"enabled=true"},
     "  <location path='main\\sub' ><!-- a --><system.webServer><directoryBrowse enabled='true'/></system.webServer></location>\n"},
    {"UsesTheSectionInALocationWithoutPath",
     "  <location path=\"\" overrideMode=\"Allow\"><system.webServer><directoryBrowse /></system.webServer></location>\n",
     browse, "", {"enabled=true"},
     "  <location path=\"\" overrideMode=\"Allow\"><system.webServer><directoryBrowse enabled=\"true\" /></system.webServer></location>\n"},
    {"LeavesALocationWithAMode", "  <location path='Main' overrideMode='Deny'><system.webServer><handlers/></system.webServer></location>\n",
     browse, "Main", {"enabled=true"},
     "  <location path='Main' overrideMode='Deny'><system.webServer><handlers/></system.webServer></location>\n"
     "  <location path=\"Main\">\n    <system.webServer>\n      <directoryBrowse enabled=\"true\" />\n    </system.webServer>\n  </location>\n"},
    {"TakesAnAttributeBack", "  <system.webServer><directoryBrowse enabled=\"true\" showFlags='Date'/></system.webServer>\n", browse, "",
     {"~enabled"}, "  <system.webServer><directoryBrowse showFlags='Date'/></system.webServer>\n"},
    {"SetsAChild", "", "system.webServer/staticContent", "Main", {"clientCache.setEtag=false"},
     "  <location path=\"Main\">\n    <system.webServer>\n      <staticContent>\n        <clientCache setEtag=\"false\" />\n"
     "      </staticContent>\n    </system.webServer>\n  </location>\n"},
    {"AddsAnItem", "  <system.webServer><defaultDocument><files><add value=\"a\" /></files></defaultDocument></system.webServer>\n",
     documents, "", {"+files.[value='b']", "+files.[@start,value='c']"},
     "  <system.webServer><defaultDocument><files><add value=\"c\" />\n    <add value=\"a\" />\n    <add value=\"b\" /></files></defaultDocument></system.webServer>\n"},
    {"RemovesAnItem", "  <system.webServer><defaultDocument><files>\n    <add value=\"a\" />\n    <add value=\"b\" /> <!-- b -->\n  </files></defaultDocument></system.webServer>\n",
     documents, "", {"-files.[value='A']"},
     "  <system.webServer><defaultDocument><files>\n    <add value=\"b\" /> <!-- b -->\n  </files></defaultDocument></system.webServer>\n"},
    {"RemovesAnInheritedItem", "  <system.webServer><defaultDocument><files><add value=\"a\" /></files></defaultDocument></system.webServer>\n",
     documents, "Main", {"-files.[value='a']"},
     "  <system.webServer><defaultDocument><files><add value=\"a\" /></files></defaultDocument></system.webServer>\n"
     "  <location path=\"Main\">\n    <system.webServer>\n      <defaultDocument>\n        <files>\n          <remove value=\"a\" />\n"
     "        </files>\n      </defaultDocument>\n    </system.webServer>\n  </location>\n"},
    {"ChangesAnInheritedItem", "  <system.webServer><staticContent><mimeMap fileExtension='.x' mimeType='a/b'/></staticContent></system.webServer>\n",
     "system.webServer/staticContent", "Main", {"[fileExtension='.x'].mimeType=c/d"},
     "  <system.webServer><staticContent><mimeMap fileExtension='.x' mimeType='a/b'/></staticContent></system.webServer>\n"
     "  <location path=\"Main\">\n    <system.webServer>\n      <staticContent>\n        <remove fileExtension=\".x\" />\n"
     "        <mimeMap fileExtension=\".x\" mimeType=\"c/d\" />\n      </staticContent>\n    </system.webServer>\n  </location>\n"},
    {"AnUnknownAttribute", "", browse, "", {"enable=true"}, "! did you mean 'enabled'?"},
    {"AnUnknownElement", "", documents, "", {"file.x=1"}, "! did you mean 'files'?"},
    {"AWrongValue", "", browse, "", {"enabled=on"}, "! give true or false"},
    {"AWrongValueOfAnItem", "", "system.applicationHost/sites", "", {"+[name='x',id='y']"}, "! 'y' is not a value of 'id'"},
    {"AnItemThatIsThere", "", "system.applicationHost/sites", "", {"+[name='MAIN',id='7']"}, "! has the <site> [name='MAIN'] already"},
    {"AnItemThatIsNotThere", "", "system.applicationHost/sites", "", {"-[name='Mane']"}, "! <sites> has no <site> [name='Mane']"},
    {"AValueThatIsNoText", "", "system.applicationHost/sites", "", {"[name='Main'].[path='/'].applicationPool=\xff"}, "! not UTF-8"},
    {"AnAttributeTwice", "", "system.applicationHost/sites", "", {"+[name='x',id='2',name='y']"}, "! 'name' is given twice"},
    {"AControlCharacter", "", documents, "", {"+files.[value='\x01']"}, "! control characters"},
    {"ALockThatIsNone", "", browse, "", {"lock x=1"}, "! has no attribute 'lock x'"},
    {"ALock", "  <system.webServer><directoryBrowse/></system.webServer>\n", browse, "", {"lockAttributes=enabled"},
     "  <system.webServer><directoryBrowse lockAttributes=\"enabled\"/></system.webServer>\n"},
    {"NoCollection", "", browse, "", {"+[value='x']"}, "! holds no collection"},
    {"ASectionWithoutASchema", "  <system.webServer><caching/></system.webServer>\n", "system.webServer/caching", "", {"enabled=true"}, "! only be edited by hand"},
};

TEST(SectionEdit, MovesAnApplicationAndLeavesTheCommentBesideIt) {
    auto edit = XmlEdit::open(std::string(head) + "</configuration>\n", "test.config").value();
    const SectionAddress address{builtin_schema().find("system.applicationHost/sites"), "", true};
    ASSERT_TRUE(apply_changes(edit, address, {parse_change("[name='main'].[path='/'].applicationPool=New", '=').value()}, nullptr).ok());
    std::string expected = std::string(head) + "</configuration>\n";
    expected.replace(expected.find("<application path=\"/\">"), 22, "<application path=\"/\" applicationPool=\"New\">");
    EXPECT_EQ(edit.bytes(), expected);
}

TEST(SectionEdit, ShippedItemsAreWrittenOutBeforeTheFirstOfTheFilesOwn) {
    const std::string text = std::string(head) + "</configuration>\n";
    auto edit = XmlEdit::open(text, "test.config").value();
    const auto loaded = load_server_configuration_text(text, "test.config");
    const SectionNode* shipped = loaded.configuration->document->sections().node("system.webServer/globalModules");
    const SectionAddress address{builtin_schema().find("system.webServer/globalModules"), "", true};
    ASSERT_TRUE(apply_changes(edit, address, {parse_change("+[name='X',image='/x.so']", '=').value()}, shipped).ok());
    const auto again = load_server_configuration_text(edit.bytes(), "test.config");
    ASSERT_TRUE(again.configuration.has_value()) << format_diagnostic(again.diagnostics.front());
    ASSERT_EQ(again.configuration->global_modules.size(), loaded.configuration->global_modules.size() + 1);
    EXPECT_EQ(again.configuration->global_modules.front(), loaded.configuration->global_modules.front());
    EXPECT_EQ(again.configuration->global_modules.back().image, "/x.so");
}

TEST(SectionEdit, LocksAndUnlocksASectionForAPath) {
    auto edit = XmlEdit::open("<configuration>\n  <system.webServer>\n    <handlers accessPolicy=\"Read\"><!-- h --></handlers>\n    <modules />\n"
                              "  </system.webServer>\n</configuration>\n", "test.config").value();
    const SectionAddress server{builtin_schema().find("system.webServer/handlers"), "", true};
    const SectionAddress site{server.section, "Main", false};
    ASSERT_TRUE(set_override_mode(edit, server, "Allow").ok());
    ASSERT_TRUE(set_override_mode(edit, site, "Allow").ok());
    ASSERT_TRUE(set_override_mode(edit, site, "Deny").ok());
    EXPECT_EQ(edit.bytes(), "<configuration>\n  <system.webServer>\n    <modules />\n  </system.webServer>\n"
                            "  <location path=\"\" overrideMode=\"Allow\">\n    <system.webServer>\n"
                            "      <handlers accessPolicy=\"Read\"><!-- h --></handlers>\n    </system.webServer>\n  </location>\n"
                            "  <location path=\"Main\" overrideMode=\"Deny\">\n    <system.webServer>\n      <handlers />\n"
                            "    </system.webServer>\n  </location>\n</configuration>\n");
    ASSERT_TRUE(remove_section(edit, site).ok());
    EXPECT_EQ(edit.bytes().find("Deny"), std::string::npos);
    EXPECT_FALSE(remove_section(edit, site).ok());
}

struct WrongChange {
    const char* text;
    const char* message;
};
class WrongChangeTest : public testing::TestWithParam<WrongChange> {};

TEST_P(WrongChangeTest, IsRefusedWithTheReason) {
    const auto change = parse_change(GetParam().text, '=');
    ASSERT_FALSE(change.ok());
    EXPECT_NE(change.error().message.find(GetParam().message), std::string::npos) << change.error().message;
}

const WrongChange wrong_changes[] = {
    {"", "a name is missing"},           {"a", "'=' and a value are missing"}, {"a.=b", "a name is missing"},
    {"[a='b']", "name is missing"},      {"+a", "in brackets is missing"},     {"+[a=b]", "stands in quotes"},
    {"+[a='b]", "quote is not closed"},  {"+[a]", "NAME='VALUE' pairs"},       {"+[]", "brackets are empty"},
    {"+[a='b']c", "nothing may follow"}, {"+[@middle,a='b']", "start, end or a number"},
};

INSTANTIATE_TEST_SUITE_P(All, WrongChangeTest, testing::ValuesIn(wrong_changes));

INSTANTIATE_TEST_SUITE_P(All, SectionEditTest, testing::ValuesIn(cases),
                         [](const testing::TestParamInfo<Case>& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace osmia::config
