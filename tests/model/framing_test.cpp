#include "pipeline/model/framing.h"

#include "pipeline/base/error.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace longtake {
namespace {

using nlohmann::json;

FramingPath ramp()
{
    return {FramingPath::Kind::track, 10, 5, {{0.2, 0.5}, {0.2, 0.5}, {0.3, 0.5}, {0.5, 0.5}, {0.5, 0.5}}};
}

std::string refusal(const std::function<void()>& read)
{
    try {
        read();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::input);
        return error.what();
    }
    return "read";
}

std::string refusal_with(const char* key, const json& value)
{
    json changed = ramp();
    changed[key] = value;
    return refusal([&] { changed.get<FramingPath>(); });
}

TEST(FramingPathTest, OnePointStandsStill)
{
    const FramingPath path{FramingPath::Kind::still, 0, 1, {{0.31, 0.5}}};
    for (const std::int64_t frame : {-5, 0, 1, 7, 100000}) {
        EXPECT_EQ(centre_at(path, frame), (PicturePoint{0.31, 0.5}));
    }
}

TEST(FramingPathTest, BeforeAndAfterItIsLevelAndBetweenItIsSmooth)
{
    const FramingPath path = ramp();
    EXPECT_EQ(centre_at(path, 0).x, 0.2);
    EXPECT_EQ(centre_at(path, 10).x, 0.2);
    EXPECT_EQ(centre_at(path, 100).x, 0.5);
    EXPECT_NEAR(centre_at(path, 20).x, (0.2 + 4 * 0.3 + 0.5) / 6, 1e-12);
    double before = 0.2;
    for (std::int64_t frame = 0; frame < 60; ++frame) {
        const double x = centre_at(path, frame).x;
        EXPECT_GE(x, before - 1e-12);
        EXPECT_LE(x - before, 0.2 / 5 + 1e-12); // the points' largest step, over its frames
        before = x;
    }
}

TEST(FramingPathTest, EqualPointsDoNotMoveAtAll)
{
    const FramingPath path{FramingPath::Kind::track, 0, 7, {{0.37, 0.5}, {0.37, 0.5}, {0.37, 0.5}, {0.37, 0.5}}};
    for (std::int64_t frame = 0; frame < 40; ++frame) {
        EXPECT_EQ(centre_at(path, frame), (PicturePoint{0.37, 0.5}));
    }
}

TEST(FramingPathTest, ComesBackFromItsJson)
{
    EXPECT_EQ(json(ramp()).get<FramingPath>(), ramp());
    EXPECT_EQ(json(ramp()).at("schema"), "longtake/framing/1");
}

TEST(FramingPathTest, SaysWhatIsWrongWithJson)
{
    EXPECT_EQ(refusal([] { json("x").get<FramingPath>(); }),
              "this is no framing path that this version reads (longtake/framing/1)");
    EXPECT_NE(refusal_with("schema", "longtake/framing/2").find("no framing path"), std::string::npos);
    EXPECT_NE(refusal_with("kind", "pam").find("pan"), std::string::npos);
    EXPECT_EQ(refusal_with("step", 0), "framing path: 'step' has to be 1 or more");
    EXPECT_EQ(refusal_with("first", 0.5), "framing path: 'first' has to be a whole number of frames");
    EXPECT_EQ(refusal_with("points", json::array()),
              "framing path: 'points' has to be a list of one place or more, [[x, y], ...]");
    EXPECT_EQ(refusal_with("points", {{0.5, 0.5}, {1.5, 0.5}}),
              "framing path: point 2 is [1.5,0.5], but a place is [x, y], each between 0 and 1 of the picture's width "
              "and height");
    EXPECT_EQ(refusal_with("kind", "still"), "framing path: one that is still has one point");
}

TEST(FocusTest, IsAWordOrAPlace)
{
    for (const json& value : {json("track"), json("face"), json("centre"), json({0.25, 0.75})}) {
        EXPECT_EQ(json(value.get<Focus>()), value);
    }
    EXPECT_NE(refusal([] { json("faces").get<Focus>(); }).find("face"), std::string::npos);
    EXPECT_NE(refusal([] { json({0.5, 2}).get<Focus>(); }).find("focus is [0.5,2]"), std::string::npos);
    EXPECT_NE(refusal([] { json(3).get<Focus>(); }).find("focus is 3"), std::string::npos);
}

TEST(WindowSizeTest, TakesAllTheHeightOrAllTheWidth)
{
    EXPECT_EQ(window_size({1920, 1080}, 9.0 / 16), (Size{608, 1080}));
    EXPECT_EQ(window_size({1920, 1080}, 2.4), (Size{1920, 800}));
    EXPECT_EQ(window_size({1080, 1920}, 1), (Size{1080, 1080}));
    EXPECT_EQ(window_size({1920, 1080}, 16.0 / 9), (Size{1920, 1080}));
}

} // namespace
} // namespace longtake
