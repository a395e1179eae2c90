#include "stages/deliver/encoder_frames.h"

#include "tests/support/clips.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace longtake::stages {
namespace {

/// A film of one clip, each frame of which is two steps lighter than the one before.
class EncoderFramesTest : public ::testing::Test {
protected:
    Timeline film(Rate rate)
    {
        Item item;
        item.shot = "counting";
        item.frames = 25;
        item.ranges = {{Range::Kind::footage, test::write_counting_clip(dir_ / "clip.mp4", {25, {64, 48}, rate, 40, 2}),
                        "", 0, 25}};
        Timeline film;
        film.rate = rate;
        film.size = {64, 48};
        film.items = {item};
        return film;
    }

    static Preset preset(const nlohmann::json& changes) { return changed_preset(master_preset(), changes); }

    static std::vector<av::Frame> read(const Timeline& film, const Preset& preset)
    {
        const render::Rendition rendition = render::rendition_of(film, preset);
        const auto source = read_encoder_frames(rendition, preset);
        std::vector<av::Frame> frames;
        while (auto frame = source()) {
            frames.push_back(std::move(*frame));
        }
        EXPECT_EQ(std::ssize(frames), encoder_frames_of(rendition, preset).count);
        return frames;
    }

    static int luma(const av::Frame& frame, int row) { return frame.plane(0)[row * frame.stride(0) + 30]; }

    test::TempDir dir_;
    const nlohmann::json fields_ = {{"fps", 50}, {"interlaced", true}, {"video", {{"pixel_format", "yuv422p"}}}};
};

TEST_F(EncoderFramesTest, AShortFilmIsWrittenAsAvifInOneGo)
{
    const Timeline film = this->film({25, 1});
    const Preset avif = load_preset({std::filesystem::path(LONGTAKE_SOURCE_DIR) / "presets"}, "preview/avif");
    EXPECT_NE(whole_because(render::rendition_of(film, avif), avif), "") << "though all of it is shown";
    const Preset master = master_preset();
    EXPECT_EQ(whole_because(render::rendition_of(film, master), master), "");
}

TEST_F(EncoderFramesTest, FieldsShowAFilmOfTheirOwnRateMomentByMoment)
{
    const Timeline film = this->film({50, 1});
    EXPECT_EQ(encoder_frames_of(render::rendition_of(film, preset(fields_)), preset(fields_)).rate, (Rate{25, 1}));
    const auto frames = read(film, preset(fields_));
    ASSERT_EQ(frames.size(), 13U) << "25 moments in pairs, the last one twice";
    for (std::size_t k = 0; k < 12; ++k) {
        EXPECT_NEAR(luma(frames[k], 10), 40 + 4 * static_cast<int>(k), 1) << k;
        EXPECT_NEAR(luma(frames[k], 11), 42 + 4 * static_cast<int>(k), 1) << k;
    }
    EXPECT_NEAR(luma(frames[12], 11), 88, 1);
}

TEST_F(EncoderFramesTest, FieldsOfAFilmAtTheFramesRateAreAlike)
{
    const auto frames = read(film({25, 1}), preset(fields_));
    ASSERT_EQ(frames.size(), 25U);
    for (std::size_t k = 0; k < frames.size(); ++k) {
        EXPECT_NEAR(luma(frames[k], 10), 40 + 2 * static_cast<int>(k), 1) << k;
        EXPECT_EQ(luma(frames[k], 10), luma(frames[k], 11)) << k;
    }
}

TEST_F(EncoderFramesTest, TheBeginningAloneIsReadWhereThatIsWanted)
{
    const Preset preset = this->preset({{"first_seconds", 0.4}});
    EXPECT_EQ(read(film({25, 1}), preset).size(), 10U);
    EXPECT_FALSE(encoder_frames_of(render::rendition_of(film({25, 1}), preset), preset).plain);
    EXPECT_EQ(read(film({25, 1}), this->preset({{"first_seconds", 30}})).size(), 25U) << "no more than there is";
}

TEST_F(EncoderFramesTest, PicturesInRgbShowWhatTheFilmShows)
{
    const auto frames = read(film({25, 1}), preset({{"video", {{"pixel_format", "bgra"}}}}));
    ASSERT_EQ(frames.size(), 25U);
    for (std::size_t k = 0; k < frames.size(); ++k) {
        const double grey = (24 + 2.0 * static_cast<double>(k)) * 255 / 219;
        const std::uint8_t* pixel = frames[k].plane(0) + 10 * frames[k].stride(0) + 4 * 30;
        EXPECT_NEAR(pixel[0], grey, 2) << k;
        EXPECT_NEAR(pixel[2], grey, 2) << k;
        EXPECT_EQ(pixel[3], 255) << "opaque";
    }
    EXPECT_EQ(read(film({25, 1}), preset({{"video", {{"pixel_format", "pal8"}}}})).size(), 25U);
}

} // namespace
} // namespace longtake::stages
