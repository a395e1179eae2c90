#include "pipeline/av/text/lines.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace longtake::av {
namespace {

constexpr double k_em = 40;

TEST(TextLinesTest, BreaksEvenlyAndMeasuresWhatIsDrawn)
{
    const TextLines text("Open every day from eight in the morning", {}, 20);
    const auto lines = text.lines(k_em, 400);
    ASSERT_GE(lines.size(), 2U);
    for (const TextLine& line : lines) {
        EXPECT_LE(line.width, 400) << line.text;
        EXPECT_LT(line.ink.top, 0) << "above the baseline";
        EXPECT_EQ(line.stops.size(), line.text.size()) << "a stop for each letter";
        EXPECT_TRUE(std::is_sorted(line.stops.begin(), line.stops.end()));
    }
    EXPECT_EQ(text.lines(k_em, 4000).size(), 1U);
}

TEST(TextLinesTest, WeightAndTrackingWiden)
{
    const double plain = TextLines("Coffee", {}, 20).width();
    EXPECT_GT(TextLines("Coffee", {"Noto Sans", 700, 0}, 20).width(), plain);
    EXPECT_NEAR(TextLines("Coffee", {"Noto Sans", 400, 0.1}, 20).width(), plain + 0.5, 0.02);
}

TEST(TextLinesTest, LettersThatJoinAreNotMovedApart)
{
    const char* arabic = "قهوة كل يوم";
    EXPECT_EQ(TextLines(arabic, {"Noto Sans", 400, 0.2}, 20).width(), TextLines(arabic, {}, 20).width());
}

TEST(TextLinesTest, KnowsScripts)
{
    EXPECT_TRUE(TextLines("قهوة كل يوم", {}, 20).right_to_left());
    EXPECT_FALSE(TextLines("Coffee", {}, 20).right_to_left());
    EXPECT_TRUE(TextLines("毎日営業しています", {}, 20).ideographic());
    EXPECT_FALSE(TextLines("กาแฟทุกวัน", {}, 20).ideographic());
    const auto lines = TextLines("قهوة", {}, 20).lines(k_em, 400);
    EXPECT_TRUE(std::is_sorted(lines.at(0).stops.rbegin(), lines.at(0).stops.rend())) << "read from the right";
}

TEST(TextLinesTest, CapitalsAreMeasured)
{
    EXPECT_NEAR(TextLines("x", {}, 20).cap(), 0.714, 0.01) << "Noto Sans";
}

int covered(const Raster& raster)
{
    int count = 0;
    for (std::size_t i = 3; i < raster.bgra.size(); i += 4) {
        count += raster.bgra[i] > 127 ? 1 : 0;
    }
    return count;
}

TEST(DrawingTest, IsPremultipliedAndStandsWhereItIsPut)
{
    Drawing drawing({10.5, 20, 50, 60});
    drawing.rounded_box({12, 22, 48, 58}, 4, {200, 100, 50});
    const Raster raster = drawing.take();
    EXPECT_EQ(raster.left, 10);
    EXPECT_EQ(raster.top, 20);
    EXPECT_EQ(raster.size, (Size{40, 40}));
    const std::size_t middle = (static_cast<std::size_t>(20) * 40 + 20) * 4;
    EXPECT_EQ(raster.bgra[middle], 50);
    EXPECT_EQ(raster.bgra[middle + 1], 100);
    EXPECT_EQ(raster.bgra[middle + 2], 200);
    EXPECT_EQ(raster.bgra[middle + 3], 255);
    EXPECT_EQ(raster.bgra[3], 0);
    for (std::size_t i = 0; i < raster.bgra.size(); i += 4) {
        EXPECT_LE(raster.bgra[i + 2], raster.bgra[i + 3]) << "no colour above its alpha";
    }
}

TEST(DrawingTest, ALineIsDrawnInItsInk)
{
    const TextLines text("Hg", {}, 20);
    const TextLine line = text.lines(k_em, 400).at(0);
    Drawing drawing({0, 0, 120, 80});
    drawing.line(text, line, k_em, 10, 50, {255, 255, 255});
    const Raster raster = drawing.take();
    EXPECT_GT(covered(raster), 100);
    for (int y = 0; y < 80; ++y) {
        for (int x = 0; x < 120; ++x) {
            if (raster.bgra[(static_cast<std::size_t>(y) * 120 + x) * 4 + 3] > 0) {
                EXPECT_GE(x + 1, 10 + line.ink.left);
                EXPECT_LE(x, 10 + line.ink.right + 1);
                EXPECT_GE(y + 1, 50 + line.ink.top);
                EXPECT_LE(y, 50 + line.ink.bottom + 1);
            }
        }
    }
}

TEST(DrawingTest, AShadowDarkensWhatLiesAround)
{
    Drawing drawing({0, 0, 60, 60});
    drawing.rounded_box({20, 20, 40, 40}, 2, {255, 255, 255});
    drawing.shadow(8, 0.5);
    const Raster raster = drawing.take();
    const auto pixel = [&](int x, int y) { return &raster.bgra[(static_cast<std::size_t>(y) * 60 + x) * 4]; };
    EXPECT_EQ(pixel(30, 30)[0], 255) << "what is drawn stays as it is";
    EXPECT_EQ(pixel(18, 30)[0], 0);
    EXPECT_GT(pixel(18, 30)[3], 60);
    EXPECT_LE(pixel(18, 30)[3], 128);
    EXPECT_EQ(pixel(2, 2)[3], 0);
}

} // namespace
} // namespace longtake::av
