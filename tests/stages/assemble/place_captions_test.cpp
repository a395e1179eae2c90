#include "stages/assemble/place_captions.h"

#include "stages/assemble/place_overlays.h"

#include <gtest/gtest.h>

namespace longtake::stages {
namespace {

class PlaceCaptionsTest : public ::testing::Test {
protected:
    PlaceCaptionsTest()
    {
        plan_.size = {1280, 720};
        plan_.rate = {25, 1};
        plan_.frames = 250;
        plan_.styles[""] = load_style({std::filesystem::path(LONGTAKE_SOURCE_DIR) / "presets"}, "studio");
        for (const char* id : {"a", "b"}) {
            ShotPlan shot;
            shot.shot.id = id;
            shot.frames = 125;
            plan_.shots.push_back(shot);
        }
        plan_.ending = Ending::cut;
    }

    Plan plan_;
};

TEST_F(PlaceCaptionsTest, AShotsCaptionIsSpreadOverIt)
{
    plan_.shots[1].shot.caption = "Here it is";
    const auto overlays = overlays_of(plan_);
    ASSERT_EQ(overlays.size(), 1U);
    EXPECT_EQ(overlays[0].from, 125);
    EXPECT_EQ(overlays[0].to, 250);
    EXPECT_EQ(overlays[0].at, Place::lower);
    EXPECT_EQ(overlays[0].texts, (std::vector<RoleText>{{TextRole::caption, "Here it is"}}));
}

TEST_F(PlaceCaptionsTest, WithAVoiceItFollowsWhatIsSpoken)
{
    plan_.shots[1].shot.caption = "Here it is";
    plan_.shots[1].shot.voice = "/v.wav";
    plan_.shots[1].shot.as_long_as_voice = true;
    plan_.voices["/v.wav"] = {4, {{0.5, 2}}};
    const auto voices = voices_of(plan_, {{"/v.wav", "hash"}});
    ASSERT_EQ(voices.size(), 1U);
    EXPECT_EQ(voices[0].from, 130) << "after a breath";
    EXPECT_EQ(voices[0].to, 230);
    EXPECT_EQ(voices[0].sha256, "hash");
    const auto captions = captions_of(plan_, voices);
    ASSERT_EQ(captions.size(), 1U);
    EXPECT_NEAR(captions[0].from, 5.7, 1e-9);
    EXPECT_NEAR(captions[0].to, 7.2, 1e-9);
    EXPECT_TRUE(captions[0].words.empty()) << "times that were guessed highlight nothing";
}

TEST_F(PlaceCaptionsTest, AVoiceEndsWithTheFilm)
{
    plan_.audio.voice = "/v.wav";
    plan_.audio.voice_db = -3;
    plan_.voices["/v.wav"] = {60, {}};
    const auto voices = voices_of(plan_, {});
    ASSERT_EQ(voices.size(), 1U);
    EXPECT_EQ(voices[0].from, 0);
    EXPECT_EQ(voices[0].to, 250);
    EXPECT_EQ(voices[0].gain_db, -3);
}

TEST_F(PlaceCaptionsTest, NoneStandsOverAnotherAndNoneAfterTheEnd)
{
    plan_.caption_list = {{1, 4, "one", {}}, {3, 5, "two", {}}, {11, 12, "late", {}}};
    const auto captions = captions_of(plan_, {});
    ASSERT_EQ(captions.size(), 2U);
    EXPECT_EQ(captions[0].to, 3);
}

TEST_F(PlaceCaptionsTest, StandsAboveWhereOtherTextStandsBelow)
{
    plan_.caption_list = {{0, 2, "one", {}}, {6, 8, "two", {}}};
    OverlayWords words;
    words.texts = {{TextRole::lower_third, "Ann"}};
    words.from = 5;
    plan_.overlays = {words};
    const auto overlays = overlays_of(plan_);
    ASSERT_EQ(overlays.size(), 3U);
    EXPECT_EQ(overlays[1].at, Place::lower);
    EXPECT_EQ(overlays[2].at, Place::upper);
}

TEST_F(PlaceCaptionsTest, LongOnesTakeTurnsAsTheCanvasHasRoom)
{
    plan_.caption_list = {
        {0, 8, "A sentence that is too long to be read in two lines of an upright picture at a glance", {}}};
    const std::size_t wide = overlays_of(plan_).size();
    plan_.size = {720, 1280};
    EXPECT_GT(overlays_of(plan_).size(), wide);
}

TEST_F(PlaceCaptionsTest, OnlyWhatIsBurnedInIsDrawn)
{
    plan_.captions = CaptionSettings{"/c.srt", {CaptionForm::soft}};
    plan_.caption_list = {{0, 8, "one", {}}};
    EXPECT_TRUE(overlays_of(plan_).empty());
    plan_.captions->as = {CaptionForm::soft, CaptionForm::burned};
    EXPECT_EQ(overlays_of(plan_).size(), 1U);
}

TEST_F(PlaceCaptionsTest, WordsAreTimedFromTheirCaptionsStart)
{
    plan_.caption_list = {{2, 4, "one two", {{"one", 2, 3}, {"two", 3, 4}}}};
    const auto overlays = overlays_of(plan_);
    ASSERT_EQ(overlays.at(0).words.size(), 2U);
    EXPECT_NEAR(overlays[0].words[1].from, 1, 1e-9);
    plan_.captions = CaptionSettings{"/c.srt", {CaptionForm::burned}, "", false};
    EXPECT_TRUE(overlays_of(plan_).at(0).words.empty());
}

TEST_F(PlaceCaptionsTest, AFilmEndsWithACurtainAndAClipDoesNot)
{
    plan_.ending = Ending::automatic;
    const auto overlays = overlays_of(plan_);
    ASSERT_EQ(overlays.size(), 1U);
    EXPECT_TRUE(overlays[0].curtain);
    EXPECT_EQ(overlays[0].from, 230);
    EXPECT_EQ(overlays[0].to, 250);
    plan_.shots.back().kind = ShotPlan::Kind::clip;
    EXPECT_TRUE(overlays_of(plan_).empty());
    plan_.ending = Ending::fade;
    EXPECT_EQ(overlays_of(plan_).size(), 1U);
}

} // namespace
} // namespace longtake::stages
