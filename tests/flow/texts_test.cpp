// Styled text from a storyboard to the notes of its plan.
#include "pipeline/flow/texts.h"

#include "pipeline/base/files.h"
#include "pipeline/flow/film.h"
#include "tests/flow/film_setup.h"
#include "tests/support/cubes.h"
#include "tests/support/fonts.h"
#include "tests/support/photos.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

class TextsTest : public ::testing::Test {
protected:
    test::FilmSetup setup() { return test::setup_in(dir_.path(), "out.mp4"); }

    Storyboard board(const nlohmann::json& card, const nlohmann::json& changes = nlohmann::json::object())
    {
        nlohmann::json json = {{"schema", "longtake/storyboard/1"},
                               {"title", "Texts"},
                               {"size", "320x180"},
                               {"fps", 10},
                               {"shots", {{{"id", "end"}, {"card", card}, {"seconds", 1}}}}};
        json.merge_patch(changes);
        return storyboard_from_json(json, dir_.path(), "test");
    }

    std::string complaint(const Storyboard& board)
    {
        const test::FilmSetup setup = this->setup();
        try {
            plan_film(board, setup.options, setup.account);
        } catch (const Error& error) {
            return error.what();
        }
        return {};
    }

    test::TempDir dir_;
};

TEST_F(TextsTest, AStyledCardIsMadeIntoAFilmAndFoundAgain)
{
    const test::FilmSetup setup = this->setup();
    const Storyboard film = board({{"title", "Coffee"}, {"call_to_action", "Buy"}, {"style", "luxe"}});
    const FilmResult made = make_film(film, setup.options, setup.account, setup.observer);
    ASSERT_EQ(made.deliverables.size(), 1U);
    EXPECT_TRUE(made.plan.notes.empty());
    EXPECT_TRUE(make_film(film, setup.options, setup.account, setup.observer).nothing_to_do);
    const Storyboard other = board({{"title", "Tea"}, {"call_to_action", "Buy"}, {"style", "luxe"}});
    EXPECT_FALSE(make_film(other, setup.options, setup.account, setup.observer).nothing_to_do);
}

TEST_F(TextsTest, NotesSayWhichOutputIsMeant)
{
    const test::FilmSetup setup = this->setup();
    const Plan plan = plan_film(board({{"title", "Coffee"}, {"style", {{"palette", {{"ink", "#222222"}}}}}}),
                                setup.options, setup.account);
    ASSERT_EQ(plan.notes.size(), 1U);
    EXPECT_TRUE(plan.notes[0].starts_with("master: the style's ink #222222 on its ground")) << plan.notes[0];
}

TEST_F(TextsTest, FilesOfABrandAreUsedAndWhatTheyHoldCounts)
{
    const test::FilmSetup setup = this->setup();
    write_atomic(dir_ / "q.ttf", test::renamed_font());
    write_atomic(dir_ / "film.cube", test::identity_cube(2));
    write_atomic(dir_ / "logo.svg",
                 R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 2"><circle r="2"/></svg>)");
    std::filesystem::copy_file(test::photo("coffee.png"), dir_ / "cup.png");
    const Storyboard film =
        board({{"title", "Coffee"}}, {{"brand",
                                       {{"fonts", {{"heading", "Qoto Serif"}, {"files", {"q.ttf"}}}},
                                        {"lut", "film.cube"},
                                        {"logo", {{"file", "logo.svg"}}}}},
                                      {"shots",
                                       {{{"id", "cup"}, {"image", "cup.png"}, {"prompt", "a cup"}, {"seconds", 1}},
                                        {{"id", "end"}, {"card", {{"title", "Coffee"}}}, {"seconds", 1}}}}});
    const FilmResult made = make_film(film, setup.options, setup.account, setup.observer);
    EXPECT_EQ(made.plan.notes, std::vector<std::string>{}) << "the font is there";
    EXPECT_TRUE(make_film(film, setup.options, setup.account, setup.observer).nothing_to_do);
    write_atomic(dir_ / "film.cube", test::swapping_cube(2));
    EXPECT_FALSE(make_film(film, setup.options, setup.account, setup.observer).nothing_to_do);
    write_atomic(dir_ / "film.cube", "LUT_3D_SIZE 2\n0 0 0\n");
    EXPECT_NE(complaint(film).find("LUT 'film.cube', line 2"), std::string::npos) << complaint(film);
}

TEST_F(TextsTest, WhatIsWrongIsSaidBeforeAnythingIsMade)
{
    EXPECT_NE(complaint(board({{"title", "a"}, {"style", "luxx"}})).find("luxe"), std::string::npos);
    EXPECT_NE(complaint(board({{"title", "a"}}, {{"brand", {{"logo", {{"file", "none.png"}}}}}})), "");
    write_atomic(dir_ / "bad.png", "no picture");
    EXPECT_NE(
        complaint(board({{"title", "a"}}, {{"brand", {{"logo", {{"file", "bad.png"}}}}}})).find("is neither a PNG"),
        std::string::npos);
    EXPECT_NE(complaint(board({{"title", "a"}}, {{"overlays", {{{"text", "late"}, {"from", 9}}}}})).find("never seen"),
              std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(dir_ / "work"));
}

} // namespace
} // namespace longtake
