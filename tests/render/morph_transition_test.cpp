#include "pipeline/render/morph_transition.h"

#include "pipeline/render/composer.h"
#include "pipeline/render/transitions.h"
#include "tests/stages/assemble/joined.h"

#include <gtest/gtest.h>

#include <cmath>

namespace longtake {
namespace {

using test::joined::Scene;

constexpr std::int64_t k_morph = 6;
constexpr std::int64_t k_start = 30; ///< of the second clip; a held morph is over by then

std::vector<av::Frame> composed(const Timeline& timeline)
{
    render::Composer composer(timeline);
    std::vector<av::Frame> frames;
    while (auto frame = composer.next()) {
        frames.push_back(std::move(*frame));
    }
    return frames;
}

/// Mean absolute difference in code values, of luma (0) or a plane of chroma.
double mean_difference(const av::Frame& one, const av::Frame& two, int index = 0)
{
    const int half = index == 0 ? 1 : 2;
    const auto plane = [&](const av::Frame& frame) {
        return cv::Mat(frame.size().height / half, frame.size().width / half, CV_8U, frame.plane(index),
                       static_cast<std::size_t>(frame.stride(index)));
    };
    return cv::norm(plane(one), plane(two), cv::NORM_L1) / static_cast<double>(plane(one).total());
}

/// How far the picture has moved sideways from one frame to another, pixels.
double moved(const av::Frame& from, const av::Frame& to)
{
    const auto middle = [](const av::Frame& frame) {
        const cv::Mat luma(frame.size().height, frame.size().width, CV_8U, frame.plane(0),
                           static_cast<std::size_t>(frame.stride(0)));
        cv::Mat part;
        luma(cv::Rect(120, 60, 240, 150)).convertTo(part, CV_32F);
        return part;
    };
    cv::Mat window;
    cv::createHanningWindow(window, {240, 150}, CV_32F);
    return cv::phaseCorrelate(middle(from), middle(to), window).x;
}

class MorphTransitionTest : public ::testing::Test {
protected:
    /// Clip a ends with frame 49 of a scene that glides sideways; clip b begins with `begins`.
    Timeline into(std::int64_t begins, const TimelineTransition& transition,
                  const test::joined::Change& change = test::joined::as_shot)
    {
        clips_.clip("a", gliding_, 20, 15);
        clips_.clip("b", gliding_, begins, 15, change);
        return clips_.timeline(transition);
    }

    static constexpr TimelineTransition k_held{TransitionType::morph, k_morph, true};

