// share/applicationHost.config.example and .default: right, and complete.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/files.h"
#include "config/server_configuration.h"
#include "config/schema.h"
#include "config/xml_document.h"

namespace osmia::config {
namespace {

const std::string share = OSMIA_SHARE_FOLDER;

using Names = std::set<std::string>;

/// Every attribute that has an effect, as "element/…/attribute". Holders of defaults repeat what their items have.
void collect(const ElementSchema& schema, const std::string& path, bool later, Names& names) {
    for (const AttributeSchema& attribute : schema.attributes) {
        if (attribute.later == later) names.insert(path + '/' + attribute.name);
    }
    for (const auto& child : schema.children) {
        if (!child->holder) collect(*child, path + '/' + child->name, later, names);
    }
    if (schema.collection) collect(*schema.collection->item, path + '/' + schema.collection->add, later, names);
}

void collect_written(const XmlElement& element, const std::string& path, Names& names) {
    for (const XmlAttribute& attribute : element.attributes) names.insert(path + '/' + attribute.name);
    for (const XmlElement& child : element.children) collect_written(child, path + '/' + child.name, names);
}

TEST(ExampleConfiguration, LoadsWithoutAnyFinding) {
    const auto loaded = load_server_configuration(share + "/applicationHost.config.example");
    for (const Diagnostic& diagnostic : loaded.diagnostics) ADD_FAILURE() << format_diagnostic(diagnostic);
    EXPECT_TRUE(loaded.configuration.has_value());
}

TEST(ExampleConfiguration, HoldsEveryAttributeThatHasAnEffectAndNoOther) {
    Names supported;
    Names later;
    for (const SectionSchema& section : builtin_schema().sections()) {
        if (section.status != SectionStatus::Works || section.path == "system.applicationHost/log") continue;
        collect(*section.element, "configuration/" + section.path, false, supported);
        collect(*section.element, "configuration/" + section.path, true, later);
    }
    DiagnosticSink sink;
    const std::string path = share + "/applicationHost.config.example";
    const auto document = XmlDocument::parse(read_file(path).value(), path, sink);
    ASSERT_NE(document, nullptr);
    Names written;
    collect_written(document->root(), "configuration", written);
    Names missing;
    std::set_difference(supported.begin(), supported.end(), written.begin(), written.end(),
                        std::inserter(missing, missing.end()));
    for (const std::string& name : missing) ADD_FAILURE() << name << " is not in the example";
    for (const std::string& name : written) {
        EXPECT_FALSE(later.contains(name)) << name << " is in the example and has no effect";
    }
    EXPECT_GT(supported.size(), 60U);
}

TEST(DefaultConfiguration, LoadsAsAFileOfItsOwn) {
    const auto loaded = load_server_configuration(share + "/applicationHost.config.default");
    for (const Diagnostic& diagnostic : loaded.diagnostics) ADD_FAILURE() << format_diagnostic(diagnostic);
    EXPECT_TRUE(loaded.configuration.has_value());
}

TEST(BuiltinSchema, NamesEverySectionOnceAndKnowsItsGroups) {
    const Schema& schema = builtin_schema();
    EXPECT_GT(schema.sections().size(), 60U);
    EXPECT_TRUE(schema.is_group("system.webServer"));
    EXPECT_TRUE(schema.is_group("system.webServer/security/authentication"));
    EXPECT_FALSE(schema.is_group("system.webServer/handlers"));
    EXPECT_FALSE(schema.is_group("system.web"));
    EXPECT_EQ(schema.find("system.webServer/nonsense"), nullptr);
}

struct WrongSchema {
    const char* text;
    const char* message;
};

class WrongSchemaTest : public testing::TestWithParam<WrongSchema> {};

TEST_P(WrongSchemaTest, IsRefusedWithItsLine) {
    Schema schema;
    const auto result = schema.add(GetParam().text, "x.schema");
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().message, GetParam().message);
}

const WrongSchema wrong_schemas[] = {
    {"sektion a", "x.schema: line 1: 'sektion' is not understood here"},
    {"section a wrong", "x.schema: line 1: 'wrong' is not understood here"},
    {"section a\n  b number", "x.schema: line 2: 'number' is not understood here"},
    {"section a\n  b uint sometimes", "x.schema: line 2: 'sometimes' is not understood here"},
    {"section a\n  b uint range 5", "x.schema: line 2: '5' is not understood here"},
    {"section a\n  b enum(A=x)", "x.schema: line 2: 'x' is not understood here"},
    {"section a\n    b uint", "x.schema: line 2: 'b' is not understood here"},
    {"section a\n  collection add of nothing", "x.schema: line 2: 'nothing' is not understood here"},
    {"section a\nsection a", "x.schema: section a exists already"},
};

INSTANTIATE_TEST_SUITE_P(All, WrongSchemaTest, testing::ValuesIn(wrong_schemas));

}  // namespace
}  // namespace osmia::config
