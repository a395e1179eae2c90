#include "pipeline/av/picture/light_metadata.h"

#include "tests/support/ffmpeg_cli.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake::av {
namespace {

/// BT.2020's primaries and D65 in units of 1/50000, a screen of 1000 cd/m2.
constexpr const char* k_said = "hdr10=1:master-display=G(8500,39850)B(6550,2300)R(35400,14600)WP(15635,16450)"
                               "L(10000000,50):max-cll=1000,400";

std::filesystem::path clip(const test::TempDir& dir, const std::string& params)
{
    test::ffmpeg("-f lavfi -i color=gray:s=64x64:r=25:d=0.2 -pix_fmt yuv420p10le -c:v libx265 -preset ultrafast "
                 "-color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc -x265-params 'log-level=none" +
                 params + "' '" + (dir / "clip.mp4").string() + "'");
    return dir / "clip.mp4";
}

TEST(LightMetadataTest, IsReadAsItWasWritten)
{
    const test::TempDir dir;
    EXPECT_EQ(x265_params(light_metadata(clip(dir, std::string(":") + k_said))), k_said);
}

TEST(LightMetadataTest, OfAClipThatSaysNothingIsEmpty)
{
    const test::TempDir dir;
    EXPECT_EQ(light_metadata(clip(dir, "")), LightMetadata{});
    EXPECT_EQ(x265_params({}), "");
}

} // namespace
} // namespace longtake::av
