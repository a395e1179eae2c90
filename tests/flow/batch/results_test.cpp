#include "pipeline/flow/batch/results.h"

#include "pipeline/av/picture/picture_writer.h"
#include "pipeline/base/files.h"
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

/// What a page carries.
nlohmann::json carried(const std::string& page)
{
    const std::string begin = R"(<script type="application/json" id="run">)";
    const std::size_t from = page.find(begin) + begin.size();
    return nlohmann::json::parse(page.substr(from, page.find("</script>", from) - from));
}

TEST(ResultsTest, ThePageShowsStatesAndEscapesWhatItQuotes)
{
    const test::TempDir dir;
    BatchOptions options;
    options.output = dir / "films";
    options.repeat_command = "longtake batch rows.csv";
    BatchResult result;
    RowState row;
    row.number = 3;
    row.name = "mug";
    row.outcome = "input";
    row.message = "</script><script>alert(1)</script>";
    result.rows = {row};
    const std::string page = batch_page(result, options);
    EXPECT_EQ(page.find("<script>alert"), std::string::npos);
    const nlohmann::json seen = carried(page);
    EXPECT_EQ(seen.at("title"), "films");
    EXPECT_EQ(seen.at("outcome"), "failed");
    EXPECT_EQ(seen.at("command"), "longtake batch rows.csv");
    EXPECT_EQ(seen.at("rows").at(0).at("state"), "input");
    EXPECT_EQ(seen.at("rows").at(0).at("message"), row.message);
    EXPECT_TRUE(seen.at("rows").at(0).at("poster").is_null());
}

TEST(ResultsTest, ThePageHasSmallPostersAndFilmsByRelativeAddresses)
{
    const test::TempDir dir;
    BatchOptions options;
    options.output = dir / "films";
    const av::Frame frame = av::Frame::rgb({1920, 1080});
    std::filesystem::create_directories(options.output);
    write_atomic(options.output / "a mug.jpg", av::encode_jpeg(frame, 5));
    BatchResult result;
    RowState row;
    row.outcome = "done";
    row.deliverables.emplace_back();
    row.deliverables[0].files = {{options.output / "a mug.mp4", "", 1}};
    result.rows = {row};
    const nlohmann::json seen = carried(batch_page(result, options)).at("rows").at(0);
    EXPECT_EQ(seen.at("films").at(0).at("url"), "a%20mug.mp4");
    const std::filesystem::path poster = options.output / seen.at("poster").get<std::string>();
    ASSERT_TRUE(std::filesystem::exists(poster));
    EXPECT_LT(std::filesystem::file_size(poster), 8000U);
    write_atomic(poster, "kept");
    batch_page(result, options);
    EXPECT_EQ(read_text(poster), "kept") << "drawn once";
}

TEST(ContactSheetTest, IsNoneWithoutPosters)
{
    EXPECT_EQ(contact_sheet({RowState()}), "");
    EXPECT_TRUE(poster_of(RowState()).empty());
}

} // namespace
} // namespace longtake
