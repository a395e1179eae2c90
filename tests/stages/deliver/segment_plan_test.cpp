#include "stages/deliver/segment_plan.h"

#include <gtest/gtest.h>

#include <functional>

namespace longtake::stages {
namespace {

Range footage(const std::string& sha256, std::int64_t frames)
{
    Range range;
    range.sha256 = sha256;
    range.frames = frames;
    return range;
}

/// Shots of these lengths at 30 fps, with overlapping dissolves of 9 frames.
Timeline film_of(const std::vector<std::pair<std::string, std::int64_t>>& shots)
{
    Timeline timeline;
    timeline.rate = {30, 1};
    timeline.size = {1280, 720};
    for (const auto& [name, frames] : shots) {
        Item item{name, timeline.frames(), frames, {}, {footage(name, frames)}};
        if (!timeline.items.empty()) {
            item.transition = {TransitionType::dissolve, 9, false};
            item.start -= 9;
        }
        timeline.items.push_back(item);
    }
    return timeline;
}

std::vector<std::int64_t> lengths_of(const std::vector<Piece>& pieces)
{
    std::vector<std::int64_t> lengths;
    for (const Piece& piece : pieces) {
        lengths.push_back(piece.frames);
    }
    return lengths;
}

std::vector<std::int64_t> lengths(const Timeline& timeline, double gop_seconds, Rate rate = {30, 1},
                                  bool first_soon = false)
{
    const render::Rendition rendition(timeline, {timeline.size}, rate);
    const SplicePlan plan = plan_splice(rendition, {});
    const auto pieces = cut_into_pieces(plan, rendition, gop_seconds, first_soon);
    std::int64_t at = 0;
    for (const Piece& piece : pieces) {
        EXPECT_EQ(piece.at, at);
        at += piece.frames;
    }
    EXPECT_EQ(at, rendition.frames());
    return lengths_of(pieces);
}

using Lengths = std::vector<std::int64_t>;

av::MediaSpec media()
{
    av::MediaSpec media;
    media.size = {1280, 720};
    media.rate = {30, 1};
    media.video = master_preset().video;
    return media;
}

std::vector<std::string> keys(const Timeline& timeline, const av::MediaSpec& output = media())
{
    const render::Rendition rendition(timeline, {timeline.size}, timeline.rate);
    const SplicePlan plan = plan_splice(rendition, {});
    std::vector<std::string> keys;
    for (const Piece& piece : cut_into_pieces(plan, rendition, output.video.gop_seconds)) {
        keys.push_back(segment_key(rendition, piece, segment_media(output, piece)));
    }
    return keys;
}

/// How many of `after` are not among `before`.
std::int64_t fresh(const std::vector<std::string>& before, const std::vector<std::string>& after)
{
    return std::ranges::count_if(after,
                                 [&](const auto& key) { return std::ranges::find(before, key) == before.end(); });
}

TEST(SegmentPlanTest, CutsAreAtTheBordersOfShotsAndTransitions)
{
    EXPECT_EQ(lengths(film_of({{"a", 100}, {"b", 100}, {"c", 100}}), 2), (Lengths{91, 9, 82, 9, 91}));
}

TEST(SegmentPlanTest, TheFirstPieceIsOneGopWhereSomebodyWaitsForIt)
{
    EXPECT_EQ(lengths(film_of({{"a", 400}}), 2, {30, 1}, true), (Lengths{60, 60, 120, 160}));
    EXPECT_EQ(lengths(film_of({{"a", 70}, {"b", 100}}), 2, {30, 1}, true), (Lengths{61, 9, 91}))
        << "which is soon enough";
}

TEST(SegmentPlanTest, LongShotsAreCutInWholeGopsFromTheirOwnStart)
{
    EXPECT_EQ(lengths(film_of({{"a", 400}}), 2), (Lengths{120, 120, 160})) << "the rest is too short to be a segment";
    EXPECT_EQ(lengths(film_of({{"a", 420}}), 2), (Lengths{120, 120, 120, 60}));
    EXPECT_EQ(lengths(film_of({{"a", 400}}), 3), (Lengths{90, 90, 90, 130}));
    EXPECT_EQ(lengths(film_of({{"a", 700}}), 10), (Lengths{150, 150, 150, 150, 100}));
    EXPECT_EQ(lengths(film_of({{"a", 50}, {"b", 300}}), 2), (Lengths{41, 9, 111, 120, 60}))
        << "120 from where b begins";
}

TEST(SegmentPlanTest, AnotherRateIsCutAtTheSameMoments)
{
    EXPECT_EQ(lengths(film_of({{"a", 100}, {"b", 100}}), 2, {15, 1}), (Lengths{46, 4, 46}));
}

TEST(SegmentPlanTest, MovingAShotMovesNoCutInsideIt)
{
    const auto before = keys(film_of({{"a", 100}, {"b", 400}, {"c", 100}}));
    const auto after = keys(film_of({{"new", 77}, {"a", 100}, {"b", 400}, {"c", 100}}));
    EXPECT_EQ(fresh(before, after), 3) << "the new shot, the dissolve into a, and a, which began the film";
}

TEST(SegmentPlanTest, AnEditCostsWhatItTouches)
{
    using Shots = std::vector<std::pair<std::string, std::int64_t>>;
    const Shots shots{{"a", 100}, {"b", 100}, {"c", 100}, {"d", 100}, {"e", 100}, {"f", 100}};
    const auto before = keys(film_of(shots));
    const auto after = [&](const std::function<void(Shots&)>& edit) {
        Shots edited = shots;
        edit(edited);
        return fresh(before, keys(film_of(edited)));
    };
    EXPECT_EQ(after([](Shots& s) { s[2].second = 90; }), 2) << "c, and the dissolve out of it";
    EXPECT_EQ(after([](Shots& s) { s.erase(s.begin() + 2); }), 1) << "the dissolve from b into d";
    EXPECT_EQ(after([](Shots& s) { std::swap(s[1], s[4]); }), 4) << "the dissolves into and out of both";
    EXPECT_EQ(after([](Shots& s) { s.pop_back(); }), 1) << "e plays to its end now";
}

/// What is in a segment's key besides what is seen in it, which render/recipe_test.cpp looks at.
TEST(SegmentPlanTest, HowItIsEncodedIsInTheKey)
{
    const Timeline film = film_of({{"a", 100}});
    const std::vector<std::function<void(av::MediaSpec&)>> changes{
        [](av::MediaSpec& m) { m.video.crf = 19; },
        [](av::MediaSpec& m) { m.video.encoder_preset = "slow"; },
        [](av::MediaSpec& m) { m.video.options["x264-params"] = "ref=2"; },
        [](av::MediaSpec& m) { m.video.max_bitrate = 8'000'000; },
        [](av::MediaSpec& m) { m.container = "mov"; },
    };
    for (const auto& change : changes) {
        av::MediaSpec output = media();
        change(output);
        EXPECT_NE(keys(film, output), keys(film));
    }
    av::MediaSpec output = media();
    output.title = "Another";
    output.chapters = {{0, "One"}};
    output.audio = Preset::Audio{};
    EXPECT_EQ(keys(film, output), keys(film));
}

TEST(SegmentPlanTest, APieceGoesOnUnlessItEndsInACut)
{
    Timeline film = film_of({{"a", 100}, {"b", 100}, {"c", 300}});
    film.items[1].transition = {};
    film.items[1].start = 100;
    film.items[2].start = 191;
    const render::Rendition rendition(film, {film.size}, film.rate);
    const SplicePlan plan = plan_splice(rendition, {});
    std::vector<bool> going_on;
    Lengths cut;
    for (const Piece& piece : cut_into_pieces(plan, rendition, 2)) {
        cut.push_back(piece.frames);
        going_on.push_back(piece.goes_on);
    }
    EXPECT_EQ(cut, (Lengths{100, 91, 9, 111, 120, 60}));
    EXPECT_EQ(going_on, (std::vector<bool>{false, true, true, true, true, false}));
}

TEST(SegmentPlanTest, WhatGoesOnIsEncodedFinerTowardsItsEnd)
{
    const av::MediaSpec shot = segment_media(media(), {0, 60, nullptr, true});
    EXPECT_GT(*shot.video.crf, 18);
    ASSERT_EQ(shot.finer.size(), 60U);
    EXPECT_EQ(shot.finer.front(), 0);
    EXPECT_EQ(shot.finer.back(), 5);
    EXPECT_TRUE(std::ranges::is_sorted(shot.finer));

    av::MediaSpec blended = media();
    blended.blends = {{0, 9}};
    const av::MediaSpec blend = segment_media(blended, {0, 9, nullptr, true});
    EXPECT_EQ(blend.finer.front(), 1.5);
    EXPECT_EQ(blend.finer.back(), 5);
    EXPECT_LT(blend.finer[5], 1.5) << "nothing in a blend is shown again for long";

    const av::MediaSpec last = segment_media(media(), {0, 60, nullptr, false});
    EXPECT_EQ(*last.video.crf, 18);
    EXPECT_TRUE(last.finer.empty());
}

TEST(SegmentPlanTest, LongSegmentsLeaveTheBucketOfARateLimitAsTheyFoundIt)
{
    av::MediaSpec limited = media();
    limited.video.max_bitrate = 8'000'000;
    const auto start = [](const av::MediaSpec& output, std::int64_t frames) {
        return start_of(segment_media(output, {0, frames, nullptr, true}));
    };
    EXPECT_EQ(start(media(), 120), 0.9);
    EXPECT_EQ(start(limited, 120), 0.7);
    EXPECT_EQ(start(limited, 9), 0.9);
    const av::MediaSpec segment = segment_media(limited, {0, 120, nullptr, true});
    EXPECT_EQ(start_of(with_start(segment, 0.38)), 0.3);
    EXPECT_EQ(start_of(with_start(with_start(segment, 0.4), 0)), 0.1);
}

Overlay title(std::int64_t from, std::int64_t to)
{
    Overlay overlay;
    overlay.from = from;
    overlay.to = to;
    overlay.texts = {{TextRole::title, "Coffee"}};
    return overlay;
}

TEST(SegmentPlanTest, OverlaysAreCutOutSoThatTheirNeighboursAreKept)
{
    Timeline film = film_of({{"a", 240}});
    const std::vector<std::string> before = keys(film);
    film.overlays = {title(60, 90)};
    EXPECT_EQ(lengths(film, 2), (Lengths{60, 30, 30, 120}));
    const std::vector<std::string> after = keys(film);
    EXPECT_EQ(after.back(), before.back());
    Timeline other = film;
    other.overlays.front().texts.front().text = "Tea";
    const std::vector<std::string> changed = keys(other);
    EXPECT_EQ(changed.at(0), after.at(0));
    EXPECT_NE(changed.at(1), after.at(1));
    EXPECT_EQ(changed.at(2), after.at(2));
}

/// A clip whose every picture can be copied.
av::ClipIndex copyable(std::int32_t frames)
{
    av::ClipIndex index;
    index.codec = "h264";
    index.pixel_format = "yuv420p";
    index.size = {1280, 720};
    index.rate = {30, 1};
    index.frames = frames;
    for (std::int32_t i = 0; i < frames; ++i) {
        index.display_index.push_back(i);
        index.sync_samples.push_back(i);
    }
    return index;
}

TEST(SplicePlanTest, FramesUnderTextAreEncodedAndTheOthersCopied)
{
    Timeline film = film_of({{"a", 240}});
    film.items[0].ranges[0].file = "/a.mp4";
    film.overlays = {title(60, 90)};
    const render::Rendition rendition(film, {film.size}, film.rate);
    const SplicePlan plan = plan_splice(rendition, {{"/a.mp4", copyable(240)}});
    ASSERT_EQ(plan.planned.size(), 3U);
    EXPECT_EQ(plan.copied(), 210);
    EXPECT_EQ(plan.planned[1].at, 60);
    EXPECT_EQ(plan.planned[1].frames, 30);
    EXPECT_EQ(plan.planned[1].reason, "text lies over it");
}

} // namespace
} // namespace longtake::stages
