#include "stages/assemble/seams.h"

#include "pipeline/base/error.h"
#include "tests/stages/assemble/joined.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace longtake {
namespace {

using stages::Seam;
using stages::SeamKind;
using test::joined::Joined;
using test::joined::Scene;

/// Frames of both clips of most tests: the first ends with frame 49 of its scene.
constexpr std::int64_t k_opens = 20;
constexpr std::int64_t k_last = k_opens + test::joined::k_clip - 1;

const Scene& cat()
{
    static const Scene scene("chelsea.png");
    return scene;
}

const Scene& cup()
{
    static const Scene scene("coffee.png");
    return scene;
}

/// A camera that hardly moves: a hundredth of a pixel a frame.
const Scene& still()
{
    static const Scene scene("chelsea.png", {.horizontal = 0.02, .zoom = -0.01});
    return scene;
}

Seam only(const Timeline& timeline)
{
    const auto seams = stages::measure_seams(timeline);
    EXPECT_EQ(seams.size(), 1U);
    return seams.at(0);
}

/// The join of a clip of one scene with one that begins at a frame of another, encoded worse.
Seam seam(const Scene& before, const Scene& after, std::int64_t begins,
          const test::joined::Change& change = test::joined::as_shot)
{
    Joined joined;
    joined.clip("a", before, k_opens);
    joined.clip("b", after, begins, 23, change);
    return only(joined.timeline());
}

TEST(SeamsTest, ARepeatedFrameIsToldFromTheNextOne)
{
    for (const Scene* scene : {&cat(), &cup()}) {
        const Seam again = seam(*scene, *scene, k_last);
        EXPECT_EQ(again.kind, SeamKind::duplicate);
        EXPECT_EQ(again.repeated, 1);
        EXPECT_GT(again.margin, 8) << "dB; 4 decide";
        const Seam next = seam(*scene, *scene, k_last + 1);
        EXPECT_EQ(next.kind, SeamKind::continuous);
        EXPECT_EQ(next.repeated, 0);
        EXPECT_NEAR(next.margin, 0, 1) << "dB";
        EXPECT_LT(again.score(), 90);
        EXPECT_GT(next.score(), 97);
    }
}

TEST(SeamsTest, SeveralRepeatedFramesAreCounted)
{
    for (const int count : {2, 3, 4}) {
        EXPECT_EQ(seam(cat(), cat(), k_last + 1 - count).repeated, count);
    }
}

TEST(SeamsTest, DriftOfBlurAndColourHidesNoRepeatedFrame)
{
    const Seam drifted = seam(cup(), cup(), k_last, test::joined::drifted);
    EXPECT_EQ(drifted.kind, SeamKind::duplicate);
    EXPECT_EQ(drifted.repeated, 1);
    EXPECT_LT(drifted.sharpness, 0.5);
    EXPECT_GT(drifted.penalties.sharpness, 5);
    EXPECT_GT(drifted.colour.delta_e, 3 * drifted.colour.usual);
    const Seam onward = seam(cup(), cup(), k_last + 1, test::joined::drifted);
    EXPECT_EQ(onward.kind, SeamKind::continuous);
    EXPECT_LT(onward.sharpness, 0.5);
}

TEST(SeamsTest, AnotherShotIsDifferentAndNoFault)
{
    const Seam other = seam(cat(), cup(), k_opens);
    EXPECT_EQ(other.kind, SeamKind::different);
    EXPECT_LT(other.margin, -8);
    EXPECT_LT(other.motion.confidence, 0.2);
    EXPECT_GT(other.colour.delta_e, 5);
    EXPECT_DOUBLE_EQ(other.score(), 100);
}

TEST(SeamsTest, WhereHardlyAnythingMovesRepeatedAndNextCannotBeTold)
{
    for (const std::int64_t begins : {k_last, k_last + 1}) {
        const Seam same = seam(still(), still(), begins);
        EXPECT_EQ(same.kind, SeamKind::undecidable);
        EXPECT_TRUE(same.still);
        EXPECT_EQ(same.repeated, 0);
        EXPECT_GT(same.score(), 97) << "and nobody sees it";
    }
    EXPECT_EQ(seam(still(), cup(), k_opens).kind, SeamKind::different);
}

TEST(SeamsTest, AColourStepIsMeasuredInCodeValues)
{
    const Seam step = seam(cup(), cup(), k_last + 1, test::joined::graded_by({{1, 1, 1}, {6, 3, -4}}));
    EXPECT_EQ(step.kind, SeamKind::continuous);
    EXPECT_NEAR(step.colour.luma(), 6, 0.6);
    EXPECT_NEAR(step.colour.chroma(), 5, 0.6);
    EXPECT_GT(step.colour.delta_e, step.colour.usual + 1);
    EXPECT_GT(step.penalties.colour, 5);
    EXPECT_LT(step.penalties.motion, 1);
    const Seam none = seam(cup(), cup(), k_last + 1);
    EXPECT_NEAR(none.colour.luma(), 0, 0.5);
    EXPECT_NEAR(none.colour.chroma(), 0, 0.5);
    EXPECT_DOUBLE_EQ(none.penalties.colour, 0);
}

TEST(SeamsTest, AJumpInsideTheSceneIsNoOtherShot)
{
    const Seam near = seam(cup(), cup(), k_last + 4);
    const Seam far = seam(cup(), cup(), k_last + 9);
    for (const Seam* jump : {&near, &far}) {
        EXPECT_EQ(jump->kind, SeamKind::undecidable);
        EXPECT_FALSE(jump->still);
        EXPECT_GT(jump->motion.confidence, 0.8);
        EXPECT_GT(jump->penalties.motion, 10);
    }
    const double speed = near.motion.before;
    EXPECT_NEAR(near.motion.jump, 3 * speed, speed / 2) << "three frames are missing";
    EXPECT_NEAR(far.motion.jump, 8 * speed, speed);
}

TEST(SeamsTest, AChangeOfMotionIsMeasuredInPixels)
{
    Joined joined;
    joined.clip("a", cup(), k_opens);
    // The same way at the same place, four times as slow.
    const Scene slow("coffee.png", {.horizontal = 10, .vertical = 6, .zoom = -3}, 4 * 96 - 3);
    joined.clip("b", slow, 4 * (k_last + 1), 23);
    const Seam slower = only(joined.timeline());
    EXPECT_NEAR(slower.motion.before, 2.45, 0.3);
    EXPECT_NEAR(slower.motion.after, slower.motion.before / 4, 0.25);
    EXPECT_NEAR(slower.motion.step, slower.motion.before * 3 / 4, 0.4);
    EXPECT_GT(slower.penalties.motion, 5);
}

TEST(SeamsTest, ALoudnessStepIsMeasuredInLoudnessUnits)
{
    Joined joined;
    joined.clip("a", cat(), k_opens);
    joined.clip("b", cat(), k_last + 1);
    joined.sound("a", test::sine(1000, 0.1));
    joined.sound("b", test::sine(1000, 0.4)); // both begin and end with whole periods: no jump of phase
    const Seam louder = only(joined.timeline());
    ASSERT_TRUE(louder.sound);
    EXPECT_NEAR(louder.sound->step(), 12.04, 0.2);
    ASSERT_TRUE(louder.sound->before);
    EXPECT_NEAR(*louder.sound->before, -20, 0.5) << "LUFS of a 1 kHz sine of 0.1 on both channels";
    EXPECT_DOUBLE_EQ(louder.penalties.loudness, 15);
    EXPECT_LT(louder.sound->click, 20) << "it sets in with a kink, not with a jump";
}

TEST(SeamsTest, AJumpOfPhaseIsAClickAndATrueContinuationIsNone)
{
    const double n = 48000.0 * test::joined::k_clip / 24;
    const auto tone = test::sine(437, 0.25);
    Joined joined;
    joined.clip("a", cat(), k_opens);
    joined.clip("b", cat(), k_last + 1);
    joined.sound("a", tone);
    joined.sound("b", [&](double i) { return tone(i + n + 30); }); // a third of a period too far
    const Seam jump = only(joined.timeline());
    ASSERT_TRUE(jump.sound);
    EXPECT_GT(jump.sound->click, 25);
    EXPECT_NEAR(jump.sound->step(), 0, 0.2);
    EXPECT_GT(jump.penalties.click, 9);

    Joined smooth;
    smooth.clip("a", cat(), k_opens);
    smooth.clip("b", cat(), k_last + 1);
    smooth.sound("a", tone);
    smooth.sound("b", [&](double i) { return tone(i + n); });
    const Seam onward = only(smooth.timeline());
    ASSERT_TRUE(onward.sound);
    EXPECT_LT(onward.sound->click, 1);
    EXPECT_DOUBLE_EQ(onward.penalties.sound(), 0);
}

TEST(SeamsTest, SilenceIsMeasuredAndMissingSoundIsNot)
{
    Joined joined;
    joined.clip("a", cat(), k_opens);
    joined.clip("b", cat(), k_last + 1);
    joined.sound("a", [](double) { return 0.0; });
    EXPECT_FALSE(only(joined.timeline()).sound);
    joined.sound("b", test::sine(1000, 0.1));
    const Seam seam = only(joined.timeline());
    ASSERT_TRUE(seam.sound && seam.sound->before);
    EXPECT_DOUBLE_EQ(*seam.sound->before, -70);
    EXPECT_NEAR(seam.sound->step(), 50, 1);
}

TEST(SeamsTest, RangesInsideASegmentJoinTooUnlessTheyGoOnInOneFile)
{
    Joined joined;
    joined.clip("a", cat(), k_opens);
    joined.clip("b", cat(), k_last);
    Timeline timeline = joined.timeline();
    timeline.items[0].ranges = {joined.range("a", 0, 20), joined.range("a", 20, 10), joined.range("b", 0, 30)};
    timeline.items[0].frames = 60;
    timeline.items[1].ranges = {Range{}, joined.range("b", 0, 30)};
    timeline.items[1].ranges[0].kind = Range::Kind::still;
    timeline.items[1].ranges[0].frames = 5;
    timeline.items[1].frames = 35;
    timeline.items[1].start = 60;
    const Seam inside = only(timeline);
    EXPECT_EQ(inside.item, 0U);
    EXPECT_EQ(inside.range, 2U);
    EXPECT_EQ(inside.frame, 30);
    EXPECT_EQ(inside.repeated, 1);
    EXPECT_EQ(inside.before, "a");
    EXPECT_EQ(inside.after, "a");
}

TEST(SeamsTest, ATransitionIsReportedAndItsPictureNotScored)
{
    Joined joined;
    joined.clip("a", cat(), k_opens);
    joined.clip("b", cat(), k_last);
    const Seam held = only(joined.timeline({TransitionType::dissolve, 6, true}));
    EXPECT_EQ(held.transition.type, TransitionType::dissolve);
    EXPECT_EQ(held.kind, SeamKind::duplicate);
    EXPECT_DOUBLE_EQ(held.score(), 100);
}

TEST(SeamsTest, GradesAreMeasuredAsTheFilmShowsThem)
{
    Joined joined;
    joined.clip("a", cup(), k_opens);
    joined.clip("b", cup(), k_last + 1);
    Timeline timeline = joined.timeline();
    timeline.items[0].ranges[0].grade = {{29, {{1, 1, 1}, {-8, 0, 0}}}};
    EXPECT_NEAR(only(timeline).colour.luma(), 8, 0.7);
}

TEST(SeamsTest, AClipThatEndsBeforeItsRangeIsAnError)
{
    Joined joined;
    joined.clip("a", cat(), k_opens);
    joined.clip("b", cat(), k_last);
    Timeline timeline = joined.timeline();
    timeline.items[0].ranges[0].frames = 40;
    timeline.items[0].frames = 40;
    try {
        stages::measure_seams(timeline);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::input);
        EXPECT_NE(std::string(error.what()).find("shot 'a': "), std::string::npos);
        EXPECT_NE(std::string(error.what()).find("a.mp4 ends before 1.333 s"), std::string::npos) << error.what();
    }
}

