#include "stages/deliver/webp_animation.h"

#include "pipeline/base/error.h"
#include "tests/support/ffmpeg_cli.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake::stages {
namespace {

class WebpAnimationTest : public ::testing::Test {
protected:
    std::filesystem::path animation(const std::string& picture)
    {
        test::ffmpeg("-f lavfi -i " + picture + " -vf format=bgra -c:v libwebp_anim -loop 0 '" +
                     (dir_ / "a.webp").string() + "'");
        return dir_ / "a.webp";
    }

    test::TempDir dir_;
};

TEST_F(WebpAnimationTest, IsReadToItsEnd)
{
    const auto file = animation("testsrc2=s=64x48:r=12.5:d=2");
    const av::MediaInfo info = probe_webp(file);
    EXPECT_EQ(info.video->size, (Size{64, 48}));
    EXPECT_EQ(info.bytes, static_cast<std::int64_t>(std::filesystem::file_size(file)));
    EXPECT_EQ(measure_webp(file, {25, 2}).frames, 25);
}

TEST_F(WebpAnimationTest, FramesThatShowTheSameAreCountedByTheirTime)
{
    const std::string still_at_first = "\"color=red:s=64x48:r=12.5:d=2,drawbox=c=blue:t=fill:enable='gt(n,11)'\"";
    EXPECT_EQ(measure_webp(animation(still_at_first), {25, 2}).frames, 25);
}

TEST_F(WebpAnimationTest, OnePictureHasNoTimeOfItsOwn)
{
    EXPECT_EQ(measure_webp(animation("color=red:s=64x48:r=12.5:d=2"), {25, 2}).frames, 0);
}

TEST_F(WebpAnimationTest, DamageIsFound)
{
    const auto file = animation("testsrc2=s=64x48:r=12.5:d=2");
    std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
    EXPECT_THROW((probe_webp(file), measure_webp(file, {25, 2})), Error);
}

} // namespace
} // namespace longtake::stages
