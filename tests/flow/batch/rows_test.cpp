#include "pipeline/flow/batch/rows.h"

#include "pipeline/base/error.h"
#include "tests/flow/batch/cards_batch.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

std::vector<std::string> names_of(const BatchRows& batch)
{
    std::vector<std::string> names;
    for (const BatchRow& row : batch.rows) {
        names.push_back(row.name);
    }
    return names;
}

TEST(RowsTest, AreNamedByTheirColumnByAPatternOrByNumber)
{
    test::CardsBatch cards;
    EXPECT_EQ(names_of(rows_of(cards.source, cards.table("name,headline\nBig Mug,Hello\n,Bye\n"))),
              (std::vector<std::string>{"big-mug", "row-0002"}));
    cards.source.naming = "${sku}-${number}";
    EXPECT_EQ(names_of(rows_of(cards.source, cards.table("sku,headline\nA7,Hello\nA8,Bye\n"))),
              (std::vector<std::string>{"a7-0001", "a8-0002"}));
    cards.source.naming = "${shop}";
    const BatchRows none = rows_of(cards.source, cards.table("sku,headline\nA7,Hello\n"));
    EXPECT_NE(none.rows[0].wrong.at(0).what.find("unknown variable 'shop'"), std::string::npos);
}

TEST(RowsTest, TwoOfOneNameAreRefused)
{
    test::CardsBatch cards;
    const BatchRows batch = rows_of(cards.source, cards.table("name,headline\nmug,a\ncup,b\nMug!,c\n"));
    EXPECT_TRUE(batch.rows[0].wrong.empty());
    ASSERT_EQ(batch.rows[2].wrong.size(), 1U);
    EXPECT_EQ(batch.rows[2].wrong[0].what.substr(0, 33), "is called 'mug', as row 1 is; nam");
}

TEST(RowsTest, ColumnsThatMeanNothingAreToldOfOnce)
{
    test::CardsBatch cards;
    const BatchRows batch = rows_of(cards.source, cards.table("headlin,stock,fps\na,3,25\nb,4,25\n"));
    ASSERT_EQ(batch.notes.size(), 2U);
    EXPECT_EQ(batch.notes[0], "column 'headlin' is left aside: nothing is called so; did you mean 'headline'?");
    EXPECT_EQ(batch.rows[0].given.size(), 1U); // fps is a storyboard's
}

TEST(RowsTest, AMatrixMakesEveryCombination)
{
    test::CardsBatch cards;
    cards.source.matrix = {{"headline", {"One", "Two"}}, {"colour", {"#000000", "#ffffff"}}};
    const BatchRows batch = rows_of(cards.source, cards.table("name,seconds\nmug,1\n"));
    EXPECT_EQ(names_of(batch), (std::vector<std::string>{"mug-headline1-colour1", "mug-headline1-colour2",
                                                         "mug-headline2-colour1", "mug-headline2-colour2"}));
    EXPECT_EQ(batch.rows[1].tags, (std::map<std::string, std::string>{{"headline", "One"}, {"colour", "#ffffff"}}));
    std::vector<WrongValue> wrong;
    EXPECT_EQ(board_of_row(cards.source, batch.rows[2], wrong).at("shots")[1].at("card").at("text"), "Two");
}

TEST(RowsTest, ARowsOwnWordWinsOverThatForAll)
{
    test::CardsBatch cards;
    cards.source.given = {{"headline", "All"}, {"seconds", "2"}};
    cards.source.provider = "kling";
    const BatchRows batch = rows_of(cards.source, cards.table("headline\nOwn\n"));
    std::vector<WrongValue> wrong;
    const auto board = board_of_row(cards.source, batch.rows[0], wrong);
    EXPECT_EQ(board.at("shots")[1].at("card").at("text"), "Own");
    EXPECT_EQ(board.at("shots")[1].at("seconds"), 2);
    EXPECT_EQ(board.at("provider"), "kling");
}

} // namespace
} // namespace longtake
