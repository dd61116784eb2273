// tests/configuration/merge_rules.txt: which value is in force at a URL and where it comes from, or which error.
//
// A scenario begins with "== NAME". "@machine" and "@/FOLDER/web.config" begin files: what follows is the content of
// <configuration>, or of <system.webServer> in a web.config, from line 2 on; after "@!" the file is as written. Rows:
//   ?URL SECTION/ELEMENT/@ATTRIBUTE = VALUE @ FILE:LINE
//   ?URL SECTION/ELEMENT/* = KEY, KEY @ FILE:LINE, FILE:LINE
//   ?URL ! NUMBER @ FILE:LINE:COLUMN
// FILE:LINE is "default" for the schema's default and "shipped" for the shipped defaults.
//   ?load ! NUMBER @ FILE:LINE:COLUMN

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>

#include "config/configuration_cache.h"
#include "config/effective_values.h"
#include "config/pool_configuration.h"

namespace osmia::config {
namespace {

class MemoryFiles final : public FolderFiles {
public:
    MemoryFiles() {
        for (const char* folder : {"/main", "/main/sub", "/main/sub/deep", "/app", "/app/sub", "/vdir", "/vdir/sub", "/closed"}) {
            folders_.insert(folder);
        }
    }
    std::map<std::string, std::string> texts;

    Result<FileStamp> stamp(const std::string& path) override {
        FileStamp stamp;
        stamp.directory = folders_.contains(path);
        stamp.exists = stamp.directory || texts.contains(path);
        return stamp;
    }
    Result<std::string> read(const std::string& path) override { return texts.at(path); }

private:
    std::set<std::string> folders_;
};

struct Scenario {
    std::string name;
    std::map<std::string, std::string> files;
    std::vector<std::pair<int, std::string>> rows;  ///< with their lines in the table
};

std::vector<Scenario> read_scenarios() {
    std::ifstream table(OSMIA_MERGE_RULES);
    std::vector<Scenario> scenarios;
    std::string* file = nullptr;
    std::string line;
    for (int number = 1; std::getline(table, line); ++number) {
        if (line.starts_with("== ")) {
            scenarios.push_back({line.substr(3), {}, {}});
            file = nullptr;
        } else if (line.starts_with("@") && !scenarios.empty()) {
            file = &scenarios.back().files[line.substr(1)];
        } else if (line.starts_with("?")) {
            scenarios.back().rows.emplace_back(number, line.substr(1));
        } else if (file != nullptr && !line.empty()) {
            *file += line + "\n";
        }
    }
    return scenarios;
}

constexpr const char* servers = R"(<system.applicationHost><applicationPools><add name="P"/>
<add name="Closed" enableConfigurationOverride="false"/></applicationPools><sites><site name="Main" id="1">
<application path="/" applicationPool="P"><virtualDirectory path="/" physicalPath="/main"/>
<virtualDirectory path="/vdir" physicalPath="/vdir" allowSubDirConfig="false"/></application>
<application path="/app" applicationPool="P"><virtualDirectory path="/" physicalPath="/app"/></application>
<application path="/closed" applicationPool="Closed"><virtualDirectory path="/" physicalPath="/closed"/></application>
</site></sites></system.applicationHost></configuration>
)";

/// "FILE:LINE[:COLUMN]" of an error.
std::string described(const Diagnostic& error) {
    return fmt::format("{:08x} @ {}:{}:{}", static_cast<unsigned>(error.number), error.file, error.line, error.column);
}

std::string first_error(const Diagnostics& diagnostics) {
    for (const Diagnostic& one : diagnostics) {
        if (one.severity == Severity::Error) return "! " + described(one);
    }
    return "no error";
}

std::string joined(const std::string& text, const std::string& more) { return text.empty() ? more : text + ", " + more; }

/// The shipped defaults have no place that an administrator could look at.
std::string origin(const EffectiveValue& value) {
    return value.origin().starts_with("applicationHost.config.default:") ? "shipped" : value.origin();
}

/// What the row asks for, in the row's own notation.
std::string answer(const SectionSet& sections, const std::string& query) {
    const std::string path = query.starts_with("system.") ? query : "system.webServer/" + query;
    const SectionSchema* section = nullptr;
    for (const SectionSchema& one : sections.schema().sections()) {
        if (path.starts_with(one.path + '/')) section = &one;
    }
    if (section == nullptr) return "no such section";
    std::string keys;
    std::string origins;
    for (const EffectiveValue& value : effective_values(sections, *section)) {
        if (value.element + "/@" + value.attribute == path) return fmt::format("{} = {} @ {}", query, value.value, origin(value));
        const std::size_t bracket = value.element.rfind("[@");
        if (!value.attribute.empty() || bracket == std::string::npos) continue;
        const std::string collection = value.element.substr(0, value.element.rfind('/', bracket));
        if (collection + "/*" != path) continue;
        const std::size_t quote = value.element.find('\'', bracket);
        keys = joined(keys, value.element.substr(quote + 1, value.element.find('\'', quote + 1) - quote - 1));
        origins = joined(origins, origin(value));
    }
    return fmt::format("{} = {} @ {}", query, keys, origins);
}

class MergeRules : public testing::TestWithParam<Scenario> {
protected:
    void SetUp() override {
        for (const auto& [name, content] : GetParam().files) {
            if (name == "machine") continue;
            const bool raw = name.starts_with("!");
            files_.texts[raw ? name.substr(1) : name] =
                raw ? content : "<configuration><system.webServer>\n" + content + "</system.webServer></configuration>\n";
        }
        const auto machine = GetParam().files.find("machine");
        loaded_ = load_server_configuration_text(
            "<configuration>\n" + (machine == GetParam().files.end() ? std::string() : machine->second) + servers, "machine");
    }