    Scene gliding_{"astronaut.png", {.horizontal = 10}, 96};
    test::joined::Joined clips_;
};

TEST_F(MorphTransitionTest, AMovementThatGoesOnIsNotTouched)
{
    const auto film = composed(into(50, k_held));
    ASSERT_EQ(film.size(), 60U);
    for (std::int64_t i = k_start - k_morph - 1; i <= k_start; ++i) {
        const auto& frame = film[static_cast<std::size_t>(i)];
        const double right = mean_difference(frame, gliding_(20 + i));
        EXPECT_LT(right, mean_difference(frame, gliding_(19 + i)) / 3) << i;
        EXPECT_LT(right, mean_difference(frame, gliding_(21 + i)) / 3) << i;
        EXPECT_LT(mean_difference(frame, gliding_(20 + i), 1), 1.5) << i;
    }
}

TEST_F(MorphTransitionTest, AJumpIsSpreadEvenly)
{
    const auto film = composed(into(54, k_held)); // four frames are missing
    const double speed = moved(film[20], film[21]);
    ASSERT_GT(std::abs(speed), 1.5);
    // Seven steps lead over the morph; they share what four frames moved.
    const double each = speed * (1 + 4.0 / (k_morph + 1));
    for (auto i = static_cast<std::size_t>(k_start - k_morph); i <= static_cast<std::size_t>(k_start); ++i) {
        EXPECT_NEAR(moved(film[i - 1], film[i]), each, std::abs(speed) * 0.2) << i;
    }
    EXPECT_NEAR(moved(film[30], film[31]), speed, std::abs(speed) * 0.15);
}

TEST_F(MorphTransitionTest, WhatLeavesThePictureAndWhatEntersItMoveWithTheRest)
{
    const auto film = composed(into(57, k_held)); // seven frames are missing: seven steps go twice as fast
    for (std::int64_t j = 0; j < k_morph; ++j) {
        const av::Frame& frame = film[static_cast<std::size_t>(k_start - k_morph + j)];
        const av::Frame between = gliding_(43 + 2 * (j + 1));
        for (const int x : {0, 40, 400, 440}) {
            const auto strip = [&](const av::Frame& of) {
                return cv::Mat(of.size().height, 40, CV_8U, of.plane(0) + x, static_cast<std::size_t>(of.stride(0)));
            };
            EXPECT_LT(cv::norm(strip(frame), strip(between), cv::NORM_L1) / (40 * 270), 6) << j << ", from " << x;
        }
    }
}

TEST_F(MorphTransitionTest, ColoursCrossOverStepByStep)
{
    const auto brighter = test::joined::graded_by({{1, 1, 1}, {14, 0, 0}});
    const auto film = composed(into(50, k_held, brighter));
    const auto mean = [](const av::Frame& frame) {
        return cv::mean(cv::Mat(frame.size().height, frame.size().width, CV_8U, frame.plane(0),
                                static_cast<std::size_t>(frame.stride(0))))[0];
    };
    for (std::int64_t j = 0; j < k_morph; ++j) {
        const std::int64_t i = k_start - k_morph + j;
        const double progress = static_cast<double>(j + 1) / (k_morph + 1);
        EXPECT_NEAR(mean(film[static_cast<std::size_t>(i)]) - mean(gliding_(20 + i)), 14 * progress, 1) << j;
    }
}

TEST_F(MorphTransitionTest, UnrelatedShotsDissolve)
{
    clips_.clip("a", gliding_, 20);
    clips_.clip("b", Scene("coffee.png"), 20);
    const auto morphed = composed(clips_.timeline(k_held));
    const auto dissolved = composed(clips_.timeline({TransitionType::dissolve, k_morph, true}));
    ASSERT_EQ(morphed.size(), dissolved.size());
    for (auto i = static_cast<std::size_t>(k_start - k_morph); i < static_cast<std::size_t>(k_start); ++i) {
        EXPECT_LT(mean_difference(morphed[i], dissolved[i]), 2.5) << i;
    }
}

TEST_F(MorphTransitionTest, WhereBothMoveTheFilmShortensAndTheWayIsSpreadToo)
{
    const auto film = composed(into(50, {TransitionType::morph, k_morph, false}));
    ASSERT_EQ(film.size(), 54U);
    const double speed = moved(film[15], film[16]);
    // Of what the six frames of overlap leave out, each of seven steps makes up its part.
    const double each = speed * (1 + 6.0 / (k_morph + 1));
    for (std::size_t i = 24; i <= 30; ++i) {
        EXPECT_NEAR(moved(film[i - 1], film[i]), each, std::abs(speed) * 0.25) << i;
    }
}

TEST_F(MorphTransitionTest, AFrameDependsOnItsPlaceAlone)
{
    const Timeline timeline = into(53, k_held);
    const auto film = composed(timeline);
    const auto plain = composed(clips_.timeline());
    const render::MorphTransition morph(timeline, 1);
    for (const std::int64_t index : {4, 0, 4}) {
        const auto at = static_cast<std::size_t>(k_start - k_morph + index);
        EXPECT_EQ(mean_difference(morph.frame(plain[at], plain[30], index), film[at]), 0) << index;
    }
}

TEST_F(MorphTransitionTest, AStillCanBeMorphedFromToo)
{
    Timeline timeline = into(50, k_held);
    Range& range = timeline.items[0].ranges[0];
    range.kind = Range::Kind::still;
    range.file = std::filesystem::path(LONGTAKE_SOURCE_DIR) / "tests/data/photos/rocket.jpg";
    range.fit = Fit::crop;
    EXPECT_EQ(composed(timeline).size(), 60U);
}

} // namespace
} // namespace longtake
