// Windows over footage, kept in a file and put right by hand.
#include "pipeline/flow/framings.h"

#include "pipeline/base/files.h"
#include "pipeline/flow/film.h"
#include "tests/flow/film_setup.h"
#include "tests/support/ffmpeg_cli.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longtake {
namespace {

using ::testing::HasSubstr;

class FramingsTest : public ::testing::Test {
protected:
    FramingsTest()
    {
        test::ffmpeg("-f lavfi -i testsrc=s=320x180:r=10:d=1 -c:v libx264 -pix_fmt yuv420p '" +
                     (dir_ / "wide.mp4").string() + "'");
        setup_.options.framing = dir_ / "framings.json";
    }

    Timeline made()
    {
        const nlohmann::json board = {{"schema", "longtake/storyboard/1"},
                                      {"title", "Framed"},
                                      {"size", "180x320"},
                                      {"fps", 10},
                                      {"shots", {{{"id", "wide"}, {"clip", "wide.mp4"}}}}};
        make_film(storyboard_from_json(board, dir_.path(), "test"), setup_.options, setup_.account, setup_.observer);
        return nlohmann::json::parse(read_text(setup_.options.workdir.root / "timeline.json")).get<Timeline>();
    }

    test::TempDir dir_;
    test::FilmSetup setup_ = test::setup_in(dir_.path(), "out.mp4");
};

TEST_F(FramingsTest, WhatWasFoundIsWrittenAndWhatIsPutRightIsBelieved)
{
    const auto found = made().items.at(0).ranges.at(0).framed;
    ASSERT_TRUE(found);
    nlohmann::json book = nlohmann::json::parse(read_text(dir_ / "framings.json"));
    ASSERT_EQ(book.at("framings").size(), 1U);
    EXPECT_EQ(book["framings"][0]["shot"], "wide");
    EXPECT_EQ(book["framings"][0]["aspect"], "9:16");
    EXPECT_EQ(book["framings"][0]["window"].get<FramedWindow>().window, found->window);

    FramedWindow mine = *found;
    mine.path.points = {{0.2, 0.5}};
    book["framings"][0]["window"] = mine;
    write_atomic(dir_ / "framings.json", book.dump());
    const auto again = made().items.at(0).ranges.at(0).framed;
    ASSERT_TRUE(again);
    EXPECT_NEAR(again->path.points.at(0).x, 0.2, 1e-6);
    EXPECT_EQ(nlohmann::json::parse(read_text(dir_ / "framings.json")).at("framings").size(), 1U) << "and it stays";
}

TEST_F(FramingsTest, WhatIsNoneIsSaid)
{
    const auto complaint = [&](const std::string& text) -> std::string {
        write_atomic(dir_ / "framings.json", text);
        try {
            FramingBook::read(dir_ / "framings.json");
        } catch (const Error& error) {
            return error.what();
        }
        return "none";
    };
    EXPECT_THAT(complaint("{}"), HasSubstr("these are no framings (longtake/framings/1)"));
    EXPECT_THAT(complaint(R"({"schema": "longtake/framings/1", "framings": [{"shot": "a"}]})"), HasSubstr("entry 0"));
    EXPECT_NO_THROW(FramingBook::read(dir_ / "missing.json"));
}

} // namespace
} // namespace longtake
