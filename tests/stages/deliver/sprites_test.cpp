#include "stages/deliver/sprites.h"

#include "pipeline/base/error.h"
#include "tests/support/clips.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>

#include <cmath>

namespace longtake::stages {
namespace {

/// A film of one clip, each frame of which is two steps lighter than the one before.
class SpritesTest : public ::testing::Test {
protected:
    SpritesTest()
    {
        Item item;
        item.shot = "counting";
        item.frames = 90;
        item.ranges = {{Range::Kind::footage,
                        test::write_counting_clip(dir_ / "clip.mp4", {90, {320, 180}, {10, 1}, 20, 2}), "", 0, 90}};
        film_.rate = {10, 1};
        film_.size = {320, 180};
        film_.items = {item};
    }

    render::Rendition rendition() const { return {film_, {film_.size}, film_.rate}; }

    static cv::Mat decoded(const std::string& jpeg)
    {
        return cv::imdecode(std::vector<char>(jpeg.begin(), jpeg.end()), cv::IMREAD_GRAYSCALE);
    }

    /// Full-range grey of the film's frame k.
    static double grey(std::int64_t k) { return std::min(255.0, (20 + 2 * static_cast<double>(k) - 16) * 255 / 219); }

    test::TempDir dir_;
    Timeline film_;
};

TEST_F(SpritesTest, EachPictureIsWhatIsSeenWhereItBegins)
{
    const Sprites sprites = sprites_of(rendition(), {.interval = 1.5, .tile = {64, 64}, .columns = 2, .rows = 2});
    EXPECT_EQ(sprites.tile, (Size{64, 36})) << "the film's shape, in the box";
    ASSERT_EQ(sprites.pictures.size(), 6U);
    ASSERT_EQ(sprites.sheets.size(), 2U);
    EXPECT_EQ(decoded(sprites.sheets[0]).size(), cv::Size(128, 72));
    EXPECT_EQ(decoded(sprites.sheets[1]).size(), cv::Size(128, 36)) << "as many rows as there are pictures";
    for (std::size_t i = 0; i < sprites.pictures.size(); ++i) {
        const Sprite& sprite = sprites.pictures[i];
        EXPECT_DOUBLE_EQ(sprite.from, 1.5 * static_cast<double>(i));
        EXPECT_DOUBLE_EQ(sprite.to, 1.5 * static_cast<double>(i + 1));
        const cv::Mat tile = decoded(sprites.sheets[sprite.sheet])(cv::Rect(sprite.x, sprite.y, 64, 36));
        EXPECT_NEAR(cv::mean(tile)[0], grey(15 * static_cast<std::int64_t>(i)), 2) << i;
    }
}

TEST_F(SpritesTest, ARestBelongsToThePictureBeforeIt)
{
    const Sprites sprites = sprites_of(rendition(), {.interval = 4});
    ASSERT_EQ(sprites.pictures.size(), 2U);
    EXPECT_DOUBLE_EQ(sprites.pictures.back().to, 9) << "the film's end";
    EXPECT_EQ(decoded(sprites.sheets.at(0)).size(), cv::Size(640, 180)) << "no wider than its pictures";
}

TEST_F(SpritesTest, AFilmShorterThanTheIntervalHasOne)
{
    const Sprites sprites = sprites_of(rendition(), {.interval = 60});
    ASSERT_EQ(sprites.pictures.size(), 1U);
    EXPECT_DOUBLE_EQ(sprites.pictures[0].from, 0);
    EXPECT_DOUBLE_EQ(sprites.pictures[0].to, 9);
}

TEST_F(SpritesTest, PlayersAreToldWhereEachIs)
{
    const Sprites sprites{{160, 90}, {"", ""}, {{0, 2, 0, 160, 0}, {2, 3.5, 1, 0, 90}}};
    EXPECT_EQ(sprites_vtt(sprites, {"a & b-1.jpg", "c.jpg"}), "WEBVTT\n\n"
                                                              "00:00:00.000 --> 00:00:02.000\n"
                                                              "a%20%26%20b-1.jpg#xywh=160,0,160,90\n\n"
                                                              "00:00:02.000 --> 00:00:03.500\n"
                                                              "c.jpg#xywh=0,90,160,90\n\n");
}

TEST_F(SpritesTest, CanBeStopped)
{
    std::stop_source stop;
    stop.request_stop();
    try {
        sprites_of(rendition(), {}, stop.get_token());
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::interrupted);
    }
}

} // namespace
} // namespace longtake::stages
