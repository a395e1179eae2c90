#include "pipeline/image/camera_move.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace longtake::test {
namespace {

using image::camera_move;
using image::CameraLimits;
using image::CameraMove;
using image::Extent;
using image::k_air;
using image::limits_for;
using image::Slide;

constexpr double k_half_head = 0.05;

/// A 9:16 window in a shot of 16:9.
Slide upright(std::int64_t frames = 300, std::int64_t first = 0)
{
    const double length = 0.31640625;
    return {length, length / 2, 1 - length / 2, first, frames, {30, 1}};
}

/// A subject five times a second, whose middle is where `at` says, by seconds.
std::vector<Extent> subject(const Slide& slide, const std::function<double(double)>& at)
{
    std::vector<Extent> extents;
    for (std::int64_t frame = 0; frame < slide.frames; frame += 6) {
        const double middle = at(slide.rate.seconds(frame));
        extents.push_back({slide.first + frame, middle - k_half_head, middle + k_half_head});
    }
    return extents;
}

double centre(const CameraMove& move, std::int64_t frame)
{
    FramingPath path{move.kind, move.first, move.step, {}};
    for (const double point : move.points) {
        path.points.push_back({point, 0.5});
    }
    return centre_at(path, frame).x;
}

/// Frame by frame: within the limits, and inside the picture.
void expect_within(const CameraMove& move, const Slide& slide, const CameraLimits& limits)
{
    std::vector<double> change;
    for (std::int64_t frame = slide.first; frame < slide.first + slide.frames; ++frame) {
        change.push_back(centre(move, frame));
        EXPECT_GE(change.back(), slide.least - 1e-9);
        EXPECT_LE(change.back(), slide.most + 1e-9);
    }
    for (const double limit : {limits.speed, limits.acceleration, limits.jerk}) {
        for (std::size_t i = 0; i + 1 < change.size(); ++i) {
            change[i] = (change[i + 1] - change[i]) * slide.rate.fps();
            EXPECT_LE(std::abs(change[i]), limit * (1 + 1e-6));
        }
        change.resize(std::max<std::size_t>(1, change.size()) - 1);
    }
}

void expect_held(const CameraMove& move, const Slide& slide, const std::function<double(double)>& at)
{
    const double reach = slide.length * (0.5 - k_air);
    for (std::int64_t frame = 0; frame < slide.frames; ++frame) {
        const double window = centre(move, slide.first + frame);
        const double middle = at(slide.rate.seconds(frame));
        EXPECT_LE(middle + k_half_head, window + reach) << frame;
        EXPECT_GE(middle - k_half_head, window - reach) << frame;
    }
}

CameraMove expect_good(const Slide& slide, const std::function<double(double)>& at, FramingPath::Kind kind)
{
    const std::vector<Extent> extents = subject(slide, at);
    CameraMove move = camera_move(extents, slide);
    EXPECT_EQ(word(move.kind), word(kind));
    expect_within(move, slide, limits_for(extents, slide.rate));
    expect_held(move, slide, at);
    return move;
}

TEST(CameraMoveTest, WithoutASubjectItStandsInTheMiddle)
{
    const CameraMove move = camera_move({}, upright());
    EXPECT_EQ(move.kind, FramingPath::Kind::still);
    EXPECT_EQ(move.points, std::vector<double>{0.5});
}

TEST(CameraMoveTest, StandsStillForWhatStandsOrShakesALittle)
{
    EXPECT_EQ(expect_good(
                  upright(), [](double) { return 0.3; }, FramingPath::Kind::still)
                  .points.size(),
              1U);
    expect_good(
        upright(), [](double t) { return 0.6 + 0.04 * std::sin(3 * t); }, FramingPath::Kind::still);
}

TEST(CameraMoveTest, StaysInThePictureWhereASubjectIsAtItsEdge)
{
    const CameraMove move = camera_move(subject(upright(), [](double) { return 0.02; }), upright());
    EXPECT_DOUBLE_EQ(move.points.front(), upright().least);
}

TEST(CameraMoveTest, PansWithWhatGoesFromOnePlaceToAnother)
{
    const auto walk = [](double t) {
        const double u = std::clamp((t - 2) / 6, 0.0, 1.0);
        return 0.25 + 0.5 * u * u * (3 - 2 * u);
    };
    expect_good(upright(), walk, FramingPath::Kind::pan);
    expect_good(
        upright(900, 4000), [](double t) { return 0.3 + 0.014 * t; }, FramingPath::Kind::pan);
}

TEST(CameraMoveTest, TracksWhatGoesToAndFro)
{
    expect_good(
        upright(), [](double t) { return 0.5 + 0.3 * std::sin(t); }, FramingPath::Kind::track);
    expect_good(
        upright(1800), [](double t) { return 0.5 + 0.25 * std::sin(t / 2) + 0.06 * std::sin(2 * t); },
        FramingPath::Kind::track);
}

TEST(CameraMoveTest, IsAlreadyMovingWithWhatComesInMoving)
{
    expect_good(
        upright(120), [](double t) { return t < 2 ? 0.2 + 0.2 * t : 0.6 - 0.2 * (t - 2); }, FramingPath::Kind::track);
}

TEST(CameraMoveTest, IsFasterWhereTheSubjectIs)
{
    const auto run = [](double t) { return 0.5 + 0.3 * std::sin(1.8 * t); };
    EXPECT_GT(limits_for(subject(upright(), run), {30, 1}).speed, 0.5);
    EXPECT_EQ(limits_for(subject(upright(), [](double) { return 0.3; }), {30, 1}), CameraLimits{});
    expect_good(upright(), run, FramingPath::Kind::track);
}

TEST(CameraMoveTest, KeepsItsLimitsWhereASubjectJumps)
{
    const auto jump = [](double t) { return t < 3 ? 0.2 : t < 6 ? 0.8 : 0.3; };
    const std::vector<Extent> extents = subject(upright(), jump);
    const CameraMove move = camera_move(extents, upright());
    EXPECT_EQ(move.kind, FramingPath::Kind::track);
    expect_within(move, upright(), limits_for(extents, {30, 1}));
    EXPECT_NEAR(centre(move, 10), 0.2, 0.1);
    EXPECT_NEAR(centre(move, 135), 0.8, 0.1);
    EXPECT_NEAR(centre(move, 290), 0.3, 0.1);
}

TEST(CameraMoveTest, RestsWhereTheSubjectRests)
{
    const auto walk = [](double t) { return t < 8 ? 0.25 : std::min(0.75, 0.25 + 0.2 * (t - 8)); };
    const CameraMove move = camera_move(subject(upright(600), walk), upright(600));
    for (std::int64_t frame = 1; frame < 180; ++frame) {
        EXPECT_LT(std::abs(centre(move, frame) - centre(move, frame - 1)), 1e-4) << frame;
    }
}

TEST(CameraMoveTest, CentresWhatIsLargerThanTheWindow)
{
    const std::vector<Extent> large{{0, 0.2, 0.8}, {60, 0.2, 0.8}};
    EXPECT_NEAR(camera_move(large, upright(120)).points.front(), 0.5, 1e-9);
}

TEST(CameraMoveTest, ShotsOfAFrameOrTwoAreStillOrMoveWithinLimits)
{
    for (const std::int64_t frames : {1, 2, 7}) {
        const std::vector<Extent> extents{{0, 0.1, 0.2}, {frames, 0.8, 0.9}};
        expect_within(camera_move(extents, upright(frames)), upright(frames), limits_for(extents, {30, 1}));
    }
}

} // namespace
} // namespace longtake::test
