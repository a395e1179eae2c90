#include "pipeline/model/delivery/fit_limits.h"

#include "pipeline/base/error.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace longtake {
namespace {

class FitLimitsTest : public ::testing::Test {
protected:
    std::string complaint(double seconds, LimitsPolicy policy = LimitsPolicy::refuse) const
    {
        try {
            (void)within_limits(preset_, seconds, policy);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Errc::usage);
            return error.what();
        }
        return {};
    }

    /// 3 to 600 s, 287 MB, at most 16 Mb/s and 192 kb/s of sound.
    const Preset preset_ = load_preset({std::filesystem::path(LONGTAKE_SOURCE_DIR) / "presets"}, "tiktok/1080x1920");
};

TEST_F(FitLimitsTest, WhatFitsStaysAsItIs)
{
    EXPECT_EQ(within_limits(preset_, 60, LimitsPolicy::refuse).resolved, preset_.resolved);
    EXPECT_EQ(within_limits(preset_, 60, LimitsPolicy::fit).resolved, preset_.resolved);
}

TEST_F(FitLimitsTest, WhatWouldBeRefusedIsRefusedByHowMuch)
{
    EXPECT_EQ(complaint(2.4),
              "preset tiktok/1080x1920: the film lasts 2.4 s, the platform takes at least 3 s: 0.6 s are missing");
    EXPECT_EQ(complaint(612.5),
              "preset tiktok/1080x1920: the film lasts 612.5 s, the platform takes at most 600 s: 12.5 s too many; "
              "--fit-limits delivers its first 600 s");
}

TEST_F(FitLimitsTest, LongFilmsAreCutAndLowered)
{
    const Preset fitted = within_limits(preset_, 612.5, LimitsPolicy::fit);
    EXPECT_EQ(fitted.resolved.at("first_seconds"), 600.0);
    ASSERT_TRUE(fitted.video.max_bitrate);
    EXPECT_LT(*fitted.video.max_bitrate, 4'000'000);
    EXPECT_LE(most_bytes(fitted, 600), *preset_.limits.max_bytes);
    EXPECT_GE(static_cast<double>(most_bytes(fitted, 600)), 0.99 * static_cast<double>(*preset_.limits.max_bytes));
}

TEST_F(FitLimitsTest, WhatCannotFitIsRefused)
{
    EXPECT_NE(complaint(2.4, LimitsPolicy::fit), "") << "nothing can be added";
    const Preset tiny = changed_preset(preset_, {{"limits", {{"max_bytes", 100'000}}}});
    EXPECT_THROW((void)within_limits(tiny, 60, LimitsPolicy::fit), Error);
}

} // namespace
} // namespace longtake
