#include "pipeline/render/overlay_motion.h"

#include <gtest/gtest.h>

namespace longtake::render {
namespace {

Overlay overlay(Motion in, Motion out)
{
    Overlay overlay;
    overlay.in = in;
    overlay.out = out;
    return overlay;
}

Moment at(const Overlay& overlay, double since, const Part& part = {}, double length = 4)
{
    return moment_of(overlay, part, 3, {since, length - since});
}

TEST(EasedTest, IsTheCurveOfCss)
{
    EXPECT_EQ(eased(-1), 0);
    EXPECT_EQ(eased(0), 0);
    EXPECT_EQ(eased(1), 1);
    EXPECT_EQ(eased(2), 1);
    EXPECT_NEAR(eased(0.25), 0.826, 0.005); // cubic-bezier(.16, 1, .3, 1) in a browser
    EXPECT_NEAR(eased(0.5), 0.970, 0.005);
    for (double t = 0.01; t < 1; t += 0.01) {
        EXPECT_GT(eased(t), eased(t - 0.01));
    }
}

TEST(MomentTest, RisesFromBelowAndIsStillAfter450Milliseconds)
{
    const Overlay rise = overlay(Motion::rise, Motion::fade);
    EXPECT_GT(at(rise, 0.02).y, 0.01);
    EXPECT_LE(at(rise, 0.02).y, 0.025);
    EXPECT_LT(at(rise, 0.02).opacity, 0.3);
    EXPECT_FALSE(at(rise, 0.44).settled());
    EXPECT_TRUE(at(rise, 0.46).settled());
}

TEST(MomentTest, PartsComeOneAfterTheOther)
{
    const Overlay rise = overlay(Motion::rise, Motion::fade);
    EXPECT_EQ(at(rise, 0.15, {.order = 2}).opacity, 0);
    EXPECT_TRUE(at(rise, 0.62, {.order = 2}).settled());
    EXPECT_FALSE(at(rise, 0.60, {.order = 2}).settled());
}

TEST(MomentTest, GoesIn250MillisecondsAllAtOnce)
{
    const Overlay fade = overlay(Motion::none, Motion::fade);
    EXPECT_TRUE(at(fade, 0).settled());
    EXPECT_TRUE(at(fade, 3.74).settled());
    EXPECT_LT(at(fade, 3.9).opacity, 1);
    EXPECT_EQ(at(fade, 3.9).opacity, at(fade, 3.9, {.order = 2}).opacity);
    EXPECT_EQ(at(fade, 4).opacity, 0);
    EXPECT_TRUE(at(overlay(Motion::none, Motion::none), 4).settled());
}

TEST(MomentTest, SlidesFromTheSideTheScriptBeginsAt)
{
    const Overlay slide = overlay(Motion::slide, Motion::none);
    EXPECT_LT(at(slide, 0.05).x, 0);
    EXPECT_GT(at(slide, 0.05, {.rtl = true}).x, 0);
}

TEST(MomentTest, TypesLetterByLetterThroughAllParts)
{
    const Overlay type = overlay(Motion::type, Motion::none);
    const Part second{.letters = 10, .letters_before = 10};
    EXPECT_EQ(at(type, 0.01, {.letters = 10}).letters, 1);
    EXPECT_EQ(at(type, 0.1, {.letters = 10}).letters, 4);
    EXPECT_TRUE(at(type, 0.34, {.letters = 10}).settled());
    EXPECT_EQ(at(type, 0.3, second).letters, 0);
    EXPECT_EQ(at(type, 0.4, second).letters, 3);
    EXPECT_EQ(at(type, 0.2, {.letters_before = 10}).opacity, 0) << "a button comes after the last letter";
}

TEST(MomentTest, ALogoGrowsALittle)
{
    const Overlay rise = overlay(Motion::rise, Motion::fade);
    EXPECT_NEAR(at(rise, 0, {.logo = true}).scale, 0.96, 1e-9);
    EXPECT_TRUE(at(rise, 0.41, {.logo = true}).settled());
}

TEST(MomentTest, AShortOverlayComesAndGoesFaster)
{
    const Overlay rise = overlay(Motion::rise, Motion::fade);
    EXPECT_GT(at(rise, 0.25, {.order = 2}, 0.4).opacity, 0.9);
}

} // namespace
} // namespace longtake::render
