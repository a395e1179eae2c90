#include "pipeline/model/rgb.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

double contrast(const char* a, const char* b)
{
    return contrast_ratio(relative_luminance(rgb_of(a).value()), relative_luminance(rgb_of(b).value()));
}

TEST(RgbTest, ReadsAndWritesHexadecimalColours)
{
    EXPECT_EQ(rgb_of("#20140C"), (Rgb{0x20, 0x14, 0x0C}));
    EXPECT_EQ(text_of({0x20, 0x14, 0x0C}), "#20140c");
    for (const char* none : {"", "#", "white", "#12345", "#1234567", "#12345g", "1234567"}) {
        EXPECT_FALSE(rgb_of(none)) << none;
    }
}

TEST(RgbTest, ContrastIsWcags)
{
    EXPECT_NEAR(contrast("#000000", "#ffffff"), 21, 1e-9);
    EXPECT_NEAR(contrast("#777777", "#777777"), 1, 1e-9);
    EXPECT_NEAR(contrast("#767676", "#ffffff"), 4.54, 0.005); // the palest grey on white that passes 4.5
    EXPECT_NEAR(contrast("#949494", "#ffffff"), 3.03, 0.005); // and 3
    EXPECT_NEAR(contrast("#ff0000", "#ffffff"), 4.00, 0.005);
}

} // namespace
} // namespace longtake
