#include "pipeline/render/recipe.h"

#include "tests/render/styled.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <functional>

namespace longtake::render {
namespace {

Range footage(const std::string& sha256, std::int64_t first, std::int64_t frames)
{
    Range range;
    range.file = "/films/" + sha256 + ".mp4";
    range.sha256 = sha256;
    range.first = first;
    range.frames = frames;
    return range;
}

/// Three shots of 100 frames: a overlapping dissolve of 10 into the second, a held wipe of 10 into the third.
Timeline three_shots()
{
    Timeline timeline;
    timeline.rate = {30, 1};
    timeline.size = {1280, 720};
    timeline.items = {{"a", 0, 100, {}, {footage("aaa", 0, 100)}},
                      {"b", 90, 100, {TransitionType::dissolve, 10, false}, {footage("bbb", 5, 100)}},
                      {"c", 190, 100, {TransitionType::wipe_left, 10, true}, {footage("ccc", 0, 100)}}};
    return timeline;
}

std::string recipe(const Timeline& timeline, std::int64_t first, std::int64_t frames,
                   const Canvas& canvas = {{1280, 720}}, Rate rate = {30, 1})
{
    return recipe_of(Rendition(timeline, canvas, rate), first, frames).dump();
}

std::string changed(std::int64_t first, std::int64_t frames, const std::function<void(Timeline&)>& change)
{
    Timeline timeline = three_shots();
    change(timeline);
    return recipe(timeline, first, frames);
}

constexpr std::int64_t k_first = 85; ///< 5 frames of a, the dissolve, and 10 of b
constexpr std::int64_t k_frames = 25;

TEST(RecipeTest, EachThingThatIsSeenIsInIt)
{
    const std::string before = recipe(three_shots(), k_first, k_frames);
    const std::vector<std::pair<const char*, std::function<void(Timeline&)>>> changes{
        {"source", [](Timeline& t) { t.items[0].ranges[0].sha256 = "other"; }},
        {"incoming source", [](Timeline& t) { t.items[1].ranges[0].sha256 = "other"; }},
        {"first frame", [](Timeline& t) { t.items[1].ranges[0].first = 6; }},
        {"kind", [](Timeline& t) { t.items[1].ranges[0].kind = Range::Kind::still; }},
        {"fit", [](Timeline& t) { t.items[1].ranges[0].fit = Fit::crop; }},
        {"background", [](Timeline& t) { t.items[1].ranges[0].background = "#204060"; }},
        {"LUT",
         [](Timeline& t) {
             t.items[1].ranges[0].lut = StyleFile{"/a.cube", "lll"};
         }},
        {"another LUT",
         [](Timeline& t) {
             t.items[1].ranges[0].lut = StyleFile{"/a.cube", "mmm"};
         }},
        {"damaged", [](Timeline& t) { t.items[1].ranges[0].damaged = true; }},
        {"grade",
         [](Timeline& t) {
             t.items[1].ranges[0].grade = {{0, {{1.1, 1, 1}, {}}}};
         }},
        {"grade that ends within",
         [](Timeline& t) {
             t.items[1].ranges[0].grade = {{5, {{1.1, 1, 1}, {}}}, {12, {}}};
         }},
        {"type of transition", [](Timeline& t) { t.items[1].transition.type = TransitionType::fade_black; }},
        {"film's size",
         [](Timeline& t) {
             t.size = {1920, 1080};
         }},
        {"film's rate",
         [](Timeline& t) {
             t.rate = {25, 1};
         }},
    };
    std::vector<std::string> seen{before};
    for (const auto& [what, change] : changes) {
        seen.push_back(changed(k_first, k_frames, change));
        for (std::size_t i = 0; i + 1 < seen.size(); ++i) {
            EXPECT_NE(seen.back(), seen[i]) << what;
        }
    }
}

TEST(RecipeTest, FilesOfAStyleAreInItByWhatTheyHold)
{
    const auto with = [](const char* lut, const char* font) {
        Timeline film = three_shots();
        film.items[1].ranges[0].lut = StyleFile{lut, "lll"};
        film.overlays = {test::overlay({{TextRole::title, "Coffee"}}, 85, 110)};
        film.overlays[0].style = test::style(nlohmann::json{{"fonts", {{"files", {font}}}}}.dump());
        film.overlays[0].style.fonts[0].sha256 = "fff";
        return film;
    };
    const Timeline film = with("/a.cube", "/a.ttf");
    const std::string before = recipe(film, k_first, k_frames);
    EXPECT_EQ(recipe(with("/b.cube", "/b.ttf"), k_first, k_frames), before);
    EXPECT_EQ(recipe(nlohmann::json(film).get<Timeline>(), k_first, k_frames), before) << "read back";
    Timeline other = film;
    other.overlays[0].style.fonts[0].sha256 = "ggg";
    EXPECT_NE(recipe(other, k_first, k_frames), before);
}

TEST(RecipeTest, CanvasAndRateAreInIt)
{
    const Timeline film = three_shots();
    const std::string before = recipe(film, k_first, k_frames);
    EXPECT_NE(recipe(film, k_first, k_frames, {{1080, 1080}}), before);
    EXPECT_NE(recipe(film, k_first, k_frames, {{1280, 720}, Fit::crop}), before);
    EXPECT_NE(recipe(film, k_first, k_frames, {{1280, 720}}, {15, 1}), before);
    EXPECT_NE(recipe(film, 0, 20, {{1280, 720}}, {24, 1}), recipe(film, 1, 20, {{1280, 720}}, {24, 1}))
        << "which of five frames is left out";
}

TEST(RecipeTest, WhereInATransitionItLiesIsInIt)
{
    Timeline longer = three_shots();
    longer.items[0].frames = longer.items[0].ranges[0].frames = 101;
    longer.items[1].start = 90;
    longer.items[1].transition.frames = 11;
    EXPECT_NE(recipe(longer, 90, 10), recipe(three_shots(), 90, 10));
    EXPECT_NE(recipe(three_shots(), 90, 5), recipe(three_shots(), 95, 5));
}

TEST(RecipeTest, AHeldTransitionShowsTheNextShotsFirstFrame)
{
    const auto held = [](const std::function<void(Timeline&)>& change) { return changed(180, 10, change); };
    const std::string before = held([](Timeline&) {});
    EXPECT_NE(held([](Timeline& t) { t.items[2].ranges[0].sha256 = "other"; }), before);
    EXPECT_NE(held([](Timeline& t) { t.items[2].ranges[0].first = 1; }), before);
    EXPECT_NE(held([](Timeline& t) { t.items[2].transition.held = false; }), before);
    EXPECT_EQ(held([](Timeline& t) { t.items[2].frames = t.items[2].ranges[0].frames = 50; }), before);
}

/// A morph into a held picture goes by how the shot before moves at its end.
TEST(RecipeTest, AMorphIsShapedByTheLastFramesOfTheShotBefore)
{
    const auto morph = [](std::int64_t length) {
        return changed(180, 5, [length](Timeline& t) {
            t.items[2].transition.type = TransitionType::morph;
            t.items[1].ranges = {footage("bbb", 5, 100 - length), footage("tail", 0, length)};
        });
    };
    EXPECT_NE(morph(2), morph(1));
}

TEST(RecipeTest, NeitherPlaceNorNamesAreInIt)
{
    const std::string before = recipe(three_shots(), k_first, k_frames);
    Timeline moved = three_shots();
    for (Item& item : moved.items) {
        item.start += 300;
        item.shot += "-renamed";
        item.title = "Another";
        item.ranges[0].file = "/elsewhere.mp4";
        item.ranges[0].sound = !item.ranges[0].sound;
    }
    moved.items.insert(moved.items.begin(), {"new", 0, 300, {}, {footage("new", 0, 300)}});
    moved.music = Music{"/music.flac", "mmm"};
    moved.loudness = -20;
    EXPECT_EQ(recipe(moved, k_first + 300, k_frames), before);
}

TEST(RecipeTest, WhatHappensOutsideIsNotInIt)
{
    const std::string before = recipe(three_shots(), 120, 30);
    EXPECT_EQ(changed(120, 30,
                      [](Timeline& t) {
                          t.items[0].ranges[0].sha256 = "other";
                          t.items[1].transition.type = TransitionType::iris;
                          t.items[1].frames = t.items[1].ranges[0].frames = 80;
                          t.items[2] = {"d", 170, 60, {}, {footage("ddd", 0, 60)}};
                      }),
              before);
    EXPECT_EQ(changed(120, 30,
                      [](Timeline& t) {
                          t.items[1].ranges[0].grade = {{90, {}}, {100, {{1.2, 1, 1}, {}}}};
                      }),
              before)
        << "graded where it is not seen";
}

/// Two ranges that show what one did: another recipe, which costs an encode, but never the same for other pictures.
TEST(RecipeTest, ARangeIsSeenFromWhereItIsCut)
{
    const auto cut = [](std::int64_t at) {
        return changed(110, 20, [at](Timeline& t) {
            t.items[1].ranges = {footage("bbb", 5, at), footage("xxx", 0, 100 - at)};
        });
    };
    EXPECT_NE(cut(25), cut(26));
    EXPECT_EQ(cut(60), cut(70));
}

/// A title over frames 130 to 160 of the film, with a logo.
Timeline titled(const std::function<void(Overlay&)>& change = {})
{
    Timeline film = three_shots();
    Overlay overlay = test::overlay({{TextRole::title, "Coffee"}}, 130, 160);
    overlay.logo = Logo{"/l.png", "lll", Logo::At::top_right, 0.1, 0.8};
    if (change) {
        change(overlay);
    }
    film.overlays = {overlay};
    return film;
}

TEST(RecipeTest, EachThingThatIsSeenOfAnOverlayIsInIt)
{
    std::vector<std::string> seen{recipe(titled(), 120, 30)};
    const std::vector<std::function<void(Overlay&)>> changes{
        [](Overlay& o) { o.from = 131; },
        [](Overlay& o) { o.to = 161; },
        [](Overlay& o) { o.texts[0].text = "Tea"; },
        [](Overlay& o) { o.texts[0].role = TextRole::price; },
        [](Overlay& o) { o.at = Place::upper; },
        [](Overlay& o) { o.card = true; },
        [](Overlay& o) { o.in = Motion::slide; },
        [](Overlay& o) { o.out = Motion::none; },
        [](Overlay& o) { o.logo->sha256 = "mmm"; },
        [](Overlay& o) { o.logo->width = 0.2; },
        [](Overlay& o) { o.style = test::style("luxe"); },
        [](Overlay& o) { o.style = test::style(R"({"fonts":{"body":"Noto Serif"}})"); },
    };
    for (const auto& change : changes) {
        seen.push_back(recipe(titled(change), 120, 30));
        for (std::size_t i = 0; i + 1 < seen.size(); ++i) {
            EXPECT_NE(seen.back(), seen[i]) << seen.size() - 1;
        }
    }
    EXPECT_NE(recipe(titled(), 120, 30, {{1280, 720}, Fit::blur, {0.2, 0.8, 0.1, 0.9}}), seen.front()) << "safe box";
}

TEST(RecipeTest, FramesBesideAnOverlayKeepTheirs)
{
    EXPECT_EQ(recipe(titled(), 100, 30), recipe(three_shots(), 100, 30));
    EXPECT_EQ(recipe(titled(), 160, 20), recipe(three_shots(), 160, 20));
    EXPECT_NE(recipe(titled(), 100, 31), recipe(three_shots(), 100, 31));
    EXPECT_EQ(recipe(three_shots(), 100, 30, {{1280, 720}, Fit::blur, {0.2, 0.8, 0.1, 0.9}}),
              recipe(three_shots(), 100, 30))
        << "a safe box without text";
    Timeline moved = titled();
    for (Item& item : moved.items) {
        item.start += 300;
    }
    moved.items.insert(moved.items.begin(), {"new", 0, 300, {}, {footage("new", 0, 300)}});
    moved.overlays[0].from += 300;
    moved.overlays[0].to += 300;
    EXPECT_EQ(recipe(moved, 420, 30), recipe(titled(), 120, 30));
}

} // namespace
} // namespace longtake::render
