#include "pipeline/flow/look/look.h"

#include "pipeline/av/picture/picture_decoder.h"
#include "pipeline/flow/film.h"
#include "tests/flow/film_setup.h"
#include "tests/support/boards.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

class LookTest : public ::testing::Test {
protected:
    Look look(const nlohmann::json& json, const LookWish& wish = {})
    {
        const Storyboard board = load_storyboard(test::write_board(dir_ / "board.json", json));
        test::FilmSetup setup = test::setup_in(dir_.path(), "out");
        std::filesystem::create_directories(setup.options.workdir.stills());
        const Plan plan = plan_film(board, setup.options, setup.account);
        return look_at(board, plan, setup.options, setup.account, setup.observer, wish);
    }

    test::TempDir dir_;
};

TEST_F(LookTest, DrawsEveryShotOnEveryCanvas)
{
    nlohmann::json board = test::quick_board();
    board["deliver"] = {"preview/360p", "shorts/1080x1920"};
    const Look sheet = look(board);
    EXPECT_EQ(sheet.shots, 4U);
    EXPECT_EQ(sheet.canvases, (std::vector<std::string>{"16:9", "9:16"}));
    const av::DecodedPicture picture = av::decode_picture(sheet.png, av::PictureCodec::png);
    EXPECT_EQ(picture.frame.size(), sheet.size);
    EXPECT_FALSE(std::filesystem::exists(dir_ / "work/takes")) << "nothing is generated";
}

TEST_F(LookTest, OneShotOnOneCanvas)
{
    nlohmann::json board = test::quick_board();
    board["deliver"] = {"preview/360p", "shorts/1080x1920"};
    const Look all = look(board);
    const Look one = look(board, {"moon", "9:16"});
    EXPECT_EQ(one.shots, 1U);
    EXPECT_EQ(one.canvases, std::vector<std::string>{"9:16"});
    EXPECT_LT(one.size.height, all.size.height);
    EXPECT_LT(one.size.width, all.size.width);
}

TEST_F(LookTest, APreparedPictureStandsInForAPaidTake)
{
    nlohmann::json board = test::quick_board();
    board["provider"] = "kling";
    board["shots"] = {{{"id", "cup"}, {"image", test::photo("coffee.png")}, {"prompt", "steam"}, {"seconds", 5}},
                      {{"id", "dream"}, {"prompt", "a harbour at dawn"}, {"seconds", 5}, {"model", "kling-v1-6"}}};
    EXPECT_EQ(look(board).shots, 2U);
}

TEST_F(LookTest, RefusesWhatTheFilmDoesNotHave)
{
    EXPECT_THROW(look(test::quick_board(), {"moo", {}}), Error);
    EXPECT_THROW(look(test::quick_board(), {{}, "1:1"}), Error);
}

} // namespace
} // namespace longtake
