#include "pipeline/model/campaign/board_template.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

using nlohmann::json;

constexpr const char* k_recipe = R"({
  "schema": "longtake/campaign/1",
  "description": "a recipe",
  "variables": {
    "dish": { "type": "text", "description": "its name", "max_letters": 5, "example": "Stew" },
    "steps": { "type": "list", "description": "what to do", "optional": true,
               "fields": { "do": { "type": "text", "description": "this" }, "minutes": { "type": "number", "description": "so long", "default": 1 } } },
    "tips": { "type": "list", "description": "more", "optional": true, "items": { "type": "text", "description": "a tip" } }
  },
  "storyboard": {
    "schema": "longtake/storyboard/1", "title": "${dish}", "deliver": ["square/1080x1080"],
    "shots": [
      { "each": "steps", "id": "step-${number}", "card": { "title": "${item.do}" }, "seconds": "${item.minutes}" },
      { "each": "tips", "card": { "title": "${item}" }, "seconds": 2 },
      { "id": "end", "card": { "title": "${dish}" }, "seconds": 2 }
    ]
  }
})";

class BoardTemplateTest : public testing::Test {
protected:
    void SetUp() override { write_atomic(dir_.path() / "recipe.json", k_recipe); }

    BoardTemplate source() const { return open_template({}, (dir_.path() / "recipe.json").string()); }

    json board(const std::vector<Assignment>& given, Demo demo = Demo::no)
    {
        wrong_.clear();
        return board_of(source(), given, {"1:1"}, demo, wrong_);
    }

    test::TempDir dir_;
    std::vector<WrongValue> wrong_;
};

TEST_F(BoardTemplateTest, KeysNameVariablesElementsAndPlaces)
{
    const json made = board({{"dish", "Soup"},
                             {"steps.1.do", "boil"},
                             {"steps.2.do", "stir"},
                             {"steps.2.minutes", "4"},
                             {"tips.1", "salt"},
                             {"fps", "25"},
                             {"shots.end.seconds", "3"}});
    EXPECT_TRUE(wrong_.empty()) << wrong_.front().what;
    EXPECT_EQ(made.at("title"), "Soup");
    EXPECT_EQ(made.at("fps"), 25);
    ASSERT_EQ(made.at("shots").size(), 4U);
    EXPECT_EQ(made.at("shots")[0].at("seconds"), 1);
    EXPECT_EQ(made.at("shots")[1], json::parse(R"({"id": "step-2", "card": {"title": "stir"}, "seconds": 4})"));
    EXPECT_EQ(made.at("shots")[2].at("card").at("title"), "salt");
    EXPECT_EQ(made.at("shots")[3].at("seconds"), 3);
}

TEST_F(BoardTemplateTest, AllThatIsWrongIsSaidAtOnce)
{
    board({{"dish", "Goulash"}, {"steps.0.do", "x"}, {"tip", "y"}, {"dish.1", "z"}, {"tips", json::array()}});
    std::vector<std::string> keys;
    for (const WrongValue& value : wrong_) {
        keys.push_back(value.key);
    }
    EXPECT_EQ(keys, (std::vector<std::string>{"dish", "steps.0.do", "tip", "dish.1", "tips"}));
    EXPECT_EQ(wrong_[0].what, "has 7 letters; at most 5");
    EXPECT_NE(wrong_[2].what.find("did you mean 'tips'"), std::string::npos);
}

TEST_F(BoardTemplateTest, ADemoTakesExamplesAndWhatIsMissingIsNamed)
{
    EXPECT_EQ(board({}, Demo::examples).at("title"), "Stew");
    EXPECT_THROW(board({}), Error);
    EXPECT_EQ(source().deliver(), std::vector<std::string>{"square/1080x1080"});
}

TEST_F(BoardTemplateTest, AStoryboardTakesChangesAlone)
{
    write_atomic(dir_.path() / "film.json",
                 R"({"schema": "longtake/storyboard/1", "shots": [{"id": "a", "seconds": 1}]})");
    const BoardTemplate film = open_template({}, (dir_.path() / "film.json").string());
    EXPECT_FALSE(film.campaign);
    EXPECT_EQ(film.folder, dir_.path());
    const json made = board_of(film, {{"shots.a.seconds", "2.5"}, {"title", "Two words"}, {"shots.b.seconds", "1"}}, {},
                               Demo::no, wrong_);
    EXPECT_EQ(made.at("shots")[0].at("seconds"), 2.5);
    EXPECT_EQ(made.at("title"), "Two words");
    ASSERT_EQ(wrong_.size(), 1U);
    EXPECT_EQ(wrong_[0].what, "shots.b.seconds: there is no shot 'b'");
}

TEST(AssignmentTest, IsAKeyAndAValue)
{
    EXPECT_EQ(parse_assignment("a.b=c=d", "/").key, "a.b");
    EXPECT_EQ(parse_assignment("a.b=c=d", "/").value, "c=d");
    EXPECT_THROW(parse_assignment("ab", "/"), Error);
    EXPECT_THROW(parse_assignment("=b", "/"), Error);
}

} // namespace
} // namespace longtake