    std::string found(const ServerConfiguration& configuration, const std::string& url, const std::string& query) {
        ConfigurationCache cache(std::make_shared<const ServerConfiguration>(configuration), files_);
        const auto effective = cache.find(1, url);
        if (query.starts_with("!") || effective->error) return first_error(effective->diagnostics);
        return answer(*cache.sections(1, url), query);
    }

    MemoryFiles files_;
    LoadedServerConfiguration loaded_;
};

TEST_P(MergeRules, GiveTheValueAndItsOriginOrTheError) {
    for (const auto& [number, row] : GetParam().rows) {
        SCOPED_TRACE(fmt::format("merge_rules.txt:{}", number));
        const std::size_t space = row.find(' ');
        const std::string url = row.substr(0, space);
        const std::string rest = row.substr(space + 1);
        if (url == "load") {
            EXPECT_EQ(first_error(loaded_.diagnostics), rest);
            continue;
        }
        ASSERT_TRUE(loaded_.configuration.has_value()) << first_error(loaded_.diagnostics);
        const std::string query = rest.substr(0, rest.find(rest[0] == '!' ? " @" : " = "));
        EXPECT_EQ(found(*loaded_.configuration, url, query), rest);
        if (url.starts_with("/closed")) continue;
        // A worker, which has its pool's part only, sees the same.
        const auto part = load_pool_configuration(write_pool_configuration(*loaded_.configuration, "P").value(), "pool");
        ASSERT_TRUE(part.configuration.has_value());
        EXPECT_EQ(found(*part.configuration, url, query), rest) << "in the pool's part";
    }
}

INSTANTIATE_TEST_SUITE_P(Table, MergeRules, testing::ValuesIn(read_scenarios()), [](const testing::TestParamInfo<Scenario>& scenario) {
    std::string name;
    for (const char c : scenario.param.name) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
    return name;
});

TEST(MergeRulesTable, HasAtLeast150Rows) {
    std::size_t rows = 0;
    for (const Scenario& scenario : read_scenarios()) rows += scenario.rows.size();
    EXPECT_GE(rows, 150U);
}

}  // namespace
}  // namespace osmia::config
