#include "stages/assemble/join_fixes.h"

#include "pipeline/base/error.h"
#include "pipeline/render/composer.h"
#include "tests/stages/assemble/joined.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace longtake {
namespace {

using stages::fix_joins;
using stages::JoinFixes;

std::vector<av::Frame> film_of(const Timeline& timeline)
{
    render::Composer composer(timeline);
    std::vector<av::Frame> frames;
    while (auto frame = composer.next()) {
        frames.push_back(std::move(*frame));
    }
    return frames;
}

cv::Mat luma_of(const av::Frame& frame)
{
    return {frame.size().height, frame.size().width, CV_8U, frame.plane(0), static_cast<std::size_t>(frame.stride(0))};
}

/// Mean absolute difference of two frames' lumas, code values.
double differ(const av::Frame& one, const av::Frame& two)
{
    return cv::norm(luma_of(one), luma_of(two), cv::NORM_L1) / static_cast<double>(luma_of(one).total());
}

/// The largest difference of neighbours from `from` to `to`.
double largest_step(const std::vector<av::Frame>& film, std::size_t from, std::size_t to)
{
    double most = 0;
    for (std::size_t i = from; i < to; ++i) {
        most = std::max(most, differ(film.at(i), film.at(i + 1)));
    }
    return most;
}

class JoinFixesTest : public ::testing::Test {
protected:
    /// A clip that ends with frame 49 of a scene, and one that begins with another of it.
    Timeline joined(std::int64_t begins, const test::joined::Change& change = test::joined::as_shot)
    {
        clips_.clip("a", scene_, 20);
        clips_.clip("b", scene_, begins, 23, change);
        return clips_.timeline();
    }

