#include "pipeline/flow/preview/animatic.h"

#include "pipeline/av/picture/picture_decoder.h"
#include "pipeline/av/probe.h"
#include "pipeline/flow/film.h"
#include "pipeline/flow/preview/storyboard_sheet.h"
#include "tests/flow/film_setup.h"
#include "tests/support/boards.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

class PreviewTest : public ::testing::Test {
protected:
    void read(const nlohmann::json& json)
    {
        board_ = load_storyboard(test::write_board(dir_ / "board.json", json));
        setup_.emplace(test::setup_in(dir_.path(), "out"));
        std::filesystem::create_directories(setup_->options.workdir.stills());
        std::filesystem::create_directories(setup_->options.workdir.scratch());
        plan_ = plan_film(board_, setup_->options, setup_->account);
    }

    std::string sheet(SheetForm form)
    {
        return storyboard_sheet(board_, plan_, setup_->options, setup_->account, setup_->observer, form);
    }

    test::TempDir dir_;
    Storyboard board_;
    Plan plan_;
    std::optional<test::FilmSetup> setup_;
};

TEST_F(PreviewTest, AnAnimaticLastsAsLongAsItsFilmAndGeneratesNothing)
{
    read(test::quick_board());
    const Animatic made =
        make_animatic(board_, plan_, setup_->options, setup_->account, setup_->observer, dir_ / "p.mp4");
    EXPECT_EQ(made.frames, 108);
    const av::Measured measured = av::measure(dir_ / "p.mp4");
    EXPECT_EQ(measured.frames, 108);
    EXPECT_TRUE(measured.constant_rate);
    const av::MediaInfo info = av::probe(dir_ / "p.mp4");
    EXPECT_EQ(info.video->size, made.size);
    EXPECT_GT(made.size.height, 360);
    EXPECT_FALSE(info.audio);
    EXPECT_FALSE(std::filesystem::exists(dir_ / "work/takes"));
}

TEST_F(PreviewTest, APaidFilmIsPreviewedWithoutKeys)
{
    nlohmann::json board = test::quick_board();
    board["provider"] = "kling";
    board["defaults"]["model"] = "kling-v2-6";
    board["defaults"]["mode"] = "pro";
    for (nlohmann::json& shot : board["shots"]) {
        if (shot.contains("seconds") && !shot.contains("card")) {
            shot["seconds"] = 5;
            shot.erase("camera"); // which this model takes none of
        }
    }
    read(board);
    const Animatic made =
        make_animatic(board_, plan_, setup_->options, setup_->account, setup_->observer, dir_ / "p.mp4");
    EXPECT_EQ(made.frames, plan_.frames);
}

TEST_F(PreviewTest, ASheetShowsEveryShotOnPaper)
{
    read(test::quick_board());
    const av::DecodedPicture picture = av::decode_picture(sheet(SheetForm::png), av::PictureCodec::png);
    EXPECT_EQ(picture.frame.size().width, 2340);
    EXPECT_GT(picture.frame.size().height, 1200) << "two rows";
    EXPECT_EQ(picture.frame.plane(0)[0], 255) << "white";
    const std::string pdf = sheet(SheetForm::pdf);
    EXPECT_TRUE(pdf.starts_with("%PDF-1.4"));
    EXPECT_NE(pdf.find("/Count 1 "), std::string::npos) << "six shots a page";
}

} // namespace
} // namespace longtake
