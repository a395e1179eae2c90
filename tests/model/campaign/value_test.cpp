#include "pipeline/model/campaign/value.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

using nlohmann::json;

Variable variable_from(json written)
{
    written["description"] = "for a test";
    return variable_of("it", written);
}

json bound(const json& variable, const json& given, ValueContext context = {"/", {"16:9"}})
{
    return value_of(variable_from(variable), given, context);
}

std::string refusal(const json& variable, const json& given)
{
    try {
        bound(variable, given);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::usage);
        return error.what();
    }
    return {};
}

TEST(ValueTest, TextsBreakTheirLinesAndCountLettersAsReadersDo)
{
    EXPECT_EQ(bound({{"type", "text"}}, "one\\ntwo"), "one\ntwo");
    EXPECT_EQ(letters_in("e\u0301te\u0301"), 3); // accents of their own code points
    EXPECT_EQ(bound({{"type", "text"}, {"max_letters", 3}}, "e\u0301te\u0301"), "e\u0301te\u0301");
    EXPECT_EQ(refusal({{"type", "text"}, {"max_letters", 3}}, "four"), "has 4 letters; at most 3");
}

TEST(ValueTest, LimitsOfLettersHoldOnTheCanvasesOfTheFilm)
{
    const json limited = {{"type", "text"}, {"max_letters", {{"16:9", 8}, {"9:16", 4}}}};
    EXPECT_EQ(bound(limited, "sixteen"), "sixteen");
    EXPECT_THROW(bound(limited, "sixteen", {"/", {"16:9", "9:16"}}), Error);
    EXPECT_EQ(refusal(limited, "sixteenth"), "has 9 letters; at most 8 fit at 16:9");
}

TEST(ValueTest, NumbersKeepTheirTypeAndTheirBounds)
{
    EXPECT_TRUE(bound({{"type", "number"}}, "12").is_number_integer());
    EXPECT_EQ(bound({{"type", "number"}}, "3.5"), 3.5);
    EXPECT_EQ(refusal({{"type", "number"}, {"min", 1}}, "0"), "found \"0\"; must be >= 1");
    EXPECT_EQ(refusal({{"type", "number"}, {"max", 9}}, 10), "found 10; must be <= 9");
    EXPECT_NE(refusal({{"type", "number"}}, "a dozen"), "");
    EXPECT_NE(refusal({{"type", "number"}}, "0x10"), "");
}

TEST(ValueTest, PricesAreTextInTheirLocale)
{
    const json price = {{"type", "price"}, {"currency", "EUR"}, {"locale", "de-DE"}};
    EXPECT_EQ(bound(price, 12.9), "12,90\u00a0€"); // a number of JSON has no last zero
    EXPECT_EQ(bound(price, "12.90"), "12,90\u00a0€");
    EXPECT_EQ(bound(price, 12), "12\u00a0€");
}

TEST(ValueTest, ColoursAndChoicesAreHeldAgainstWhatThereIs)
{
    EXPECT_EQ(bound({{"type", "colour"}}, "#20140C"), "#20140C");
    EXPECT_NE(refusal({{"type", "colour"}}, "brown"), "");
    const json choice = {{"type", "choice"}, {"choices", {"calm", "bold"}}};
    EXPECT_EQ(bound(choice, "bold"), "bold");
    EXPECT_EQ(refusal(choice, "bald"), "found \"bald\"; must be calm or bold; did you mean 'bold'?");
}

TEST(ValueTest, FilesAreFoundBesideWhereTheyAreNamed)
{
    const test::TempDir folder;
    write_atomic(folder.path() / "cup.jpg", "a picture");
    EXPECT_EQ(bound({{"type", "picture"}}, "cup.jpg", {folder.path(), {}}), (folder.path() / "cup.jpg").string());
    EXPECT_THROW(bound({{"type", "picture"}}, "mug.jpg", {folder.path(), {}}), Error);
    EXPECT_THROW(bound({{"type", "sound"}}, ".", {folder.path(), {}}), Error);
    EXPECT_EQ(bound({{"type", "style"}}, "poster"), "poster");
    EXPECT_EQ(bound({{"type", "style"}}, "shop.json", {folder.path(), {}}), (folder.path() / "shop.json").string());
}

TEST(ValueTest, ListsComeAsJsonOrBetweenBars)
{
    const json plain = {{"type", "list"}, {"max", 3}, {"items", {{"type", "text"}, {"description", "a point"}}}};
    EXPECT_EQ(bound(plain, "one | two|three"), json({"one", "two", "three"}));
    EXPECT_EQ(bound(plain, R"(["one", "two"])"), json({"one", "two"}));
    EXPECT_EQ(refusal(plain, "a|b|c|d"), "has 4 elements; must have 1 to 3");
    EXPECT_EQ(refusal(plain, "a||c").substr(0, 10), "element 2:");
    const json steps = {{"type", "list"},
                        {"fields",
                         {{"title", {{"type", "text"}, {"description", "its name"}}},
                          {"minutes", {{"type", "number"}, {"description", "its time"}, {"default", 1}}}}}};
    EXPECT_EQ(bound(steps, json::array({{{"title", "mix"}}})), json::parse(R"([{"title": "mix", "minutes": 1}])"));
    EXPECT_EQ(refusal(steps, json::array({{{"minutes", 2}}})), "element 1: title: missing");
    EXPECT_NE(refusal(steps, json::array({{{"title", "mix"}, {"minute", 2}}})).find("did you mean 'minutes'"),
              std::string::npos);
}

TEST(VariableTest, SaysWhatItsTypeCannotHave)
{
    EXPECT_THROW(variable_from({{"type", "choice"}}), Error);
    EXPECT_THROW(variable_from({{"type", "text"}, {"choices", {"a"}}}), Error);
    EXPECT_THROW(variable_from({{"type", "list"}}), Error);
    EXPECT_EQ(word(variable_from({{"type", "picture"}}).type), "picture");
    EXPECT_TRUE(variable_from({{"type", "text"}}).required());
    EXPECT_FALSE(variable_from({{"type", "text"}, {"default", "x"}}).required());
}

} // namespace
} // namespace longtake
