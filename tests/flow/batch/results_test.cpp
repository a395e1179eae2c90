#include "pipeline/flow/batch/results.h"

#include "pipeline/flow/batch/contact_sheet.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

TEST(ResultsTest, CellsStandInQuotesWhereTheyHaveTo)
{
    EXPECT_EQ(csv_cell("plain text"), "plain text");
    EXPECT_EQ(csv_cell("a,b"), "\"a,b\"");
    EXPECT_EQ(csv_cell("say \"no\"\n"), "\"say \"\"no\"\"\n\"");
}

TEST(ResultsTest, ThePageShowsStatesAndEscapesWhatItQuotes)
{
    BatchResult result;
    RowState row;
    row.number = 3;
    row.name = "mug";
    row.outcome = "input";
    row.message = "<script>alert(1)</script>";
    result.rows = {row};
    const std::string page = batch_page(result, "/films");
    EXPECT_NE(page.find("data-state=\"failed\""), std::string::npos);
    EXPECT_NE(page.find("&lt;script&gt;alert(1)"), std::string::npos);
    EXPECT_EQ(page.find("<script>alert"), std::string::npos);
    EXPECT_NE(page.find("0 of 1 films"), std::string::npos);
}

TEST(ContactSheetTest, IsNoneWithoutPosters)
{
    EXPECT_EQ(contact_sheet({RowState()}), "");
    EXPECT_TRUE(poster_of(RowState()).empty());
}

} // namespace
} // namespace longtake
