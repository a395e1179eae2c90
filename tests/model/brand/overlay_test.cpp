#include "pipeline/model/brand/overlay.h"

#include "pipeline/model/timeline.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

Overlay overlay()
{
    Overlay overlay;
    overlay.from = 10;
    overlay.to = 50;
    overlay.texts = {{TextRole::title, "Coffee"}, {TextRole::price, "-30 %"}};
    overlay.at = Place::upper;
    overlay.in = Motion::slide;
    overlay.out = Motion::none;
    overlay.logo = Logo{"/l.png", "abc", Logo::At::bottom_left, 0.1, 0.5};
    overlay.style = load_style({std::filesystem::path(LONGTAKE_SOURCE_DIR) / "presets"}, "luxe");
    return overlay;
}

TEST(OverlayTest, ComesBackFromItsJson)
{
    const nlohmann::json json = overlay();
    const Overlay back = json.get<Overlay>();
    EXPECT_EQ(nlohmann::json(back), json);
    EXPECT_EQ(back.texts, overlay().texts);
    EXPECT_EQ(back.logo.value().sha256, "abc");
    EXPECT_EQ(back.style.heading, "Noto Serif Display");
}

TEST(OverlayTest, ATimelineKeepsItsOverlaysAndIsAsBeforeWithoutAny)
{
    Timeline timeline;
    timeline.rate = {24, 1};
    timeline.size = {640, 360};
    EXPECT_FALSE(nlohmann::json(timeline).contains("overlays"));
    timeline.overlays = {overlay()};
    const nlohmann::json json = timeline;
    EXPECT_EQ(nlohmann::json(json.get<Timeline>()), json);
}

TEST(OverlayTest, ItsShapeDependsOnWhatIsSeenNotOnWhen)
{
    const std::string before = shape_of(overlay()).dump();
    Overlay other = overlay();
    other.from = 30;
    other.to = 70;
    other.logo.value().file = "/elsewhere.png";
    EXPECT_EQ(shape_of(other).dump(), before);
    other.logo.value().sha256 = "def";
    EXPECT_NE(shape_of(other).dump(), before);
}

TEST(OverlayTest, PartsComeInTheOrderTheyStand)
{
    const auto texts = role_texts({{"price", "9"}, {"title", "T"}, {"call_to_action", "Go"}, {"subtitle", "s"}});
    ASSERT_EQ(texts.size(), 4U);
    EXPECT_EQ(texts[0].role, TextRole::title);
    EXPECT_EQ(texts[1].role, TextRole::subtitle);
    EXPECT_EQ(texts[2].role, TextRole::price);
    EXPECT_EQ(texts[3].role, TextRole::call_to_action);
}

} // namespace
} // namespace longtake
