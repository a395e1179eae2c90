#include "pipeline/flow/batch/table.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

class TableTest : public testing::Test {
protected:
    std::vector<TableRow> read(const std::string& text, const std::string& name = "rows.csv",
                               const std::map<std::string, std::string>& aliases = {})
    {
        write_atomic(dir_.path() / name, text);
        return read_table(dir_.path() / name, aliases);
    }

    std::string refusal(const std::string& text)
    {
        try {
            read(text);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Errc::usage);
            return error.what();
        }
        return {};
    }

private:
    test::TempDir dir_;
};

TEST_F(TableTest, ReadsQuotesLineBreaksAndMarksAsRfc4180HasThem)
{
    const auto rows = read("\xEF\xBB\xBFname,text\r\ncup,\"one, two\r\nand \"\"three\"\"\"\r\n\r\nmug,\r\n");
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].text("text"), "one, two\r\nand \"three\"");
    EXPECT_EQ(rows[1].number, 2);
    EXPECT_EQ(rows[1].text("name"), "mug");
    EXPECT_EQ(rows[1].cells.size(), 1U); // an empty cell gives nothing
}

TEST_F(TableTest, TakesTheDelimiterOfTheHeader)
{
    EXPECT_EQ(read("a;b\n1,5;2\n")[0].text("a"), "1,5");
    EXPECT_EQ(read("a\tb\n1,5;x\t2\n")[0].text("a"), "1,5;x");
    EXPECT_EQ(read("\"a;;;;\",b\n1,2\n")[0].text("b"), "2");
}

TEST_F(TableTest, NamesColumnsAsVariablesAreNamed)
{
    const auto rows = read("Product Name , Preis,steps.1.Title\nMug,5,mix\n", "rows.csv", {{"Preis", "price"}});
    EXPECT_EQ(rows[0].text("product_name"), "Mug");
    EXPECT_EQ(rows[0].text("price"), "5");
    EXPECT_EQ(rows[0].text("steps.1.title"), "mix");
}

TEST_F(TableTest, ReadsJsonLinesWithTheirTypes)
{
    const auto rows = read("{\"a\": 1.5, \"b\": [\"x\"], \"c\": null}\n\n[1]\n", "rows.jsonl");
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].cells[0].value, 1.5);
    EXPECT_EQ(rows[0].cells.size(), 2U);
    EXPECT_EQ(rows[1].unreadable, "is no JSON object");
}

TEST_F(TableTest, ARowThatIsTooLongIsItsOwnTrouble)
{
    const auto rows = read("a,b\n1,2,3\n4,5\n");
    EXPECT_EQ(rows[0].unreadable.substr(0, 25), "has 3 cells under 2 heads");
    EXPECT_EQ(rows[1].unreadable, "");
}

TEST_F(TableTest, SaysWhatIsWrongWithTheWholeFile)
{
    EXPECT_NE(refusal("a,a\n1,2\n").find("two columns are called 'a'"), std::string::npos);
    EXPECT_NE(refusal("a,b\n").find("has no rows"), std::string::npos);
    EXPECT_NE(refusal("a\nM\xFCsli\n").find("is not UTF-8"), std::string::npos);
    EXPECT_NE(refusal("a,b\n1,\"x\"y\n").find("line 2"), std::string::npos) << refusal("a,b\n1,\"x\"y\n");
    EXPECT_NE(refusal("a,b\n1,\"x\n").find("written twice"), std::string::npos);
}

} // namespace
} // namespace longtake
