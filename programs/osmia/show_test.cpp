#include "osmia/show.h"

#include <gtest/gtest.h>

namespace osmia::command {
namespace {

using Json = nlohmann::ordered_json;

TEST(ShowTable, AlignsTextLeftAndNumbersRight) {
    const Json list = Json::parse(R"([{"pool":"A","pid":7,"startedAt":"now","cached":true},
                                      {"pool":"Another","pid":1234,"startedAt":"then","cached":false}])");
    EXPECT_EQ(show_table(list, "workers"),
              "POOL      PID  STARTED AT  CACHED\n"
              "A           7  now         yes\n"
              "Another  1234  then        no\n");
}

TEST(ShowTable, AnEmptyListIsASentence) { EXPECT_EQ(show_table(Json::array(), "workers"), "No workers.\n"); }

TEST(ShowTable, CountsCharactersNotBytes) {
    const Json list = Json::parse(R"([{"name":"Käse","id":1},{"name":"abcde","id":2}])");
    EXPECT_EQ(show_table(list, "x"), "NAME   ID\nKäse    1\nabcde   2\n");
}

TEST(ShowTable, JoinsArraysAndReplacesControlCharacters) {
    const Json list = Json::parse(R"([{"bindings":["http://a/","unix:/b"],"url":"/\u001b[2J\n"}])");
    EXPECT_EQ(show_table(list, "x"), "BINDINGS            URL\nhttp://a/, unix:/b  /?[2J?\n");
}

TEST(ShowTable, AMissingFieldIsEmpty) {
    EXPECT_EQ(show_table(Json::parse(R"([{"a":"x","b":"y"},{"a":"z"}])"), "x"), "A  B\nx  y\nz\n");
}

TEST(ShowObject, ShowsOneFieldALine) {
    EXPECT_EQ(show_object(Json::parse(R"({"pid":1,"supervisorPid":22,"state":"/x"})")),
              "Pid:            1\n"
              "Supervisor pid: 22\n"
              "State:          /x\n");
}

TEST(ShowObject, AListOfObjectsHasALineForEach) {
    EXPECT_EQ(show_object({{"id", "a"}, {"versions", {{"osmia", "1"}}}, {"stack", {{{"module", "m"}, {"source", ""}, {"function", "f"}}, {{"module", "n"}}}}}),
              "Id:       a\nVersions: osmia 1\nStack:\n    m  f\n    n\n");
}

}  // namespace
}  // namespace osmia::command