    test::joined::Scene scene_{"coffee.png"};
    test::joined::Joined clips_;
};

TEST_F(JoinFixesTest, DedupeDropsRepeatedFramesFromTheEndOfTheOldClip)
{
    const Timeline before = joined(48);
    const Timeline after = fix_joins(before, stages::measure_seams(before), {.dedupe = true});
    EXPECT_EQ(before.frames(), 60);
    EXPECT_EQ(after.frames(), 58);
    EXPECT_EQ(after.items[0].ranges[0].frames, 28);
    EXPECT_EQ(after.items[1].start, 28);
    EXPECT_EQ(after.items[1].ranges[0].first, 0) << "the new clip stays whole";

    const auto film = film_of(after);
    ASSERT_EQ(film.size(), 58U);
    for (const std::size_t at : {26U, 27U, 28U, 29U}) {
        const auto shown = static_cast<std::int64_t>(at) + 20; // frame of the scene
        const double right = differ(film[at], scene_(shown));
        EXPECT_LT(right, differ(film[at], scene_(shown - 1)) / 2) << at;
        EXPECT_LT(right, differ(film[at], scene_(shown + 1)) / 2) << at;
    }
    const auto again = stages::measure_seams(after);
    EXPECT_EQ(again[0].kind, stages::SeamKind::continuous);
    EXPECT_GT(again[0].score(), 95);
}

TEST_F(JoinFixesTest, MatchingColourTakesTheStepAwayAndLeavesTheNewClip)
{
    const Timeline before = joined(50, test::joined::graded_by({{1.03, 1.1, 1.1}, {6, 2, -3}}));
    const auto seams = stages::measure_seams(before);
    const Timeline after = fix_joins(before, seams, {.match_colour = true});
    const auto again = stages::measure_seams(after);
    // Measured: luma 8.1 to -0.3, chroma 0.9 to 0.1, 3.2 to 0.2 CIEDE2000.
    EXPECT_GT(seams[0].colour.luma(), 6);
    EXPECT_LT(std::abs(again[0].colour.luma()), 0.5);
    EXPECT_LT(again[0].colour.chroma(), 0.3);
    EXPECT_GT(seams[0].colour.delta_e, 2.5);
    EXPECT_LT(again[0].colour.delta_e, 0.5);
    EXPECT_DOUBLE_EQ(again[0].penalties.colour, 0);

    EXPECT_TRUE(after.items[1].ranges[0].grade.empty());
    const GradeCurve& curve = after.items[0].ranges[0].grade;
    ASSERT_EQ(curve.size(), 2U);
    EXPECT_EQ(curve[0].frame, 29 - 18) << "0.75 s";
    EXPECT_EQ(curve[0].grade, Grade{});
    EXPECT_EQ(curve[1].frame, 29);
    const auto film = film_of(after);
    EXPECT_LT(largest_step(film, 8, 34), largest_step(film_of(before), 8, 34) * 0.75);
}

TEST_F(JoinFixesTest, SmoothingSpreadsAJumpOverAShortMorph)
{
    const Timeline before = joined(54);
    const Timeline after = fix_joins(before, stages::measure_seams(before), {.smooth = true});
    const TimelineTransition& morph = after.items[1].transition;
    EXPECT_EQ(morph.type, TransitionType::morph);
    EXPECT_EQ(morph.frames, 4);
    EXPECT_TRUE(morph.held);
    EXPECT_EQ(after.frames(), 60) << "a held transition keeps the length";

    EXPECT_GT(stages::measure_seams(after)[0].score(), stages::measure_seams(before)[0].score() + 10);

    const auto plain = film_of(before);
    const auto film = film_of(after);
    ASSERT_EQ(film.size(), 60U);
    const double jump = largest_step(plain, 20, 35);
    const double usual = largest_step(plain, 10, 28);
    const double most = largest_step(film, 20, 35);
    EXPECT_GT(jump, 2 * usual);
    EXPECT_LT(most, usual + (jump - usual) * 0.45) << jump << " before, " << most << " after, usually " << usual;
    for (std::size_t i = 30; i < 60; ++i) {
        EXPECT_EQ(differ(film[i], plain[i]), 0) << "the new clip plays untouched";
    }
    EXPECT_EQ(differ(film[25], plain[25]), 0) << "and so does the old one before";
}

TEST_F(JoinFixesTest, AllTogetherMendARepeatedDriftedFrame)
{
    const Timeline before = joined(49, test::joined::drifted);
    const auto seams = stages::measure_seams(before);
    const Timeline after = fix_joins(before, seams, {.dedupe = true, .match_colour = true, .smooth = true});
    EXPECT_EQ(after.frames(), 59);
    EXPECT_EQ(after.items[0].ranges[0].grade.back().frame, 28) << "the last frame that is left";
    EXPECT_EQ(after.items[1].transition.type, TransitionType::morph) << "over the step of sharpness";
    EXPECT_EQ(film_of(after).size(), 59U);
    const auto again = stages::measure_seams(after);
    EXPECT_GT(again[0].score(), seams[0].score() + 10);
}

TEST_F(JoinFixesTest, WhatNeedsNoMendingAndWhatWasNotAskedForStays)
{
    const Timeline onward = joined(50);
    const auto all = fix_joins(onward, stages::measure_seams(onward), {true, true, true});
    EXPECT_EQ(nlohmann::json(all), nlohmann::json(onward));
    clips_.clip("b", scene_, 47, 23, test::joined::drifted);
    const Timeline bad = clips_.timeline();
    EXPECT_EQ(nlohmann::json(fix_joins(bad, stages::measure_seams(bad), {})), nlohmann::json(bad));
}

TEST_F(JoinFixesTest, UnrelatedShotsAreLeftAlone)
{
    clips_.clip("a", scene_, 20);
    clips_.clip("b", test::joined::Scene("chelsea.png"), 20);
    const Timeline cut = clips_.timeline();
    EXPECT_EQ(nlohmann::json(fix_joins(cut, stages::measure_seams(cut), {true, true, true})), nlohmann::json(cut));
}

// From here on seams are made up: fixing is pure.

stages::Seam repeated(std::size_t item, int frames, const TimelineTransition& transition = {})
{
    stages::Seam seam;
    seam.item = item;
    seam.transition = transition;
    seam.kind = stages::SeamKind::duplicate;
    seam.repeated = frames;
    seam.motion.confidence = 0.9;
    return seam;
}

Item item_of(std::int64_t start, std::int64_t frames, const TimelineTransition& transition = {})
{
    Range range;
    range.file = "clip.mp4";
    range.first = 100;
    range.frames = frames;
    return {"shot", start, frames, transition, {range}};
}

TEST(JoinFixesedGeometryTest, EverythingAfterMovesUp)
{
    Timeline timeline;
    timeline.rate = {24, 1};
    const TimelineTransition overlap{TransitionType::dissolve, 10, false};
    const TimelineTransition held{TransitionType::dissolve, 10, true};
    timeline.items = {item_of(0, 50), item_of(50, 50), item_of(90, 50, overlap), item_of(140, 50, held)};
    const Timeline after =
        fix_joins(timeline, {repeated(1, 2), repeated(2, 3, overlap), repeated(3, 1, held)}, {.dedupe = true});
    EXPECT_EQ(after.items[0].frames, 48);
    EXPECT_EQ(after.items[1].start, 48);
    EXPECT_EQ(after.items[1].frames, 50) << "where both move nothing stands still";
    EXPECT_EQ(after.items[2].start, 88);
    EXPECT_EQ(after.items[2].frames, 49);
    EXPECT_EQ(after.items[2].ranges[0].frames, 49);
    EXPECT_EQ(after.items[3].start, 137);
    EXPECT_EQ(after.frames(), 187);
}

TEST(JoinFixesedGeometryTest, TransitionsKeepTheirRoomAndPiecesAFrame)
{
    Timeline timeline;
    timeline.rate = {24, 1};
    const TimelineTransition overlap{TransitionType::dissolve, 10, false};
    timeline.items = {item_of(0, 50), item_of(40, 11, overlap), item_of(51, 30), item_of(81, 2)};
    timeline.items.push_back(item_of(83, 30));
    const Timeline after = fix_joins(timeline, {repeated(2, 4), repeated(4, 4)}, {.dedupe = true, .smooth = true});
    EXPECT_EQ(after.items[1].frames, 10) << "all of it is in the dissolve";
    EXPECT_EQ(after.items[2].transition.frames, 0) << "no room for a morph";
    EXPECT_EQ(after.items[3].frames, 1);
    EXPECT_EQ(after.items[4].start, after.items[3].start + 1);
}

TEST(JoinFixesedGeometryTest, RangesInsideASegmentLoseTheirRepeatedFramesToo)
{
    Timeline timeline;
    timeline.rate = {24, 1};
    timeline.items = {item_of(0, 40), item_of(40, 40)};
    timeline.items[0].ranges.push_back(timeline.items[0].ranges[0]);
    timeline.items[0].frames = 80;
    timeline.items[1].start = 80;
    stages::Seam seam = repeated(0, 2);
    seam.range = 1;
    seam.penalties.motion = 20;
    const Timeline after = fix_joins(timeline, {seam}, {.dedupe = true, .smooth = true});
    EXPECT_EQ(after.items[0].ranges[0].frames, 38);
    EXPECT_EQ(after.items[0].ranges[1].frames, 40);
    EXPECT_EQ(after.items[0].frames, 78);
    EXPECT_EQ(after.items[1].start, 78);
    EXPECT_EQ(after.items[1].transition.frames, 0) << "a transition lies between segments";
}

TEST(JoinFixesedGradeTest, AGradeThatIsThereStaysBelowTheRamp)
{
    Timeline timeline;
    timeline.rate = {24, 1};
    timeline.items = {item_of(0, 50), item_of(50, 50)};
    Range& range = timeline.items[0].ranges[0]; // frames 100 .. 149 of its file
    range.grade = {{100, {}}, {149, {{1.2, 1, 1}, {10, 0, 0}}}};
    stages::Seam seam = repeated(1, 0);
    seam.kind = stages::SeamKind::continuous;
    seam.colour.before = {{100, 128, 128}, {40, 10, 10}};
    seam.colour.after = {{94, 128, 130}, {40, 10, 10}};
    const Range after = fix_joins(timeline, {seam}, {.match_colour = true}).items[0].ranges[0];
    for (const std::int64_t frame : {100, 115, 131}) {
        EXPECT_NEAR(grade_at(after.grade, frame).offset[0], grade_at(range.grade, frame).offset[0], 1e-9) << frame;
        EXPECT_NEAR(grade_at(after.grade, frame).gain[0], grade_at(range.grade, frame).gain[0], 1e-9) << frame;
    }
    EXPECT_NEAR(grade_at(after.grade, 149).offset[0], 10 - 6, 1e-9);
    EXPECT_NEAR(grade_at(after.grade, 149).gain[0], 1.2, 1e-9);
    EXPECT_NEAR(grade_at(after.grade, 149).offset[2], 2, 1e-9);
    EXPECT_NEAR(grade_at(after.grade, 140).offset[0], grade_at(range.grade, 140).offset[0] - 6 * 0.5, 1e-9);
}

TEST(JoinFixesedGradeTest, GainsAreLimitedAndSmallStepsIgnored)
{
    Timeline timeline;
    timeline.rate = {24, 1};
    timeline.items = {item_of(0, 50), item_of(50, 50)};
    stages::Seam seam = repeated(1, 0);
    seam.kind = stages::SeamKind::continuous;
    seam.colour.before = {{100, 128, 128}, {40, 10, 10}};
    seam.colour.after = {{100, 128.4, 128}, {80, 10.4, 2}};
    const GradeCurve curve = fix_joins(timeline, {seam}, {.match_colour = true}).items[0].ranges[0].grade;
    ASSERT_FALSE(curve.empty());
    const Grade grade = curve.back().grade;
    EXPECT_DOUBLE_EQ(grade.gain[0], 1.1);
    EXPECT_NEAR((100 - 16) * grade.gain[0] + 16 + grade.offset[0], 100, 1e-9) << "the mean stays where it should be";
    EXPECT_DOUBLE_EQ(grade.gain[1], 1);
    EXPECT_DOUBLE_EQ(grade.offset[1], 0);
    EXPECT_DOUBLE_EQ(grade.gain[2], 0.9);
    for (const auto kind : {stages::SeamKind::different, stages::SeamKind::undecidable}) {
        seam.kind = kind;
        EXPECT_TRUE(fix_joins(timeline, {seam}, {.match_colour = true}).items[0].ranges[0].grade.empty());
    }
}

TEST(JoinFixesedMorphTest, OnlyWhereTheFlowCanBeTrusted)
{
    Timeline timeline;
    timeline.rate = {60, 1};
    timeline.items = {item_of(0, 50), item_of(50, 50)};
    stages::Seam seam = repeated(1, 0);
    seam.kind = stages::SeamKind::continuous;
    seam.penalties.motion = 20;
    const auto into = [&] { return fix_joins(timeline, {seam}, {.smooth = true}).items[1].transition; };
    EXPECT_EQ(into().type, TransitionType::morph);
    EXPECT_EQ(into().frames, 8) << "1/6 s are 10";
    seam.motion.confidence = 0.4;
    EXPECT_EQ(into().type, TransitionType::cut);
    seam.motion.confidence = 0.9;
    seam.kind = stages::SeamKind::different;
    EXPECT_EQ(into().type, TransitionType::cut);
    seam.kind = stages::SeamKind::undecidable;
    EXPECT_EQ(into().type, TransitionType::morph);
    seam.still = true;
    EXPECT_EQ(into().type, TransitionType::cut);
}

TEST(JoinFixesedTest, ASeamOfAnotherTimelineIsABug)
{
    Timeline timeline;
    timeline.items = {item_of(0, 50)};
    EXPECT_THROW(fix_joins(timeline, {repeated(3, 1)}, {.dedupe = true}), Error);
}

} // namespace
} // namespace longtake
