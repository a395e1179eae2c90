#include "stages/assemble/place_overlays.h"

#include "pipeline/base/error.h"
#include "stages/assemble/assemble.h"

#include <gtest/gtest.h>

namespace longtake::stages {
namespace {

Style style(const std::string& name = "studio")
{
    return load_style({std::filesystem::path(LONGTAKE_SOURCE_DIR) / "presets"}, name);
}

ShotPlan shot(const std::string& id, std::int64_t frames, std::int64_t transition = 0, bool held = false)
{
    ShotPlan plan;
    plan.shot.id = id;
    plan.frames = frames;
    plan.transition = transition > 0 ? TransitionType::dissolve : TransitionType::cut;
    plan.transition_frames = transition;
    plan.held = held;
    return plan;
}

ShotPlan card(const std::string& id, std::int64_t frames, std::int64_t transition = 0, bool held = false)
{
    ShotPlan plan = shot(id, frames, transition, held);
    plan.kind = ShotPlan::Kind::card;
    plan.shot.card = Card{};
    plan.shot.card->texts = {{TextRole::title, id}};
    return plan;
}

OverlayWords words(std::optional<double> from, std::optional<double> to)
{
    OverlayWords words;
    words.texts = {{TextRole::price, "-30 %"}};
    words.from = from;
    words.to = to;
    return words;
}

Plan plan_of(std::vector<ShotPlan> shots)
{
    Plan plan;
    plan.size = {320, 180};
    plan.rate = {25, 1};
    plan.shots = std::move(shots);
    plan.styles[""] = style();
    plan.ending = Ending::cut;
    return plan;
}

TEST(PlaceOverlaysTest, ACardsTextStandsBetweenItsTransitions)
{
    const auto overlays = overlays_of(plan_of({shot("a", 50), card("c", 100, 10, true), shot("b", 50, 20, true)}));
    ASSERT_EQ(overlays.size(), 1U);
    EXPECT_TRUE(overlays[0].card);
    EXPECT_EQ(overlays[0].from, 50) << "the way in lies before it";
    EXPECT_EQ(overlays[0].to, 130) << "the way out has begun";
    EXPECT_EQ(overlays[0].in, Motion::rise);
    const auto moving = overlays_of(plan_of({shot("a", 50), card("c", 100, 10, false), shot("b", 50)}));
    EXPECT_EQ(moving.at(0).from, 50);
    EXPECT_EQ(moving.at(0).to, 140);
}

TEST(PlaceOverlaysTest, ShotsAndFilmHaveTheirOwnTime)
{
    Plan plan = plan_of({shot("a", 50), shot("b", 100)});
    plan.shots[1].shot.overlays = {words(1, 2), words(std::nullopt, std::nullopt)};
    plan.overlays = {words(1, 3)};
    plan.overlays[0].in = Motion::slide;
    const auto overlays = overlays_of(plan);
    ASSERT_EQ(overlays.size(), 3U);
    EXPECT_EQ(overlays[0].from, 75);
    EXPECT_EQ(overlays[0].to, 100);
    EXPECT_EQ(overlays[1].from, 50);
    EXPECT_EQ(overlays[1].to, 150);
    EXPECT_EQ(overlays[2].from, 25);
    EXPECT_EQ(overlays[2].to, 75);
    EXPECT_EQ(overlays[2].in, Motion::slide);
}

TEST(PlaceOverlaysTest, WhatIsNeverSeenIsRefused)
{
    Plan plan = plan_of({shot("a", 50)});
    plan.overlays = {words(3, std::nullopt)};
    EXPECT_THROW(overlays_of(plan), Error);
}

TEST(PlaceOverlaysTest, TheLogoStandsOnTheLastCardOrInItsCorner)
{
    Plan plan = plan_of({card("first", 50), card("last", 50)});
    plan.styles[""].logo = Logo{"/l.png", "s"};
    auto overlays = overlays_of(plan);
    ASSERT_EQ(overlays.size(), 2U);
    EXPECT_FALSE(overlays[0].logo);
    EXPECT_TRUE(overlays[1].logo);
    EXPECT_EQ(overlays[1].out, Motion::none);
    plan.styles[""].logo->at = Logo::At::top_right;
    overlays = overlays_of(plan);
    ASSERT_EQ(overlays.size(), 3U);
    EXPECT_FALSE(overlays[1].logo);
    EXPECT_EQ(overlays[2].from, 0);
    EXPECT_EQ(overlays[2].to, 100);
    EXPECT_TRUE(overlays[2].texts.empty());
}

TEST(PlaceOverlaysTest, StylesAreNamedOnceAndOnlyWhereThereIsText)
{
    Plan plan = plan_of({shot("a", 50), card("b", 50), card("c", 50)});
    plan.shots[1].shot.card->style = plan.shots[2].shot.card->style = "luxe";
    plan.brand = "fresh";
    EXPECT_EQ(styles_of(plan), (std::vector<std::string>{"fresh", "luxe"}));
    EXPECT_TRUE(styles_of(plan_of({shot("a", 50)})).empty());
}

TEST(PlaceOverlaysTest, StandOnTheTimelineOfTheSameFilm)
{
    Plan plan = plan_of({shot("a", 50), card("c", 100, 10, false), card("d", 60, 12, true)});
    ShotMedia material;
    Footage footage;
    footage.rate = {25, 1};
    footage.frames = 50;
    material.clips["a"] = {"a", {footage}};
    material.cards["c"] = material.cards["d"] = Still{};
    const Timeline timeline = assemble(plan, material);
    ASSERT_EQ(timeline.overlays.size(), 2U);
    EXPECT_EQ(timeline.overlays[0].from, timeline.items[1].start + 10);
    EXPECT_EQ(timeline.overlays[0].to, timeline.items[2].start - 12);
    EXPECT_EQ(timeline.overlays[1].from, timeline.items[2].start);
    EXPECT_EQ(timeline.overlays[1].to, timeline.frames());
}

} // namespace
} // namespace longtake::stages