TEST(SeamsTest, StopsWhenAsked)
{
    Joined joined;
    joined.clip("a", cat(), k_opens);
    joined.clip("b", cat(), k_last);
    std::stop_source stop;
    stop.request_stop();
    try {
        stages::measure_seams(joined.timeline(), stop.get_token());
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::interrupted);
    }
}

TEST(SeamsTest, SpeaksJsonAndOneLine)
{
    const Seam again = seam(cat(), cat(), k_last);
    const nlohmann::json json = again;
    EXPECT_EQ(json.at("kind"), "duplicate");
    EXPECT_EQ(json.at("repeated"), 1);
    EXPECT_EQ(json.at("frame"), 30);
    EXPECT_EQ(json.at("transition").at("type"), "cut");
    EXPECT_TRUE(json.at("sound").is_null());
    EXPECT_DOUBLE_EQ(json.at("score").get<double>(), again.score());
    double penalties = 0;
    for (const auto& [name, points] : json.at("penalties").items()) {
        penalties += points.get<double>();
    }
    EXPECT_NEAR(100 - penalties, again.score(), 1e-9);
    const std::string line = stages::text(again);
    EXPECT_NE(line.find("00:01.250 'a' - 'b' (cut): 1 frame repeated; "), std::string::npos) << line;
    EXPECT_EQ(line.find('\n'), std::string::npos);
}

} // namespace
} // namespace longtake
