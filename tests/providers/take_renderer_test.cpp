#include "pipeline/providers/local/easing.h"
#include "pipeline/providers/local/move.h"
#include "tests/providers/local/rendering.h"

#include "pipeline/base/error.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <thread>

namespace longtake::local {
namespace {

using test::render;
using test::Rendered;

constexpr Size k_size{640, 360};

class TakeRendererTest : public ::testing::Test {
protected:
    TakeSpec dots_take(const CameraMove& camera)
    {
        const std::filesystem::path file = dir_ / "dots.png";
        cv::imwrite(file.string(), test::dots(1280, 720, 160, 14));
        return {.image = file, .camera = camera, .size = k_size, .frames = 150};
    }

    test::TempDir dir_;
};

/// How evenly a dot travels over the screen, pixels.
struct Motion {
    double bend = 0;   ///< greatest second difference, the easing's own included
    double jitter = 0; ///< the same of the distance from where the camera's geometry wants the dot
    double offset = 0; ///< greatest such distance
};

/// Follows the dot that lies at `dot` in the picture (from its middle, in output pixels), as long as it is in sight.
Motion motion(const TakeSpec& spec, cv::Point2d dot)
{
    const TakeRenderer renderer(spec);
    const Move move(spec.camera, spec.size, spec.size.width / 2.0, spec.size.height / 2.0);
    const double seconds = spec.rate.seconds(spec.frames);
    const Easing easing({.seconds = seconds, .move_seconds = seconds, .idle_in = k_idle, .idle_out = k_idle});
    std::vector<cv::Point2d> way;
    std::vector<cv::Point2d> off;
    Motion found;
    for (std::int64_t i = 0; i < spec.frames; ++i) {
        const Homography pose = move.at(easing.at(spec.rate.seconds(i)).progress);
        const cv::Vec3d seen = cv::Matx33d(pose.data()).inv() * cv::Vec3d(dot.x, dot.y, 1);
        const cv::Point2d wanted(seen[0] / seen[2] + spec.size.width / 2.0 - 0.5,
                                 seen[1] / seen[2] + spec.size.height / 2.0 - 0.5);
        if (wanted.x < 30 || wanted.y < 30 || wanted.x > spec.size.width - 30 || wanted.y > spec.size.height - 30) {
            break;
        }
        way.push_back(test::dot_near(render(renderer, spec.size, i).luma, wanted, 16));
        off.push_back(way.back() - wanted);
        found.offset = std::max(found.offset, cv::norm(off.back()));
    }
    EXPECT_GT(way.size(), 60U);
    for (std::size_t i = 2; i < way.size(); ++i) {
        found.bend = std::max(found.bend, cv::norm(way[i] - 2 * way[i - 1] + way[i - 2]));
        found.jitter = std::max(found.jitter, cv::norm(off[i] - 2 * off[i - 1] + off[i - 2]));
    }
    return found;
}

TEST_F(TakeRendererTest, MovesSmoothlyBelowAPixel)
{
    // The dots are 80 px apart once the picture covers the output, the first half a sample off the picture's middle.
    const std::vector<CameraMove> moves = {
        {.zoom = -10}, {.zoom = 7}, {.horizontal = 4}, {.vertical = -4},
        {.pan = 5},    {.tilt = 5}, {.roll = 5},       {.type = "right_turn_forward"}};
    for (std::size_t i = 0; i < moves.size(); ++i) {
        const Motion way = motion(dots_take(moves[i]), {80.25, 0.25});
        RecordProperty("jitter", std::to_string(way.jitter));
        EXPECT_LT(way.bend, i < 2 ? 0.1 : 0.2) << i;
        EXPECT_LT(way.jitter, 0.02) << i;
        EXPECT_LT(way.offset, 0.02) << i;
    }
}

TEST_F(TakeRendererTest, CameraToTheRightShowsDotsGoingLeft)
{
    const TakeRenderer renderer(dots_take({.horizontal = 5}));
    const cv::Point2d first = test::dot_near(render(renderer, k_size, 40).luma, {330, 180}, 30);
    const cv::Point2d later = test::dot_near(render(renderer, k_size, 50).luma, first, 30);
    EXPECT_LT(later.x, first.x - 2);
    EXPECT_NEAR(later.y, first.y, 0.05);
}

TEST_F(TakeRendererTest, EveryFrameOfTheGentleMoveDiffers)
{
    const TakeRenderer renderer({.image = test::photo("coffee.png"), .size = k_size, .frames = 60});
    Rendered before = render(renderer, k_size, 0);
    for (int i = 1; i < 60; ++i) {
        const Rendered now = render(renderer, k_size, i);
        EXPECT_GT(cv::norm(before.luma, now.luma, cv::NORM_L1), 1000) << i;
        before = now;
    }
}

TEST_F(TakeRendererTest, ExtensionContinuesAsIfItWereOneTake)
{
    for (const std::optional<CameraMove>& camera :
         {std::optional<CameraMove>{}, {CameraMove{.zoom = -6}}, {CameraMove{.type = "left_turn_forward"}}}) {
        const TakeSpec whole{.image = test::photo("coffee.png"),
                             .camera = camera,
                             .size = {320, 180},
                             .frames = 90,
                             .move_seconds = 3.0};
        TakeSpec first = whole;
        first.frames = 50;
        first.comes_to_rest = false;
        const TakeRenderer opening(first);
        TakeSpec second = whole;
        second.frames = 40;
        second.start = nlohmann::json(opening.end()).get<MoveState>();
        const TakeRenderer one(whole);
        const TakeRenderer extension(second);
        for (const int i : {0, 1, 20, 39}) {
            EXPECT_LE(test::greatest_difference(render(extension, {320, 180}, i), render(one, {320, 180}, 50 + i)), 1);
        }
    }
}

TEST_F(TakeRendererTest, SameSpecSamePixelsFromAnyThread)
{
    const TakeSpec spec{
        .image = test::photo("chelsea.png"), .camera = CameraMove{.roll = 3}, .size = k_size, .frames = 20};
    const TakeRenderer one(spec);
    const TakeRenderer other(spec);
    std::vector<Rendered> forward(20, Rendered(k_size));
    std::vector<Rendered> backward;
    for (int i = 0; i < 20; ++i) {
        backward.emplace_back(k_size);
        forward[i] = Rendered(k_size);
    }
    std::thread thread([&] {
        for (int i = 0; i < 20; ++i) {
            one.render(i, forward[i].view());
        }
    });
    for (int i = 19; i >= 0; --i) {
        other.render(i, backward[i].view());
    }
    thread.join();
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(test::greatest_difference(forward[i], backward[i]), 0) << i;
    }
}

TEST_F(TakeRendererTest, TakesPicturesOfAnyShape)
{
    for (const cv::Size shape : {cv::Size(7, 5), cv::Size(50, 400), cv::Size(3000, 200)}) {
        cv::imwrite((dir_ / "odd.png").string(), cv::Mat(shape, CV_8UC3, cv::Scalar(0, 255, 0)));
        const TakeRenderer renderer(
            {.image = dir_ / "odd.png", .camera = CameraMove{.zoom = 10}, .size = {64, 36}, .frames = 5});
        for (int i = 0; i < 5; ++i) {
            EXPECT_LE(
                cv::norm(render(renderer, {64, 36}, i).luma, cv::Mat(36, 64, CV_8U, cv::Scalar(173)), cv::NORM_INF), 1);
        }
    }
}

TEST_F(TakeRendererTest, RefusesAFrameItDoesNotHave)
{
    const TakeRenderer renderer({.image = test::photo("coffee.png"), .size = {64, 36}, .frames = 5});
    Rendered frame({64, 36});
    EXPECT_THROW(renderer.render(5, frame.view()), Error);
    EXPECT_THROW(renderer.render(-1, frame.view()), Error);
}

} // namespace
} // namespace longtake::local
