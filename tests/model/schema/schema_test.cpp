#include "pipeline/model/schema/schema.h"

#include "pipeline/base/error.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace longtake {
namespace {

using test::TempDir;

std::string complaint(const std::string& text)
{
    try {
        (void)parse_json(text, "film.json");
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::usage);
        return error.what();
    }
    return {};
}

TEST(JsonTextTest, NamesLineColumnAndReason)
{
    const std::string text = complaint("{\n  \"a\": 1\n  \"b\": 2\n}");
    EXPECT_TRUE(text.starts_with("film.json: line 3, column 5: syntax error")) << text;
    EXPECT_EQ(text.find("json.exception"), std::string::npos) << text;
}

TEST(JsonTextTest, SaysThatATextIsNotUtf8)
{
    EXPECT_EQ(complaint("{\n \"a\": \"caf\xe9\"}"),
              "film.json: line 2, column 11: not UTF-8 (byte 0xE9); save it as UTF-8");
    EXPECT_NE(complaint("\xff\xfe{\0}\0"), "");
    EXPECT_NE(complaint("\"\xed\xa0\x80\""), ""); // a surrogate
    EXPECT_NE(complaint("\"\xc0\xaf\""), "");     // overlong
    EXPECT_EQ(complaint("{\"a\": \"café 日本 🎬\"}"), "");
    EXPECT_EQ(complaint("\xef\xbb\xbf{}"), ""); // a byte order mark is let pass
}

TEST(JsonTextTest, RefusesAKeyThatStandsTwice)
{
    EXPECT_EQ(complaint(R"({"shots":[{"id":"a"},{"id":"b","prompt":"x","id":"c"}]})"),
              "film.json: /shots/1/id: this key stands twice in one object; remove one");
    EXPECT_EQ(complaint(R"({"a":{"x":1},"b":{"x":1},"c":[[{"x":1},{"x":2}]]})"), "");
    EXPECT_EQ(complaint(R"({"a":[1,[2,{"k/~":1,"k/~":1}]]})"),
              "film.json: /a/1/1/k~1~0: this key stands twice in one object; remove one");
}

TEST(JsonTextTest, SurvivesNumbersBeyondRangeEmptyTextAndDepth)
{
    EXPECT_NE(complaint("{\"a\": 1e999}"), "");
    EXPECT_NE(complaint(""), "");
    EXPECT_NE(complaint(std::string(100'000, '[')), "");
    EXPECT_EQ(complaint(std::string(100'000, '[') + std::string(100'000, ']')), "");
}

TEST(JsonTextTest, SaysWhyAFileCannotBeRead)
{
    const TempDir dir;
    EXPECT_THROW((void)read_json(dir / "none.json"), Error);
    try {
        (void)read_json(dir / ".");
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("is a folder"), std::string::npos);
    }
}

TEST(SchemaTest, IsTheFileOfThePresetsFolder)
{
    for (const char* name : {"storyboard", "delivery", "models"}) {
        std::ifstream in(std::string(LONGTAKE_SOURCE_DIR "/presets/schemas/") + name + ".schema.json");
        std::stringstream text;
        text << in.rdbuf();
        EXPECT_EQ(schema(name), nlohmann::json::parse(text.str())) << name;
    }
    EXPECT_THROW((void)schema("unheard-of"), Error);
}

TEST(SchemaTest, ADeepOrHugeValueInTheWrongPlaceIsOnlyNamed)
{
    nlohmann::json board = {{"schema", "longtake/storyboard/1"}, {"shots", nlohmann::json::array()}};
    board["title"] = parse_json(std::string(50'000, '[') + std::string(50'000, ']'), "deep");
    board["shots"].push_back({{"id", std::string(1'000'000, 'x')}, {"image", "a"}, {"seconds", 1}});
    try {
        check_schema(board, "storyboard", "film.json");
        FAIL();
    } catch (const Error& error) {
        const std::string text = error.what();
        EXPECT_NE(text.find("/title: found a list; must be a string"), std::string::npos);
        EXPECT_LT(text.size(), 1000U);
    }
}

TEST(FoundTextTest, CutsLongStringsBetweenCharacters)
{
    std::string text;
    for (int i = 0; i < 40; ++i) {
        text += "é";
    }
    const std::string found = found_text("x" + text);
    EXPECT_NO_THROW((void)nlohmann::json(found).dump());
    EXPECT_TRUE(found.ends_with("é…\"")) << found;
}

} // namespace
} // namespace longtake
