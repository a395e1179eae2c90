#include "pipeline/providers/local/easing.h"
#include "pipeline/providers/local/move.h"

#include "pipeline/base/error.h"

#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <utility>
#include <vector>

namespace longtake::local {
namespace {

constexpr Size k_view{1280, 720};

std::vector<std::optional<CameraMove>> all_moves()
{
    std::vector<std::optional<CameraMove>> moves = {std::nullopt};
    for (const double amount : {-10.0, -3.0, 4.0, 10.0}) {
        moves.push_back(CameraMove{.horizontal = amount});
        moves.push_back(CameraMove{.vertical = amount});
        moves.push_back(CameraMove{.pan = amount});
        moves.push_back(CameraMove{.tilt = amount});
        moves.push_back(CameraMove{.roll = amount});
        moves.push_back(CameraMove{.zoom = amount});
    }
    moves.push_back(CameraMove{.horizontal = 10, .vertical = -10, .pan = 10, .tilt = 10, .roll = -10, .zoom = 10});
    for (const char* type : {"down_back", "forward_up", "right_turn_forward", "left_turn_forward"}) {
        moves.push_back(CameraMove{.type = type});
    }
    return moves;
}

std::pair<double, double> apply(const Homography& h, double x, double y)
{
    const double w = h[6] * x + h[7] * y + h[8];
    return {(h[0] * x + h[1] * y + h[2]) / w, (h[3] * x + h[4] * y + h[5]) / w};
}

/// How far the picture's middle travels on the screen over the move: right and down positive.
std::pair<double, double> travel(const CameraMove& camera)
{
    const Move move(camera, k_view, 640, 360);
    const auto [x0, y0] = apply(move.at(0), 0, 0);
    const auto [x1, y1] = apply(move.at(1), 0, 0);
    return {x0 - x1, y0 - y1};
}

TEST(Move, NeverShowsAnythingButPicture)
{
    for (const auto& [size, half_width, half_height] :
         {std::tuple{Size{1280, 720}, 640.0, 360.0}, std::tuple{Size{1280, 720}, 640.0, 427.0},
          std::tuple{Size{720, 1280}, 360.0, 640.0}, std::tuple{Size{1080, 1080}, 700.0, 540.0}}) {
        int number = 0;
        for (const auto& camera : all_moves()) {
            const Move move(camera, size, half_width, half_height);
            for (double u = 0; u <= k_farthest; u += 0.0013) {
                for (const int corner : {0, 1, 2, 3}) {
                    const auto [x, y] =
                        apply(move.at(u), size.width * (corner % 2 - 0.5), size.height * (corner / 2 - 0.5));
                    ASSERT_LE(std::abs(x), half_width + 0.05) << "move " << number << " at " << u;
                    ASSERT_LE(std::abs(y), half_height + 0.05) << "move " << number << " at " << u;
                }
            }
            ++number;
        }
    }
}

TEST(Move, NoGlideShowsAnythingButPicture)
{
    for (const Drift drift : {Drift::in, Drift::out, Drift::left, Drift::right, Drift::up, Drift::down}) {
        for (const PicturePoint aim : {PicturePoint{0.5, 0.5}, {0, 1}, {0.9, 0.2}}) {
            const Move move(std::nullopt, k_view, 640, 427, {drift, 1.14, aim});
            for (double u = 0; u <= k_farthest; u += 0.01) {
                for (const int corner : {0, 1, 2, 3}) {
                    const auto [x, y] =
                        apply(move.at(u), k_view.width * (corner % 2 - 0.5), k_view.height * (corner / 2 - 0.5));
                    ASSERT_LE(std::abs(x), 640.05) << static_cast<int>(drift) << " at " << u;
                    ASSERT_LE(std::abs(y), 427.05) << static_cast<int>(drift) << " at " << u;
                }
            }
        }
    }
}

TEST(Move, APushLeavesItsAimWhereItIs)
{
    for (const Drift drift : {Drift::in, Drift::out}) {
        const Move move(std::nullopt, k_view, 640, 360, {drift, 1.1, {0.7, 0.3}});
        const auto [x, y] = apply(move.at(0.2), 0.2 * 1280, -0.2 * 720);
        const auto [later_x, later_y] = apply(move.at(0.9), 0.2 * 1280, -0.2 * 720);
        EXPECT_NEAR(x, 256, 1e-9);
        EXPECT_NEAR(later_x, 256, 1e-9);
        EXPECT_NEAR(y, -144, 1e-9);
        EXPECT_NEAR(later_y, -144, 1e-9);
    }
}

TEST(Move, SlidesGoWhereTheirNameSays)
{
    const auto slide = [](Drift drift) {
        const Move move(std::nullopt, k_view, 640, 360, {drift, 1.1, {}});
        const auto [x0, y0] = apply(move.at(0), 0, 0);
        const auto [x1, y1] = apply(move.at(1), 0, 0);
        return std::pair((x1 - x0) / 1280, (y1 - y0) / 720); // of the picture, as much of it as the frame shows
    };
    EXPECT_NEAR(slide(Drift::right).first, 0.1, 1e-9);
    EXPECT_NEAR(slide(Drift::left).first, -0.1, 1e-9);
    EXPECT_NEAR(slide(Drift::down).second, 0.1, 1e-9);
    EXPECT_NEAR(slide(Drift::up).second, -0.1, 1e-9);
}

TEST(Move, CruisesAtOneSpeedWithinLimits)
{
    EXPECT_NEAR(cruise_factor(5), std::exp(0.06), 1e-12);
    EXPECT_NEAR(std::log(cruise_factor(10)) / 10, std::log(cruise_factor(5)) / 5, 1e-12);
    EXPECT_EQ(cruise_factor(1), 1.04);
    EXPECT_EQ(cruise_factor(60), 1.14);
}

TEST(Move, MagnifiesNoMoreThanItMust)
{
    EXPECT_LT(Move(CameraMove{.horizontal = 10}, k_view, 640, 360).tightest(), 1.45);
    EXPECT_LT(Move(CameraMove{.pan = 10}, k_view, 640, 360).tightest(), 1.6);
    EXPECT_LT(Move(CameraMove{.roll = 10}, k_view, 640, 360).tightest(), 1.45);
    EXPECT_DOUBLE_EQ(Move(CameraMove{.zoom = -10}, k_view, 640, 360).widest(), 1);
}

TEST(Move, GentlePushAndForwardUpBeginWithTheWholePicture)
{
    for (const std::optional<CameraMove>& camera : {std::optional<CameraMove>{}, {CameraMove{.type = "forward_up"}}}) {
        const auto [x, y] = apply(Move(camera, k_view, 640, 360).at(0), 640, 360);
        EXPECT_NEAR(x, 640, 1e-9);
        EXPECT_NEAR(y, 360, 1e-9);
    }
}

TEST(Move, CameraToTheRightCarriesThePictureToTheLeft)
{
    EXPECT_LT(travel({.horizontal = 5}).first, -50);
    EXPECT_GT(travel({.horizontal = -5}).first, 50);
    EXPECT_LT(travel({.pan = 5}).first, -30);
    EXPECT_GT(travel({.pan = -5}).first, 30);
    EXPECT_NEAR(travel({.pan = 5}).second, 0, 1e-9);
    EXPECT_LT(travel({.type = "right_turn_forward"}).first, -30);
    EXPECT_GT(travel({.type = "left_turn_forward"}).first, 30);
}

TEST(Move, CameraUpCarriesThePictureDown)
{
    EXPECT_GT(travel({.vertical = 5}).second, 30);
    EXPECT_LT(travel({.vertical = -5}).second, -30);
    EXPECT_GT(travel({.tilt = 5}).second, 20);
    EXPECT_LT(travel({.tilt = -5}).second, -20);
    EXPECT_GT(travel({.type = "forward_up"}).second, 20);
    EXPECT_LT(travel({.type = "down_back"}).second, -20);
}

TEST(Move, PositiveRollTurnsThePictureClockwise)
{
    const Move move(CameraMove{.roll = 5}, k_view, 640, 360);
    // What stood above the middle is found to the right of it: the screen's right shows the picture's top.
    EXPECT_LT(apply(move.at(1), 100, 0).second, -5);
    EXPECT_GT(apply(Move(CameraMove{.roll = -5}, k_view, 640, 360).at(1), 100, 0).second, 5);
    EXPECT_EQ(apply(move.at(0), 100, 0).second, 0);
}

TEST(Move, ZoomOfTenIsAFactorOfTwo)
{
    const Move in(CameraMove{.zoom = -10}, k_view, 640, 360);
    EXPECT_NEAR(apply(in.at(0), 640, 0).first / apply(in.at(1), 640, 0).first, 2, 1e-9);
    EXPECT_NEAR(apply(in.at(0), 640, 0).first / apply(in.at(0.5), 640, 0).first, std::sqrt(2), 1e-9);
    const Move out(CameraMove{.zoom = 10}, k_view, 640, 360);
    EXPECT_NEAR(apply(out.at(1), 640, 0).first / apply(out.at(0), 640, 0).first, 2, 1e-9);
}

TEST(Move, NamedMovesAdvanceAndBackAway)
{
    const auto growth = [](const char* type) {
        const Move move(CameraMove{.type = type}, k_view, 640, 360);
        return move.pose(1).magnify / move.pose(0).magnify;
    };
    EXPECT_GT(growth("forward_up"), 1.2);
    EXPECT_GT(growth("right_turn_forward"), 1.2);
    EXPECT_GT(growth("left_turn_forward"), 1.2);
    EXPECT_LT(growth("down_back"), 0.85);
}

TEST(Move, TurnsBeforeItAdvances)
{
    const Move move(CameraMove{.type = "right_turn_forward"}, k_view, 640, 360);
    EXPECT_DOUBLE_EQ(move.pose(0.25).magnify, 1);
    EXPECT_GT(move.pose(0.25).pan, move.pose(0).pan);
    EXPECT_DOUBLE_EQ(move.pose(0.7).pan, move.pose(1).pan);
    EXPECT_GT(move.pose(1).magnify, move.pose(0.7).magnify);
}

TEST(Move, RejectsAnUnknownName)
{
    try {
        Move(CameraMove{.type = "upside_down"}, k_view, 640, 360);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::usage);
    }
}

} // namespace
} // namespace longtake::local
