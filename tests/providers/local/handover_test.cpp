#include "pipeline/providers/local/handover.h"

#include "tests/providers/local/rendering.h"

#include <gtest/gtest.h>

namespace longtake::local {
namespace {

using test::render;

TEST(HandoverTest, ItTakesLittleOfTheMiddle)
{
    EXPECT_EQ(handover_share(1.6, 4), 0);
    EXPECT_DOUBLE_EQ(handover_share(2, 4), 0.5);
    EXPECT_EQ(handover_share(2.4, 4), 1);
    EXPECT_EQ(handover_share(0.2, 0.8), 0) << "half of a short take";
}

TEST(HandoverTest, OneSceneAfterTheOther)
{
    constexpr Size size{320, 180};
    TakeSpec first{.image = test::photo("coffee.png"), .size = size, .frames = 90};
    TakeSpec second = first;
    second.image = test::photo("rocket.jpg");
    TakeSpec both = first;
    both.end_image = second.image;
    both.strangers = true;
    const TakeRenderer one(first);
    const TakeRenderer other(second);
    const TakeRenderer handover(both);
    EXPECT_EQ(test::greatest_difference(render(handover, size, 20), render(one, size, 20)), 0);
    EXPECT_EQ(test::greatest_difference(render(handover, size, 80), render(other, size, 80)), 0);
    EXPECT_GT(test::greatest_difference(render(handover, size, 45), render(one, size, 45)), 30);
}

TEST(HandoverTest, StrangersAreToldFromTwoViewsOfOneScene)
{
    constexpr Size size{640, 360};
    EXPECT_TRUE(are_strangers(test::photo("coffee.png"), test::photo("rocket.jpg"), size));
    EXPECT_TRUE(are_strangers(test::photo("chelsea.png"), test::photo("coffee.png"), size));
    const auto samples = std::filesystem::path(LONGTAKE_SOURCE_DIR) / "samples/coffee";
    EXPECT_FALSE(are_strangers(samples / "coffee.png", samples / "coffee-close.png", size));
}

} // namespace
} // namespace longtake::local
