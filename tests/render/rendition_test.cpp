#include "pipeline/render/rendition.h"

#include <gtest/gtest.h>

namespace longtake::render {
namespace {

using Runs = std::vector<std::pair<std::int64_t, std::int64_t>>;

Runs pairs(const std::vector<av::Blend>& runs)
{
    Runs found;
    for (const av::Blend& run : runs) {
        found.emplace_back(run.first, run.frames);
    }
    return found;
}

/// Two shots, the second entered at frame 100.
Timeline film(TransitionType type, std::int64_t frames, bool held)
{
    Timeline timeline;
    timeline.rate = {24, 1};
    timeline.items.push_back({"a", 0, 120, {}, {}});
    timeline.items.push_back({"b", 100, 120, {type, frames, held}, {}});
    return timeline;
}

std::vector<av::Blend> mixed_frames(const Timeline& timeline, Rate rate)
{
    return Rendition(timeline, {timeline.size}, rate).mixed_frames();
}

TEST(MixedFramesTest, LieBeforeTheShotInAHoldAndAtItsStartInAnOverlap)
{
    const Rate rate{24, 1};
    EXPECT_EQ(pairs(mixed_frames(film(TransitionType::dissolve, 12, true), rate)), (Runs{{88, 12}}));
    EXPECT_EQ(pairs(mixed_frames(film(TransitionType::fade_black, 20, false), rate)), (Runs{{100, 20}}));
}

TEST(MixedFramesTest, AreNoneWhereEveryPixelIsOfOnePicture)
{
    for (const auto type :
         {TransitionType::cut, TransitionType::wipe_left, TransitionType::slide_left, TransitionType::morph}) {
        EXPECT_TRUE(mixed_frames(film(type, type == TransitionType::cut ? 0 : 12, false), {24, 1}).empty());
    }
}

TEST(MixedFramesTest, AreCountedAtTheRateTheyAreEncodedAt)
{
    EXPECT_EQ(pairs(mixed_frames(film(TransitionType::dissolve, 12, false), {48, 1})), (Runs{{200, 24}}));
    EXPECT_TRUE(mixed_frames(film(TransitionType::dissolve, 1, false), {6, 1}).empty()) << "between two frames";
}

TEST(MixedFramesTest, OfAPartAreCountedFromItsStart)
{
    const std::vector<av::Blend> runs{{10, 10}, {40, 10}};
    EXPECT_EQ(pairs(within(runs, 15, 30)), (Runs{{0, 5}, {25, 5}}));
    EXPECT_TRUE(within(runs, 20, 20).empty());
}

/// Numbers of the timeline's frames that a rendition asks for, by those it shows.
std::vector<std::int64_t> shown(const Rendition& rendition, std::int64_t first)
{
    std::int64_t composed = rendition.timeline_frame(first) - 1;
    const Timeline& timeline = rendition.timeline();
    auto reader = rendition.read(first, "yuv420p", [&]() -> std::optional<av::Frame> {
        return ++composed < timeline.frames() ? std::optional(av::Frame::plain(timeline.size, 100, 128, 128))
                                              : std::nullopt;
    });
    std::vector<std::int64_t> numbers;
    while (reader.next()) {
        numbers.push_back(composed);
    }
    return numbers;
}

Timeline of_frames(std::int64_t frames, Rate rate)
{
    Timeline timeline;
    timeline.rate = rate;
    timeline.size = {64, 48};
    timeline.items.push_back({"a", 0, frames, {}, {}});
    return timeline;
}

TEST(RenditionTest, ShowsTheFilmsFrameOfEachMoment)
{
    const Timeline film = of_frames(6, {24, 1});
    const Rendition faster(film, {film.size}, {48, 1});
    EXPECT_EQ(faster.frames(), 12);
    EXPECT_EQ(shown(faster, 0), (std::vector<std::int64_t>{0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5}));
    const Rendition slower(film, {film.size}, {12, 1});
    EXPECT_EQ(slower.frames(), 3);
    EXPECT_EQ(shown(slower, 0), (std::vector<std::int64_t>{0, 2, 4}));
}

TEST(RenditionTest, FromAnyFrameItGoesOnAsFromTheFirst)
{
    const Timeline film = of_frames(50, {25, 1});
    for (const Rate rate : {Rate{25, 1}, Rate{30000, 1001}, Rate{60, 1}, Rate{10, 1}}) {
        const Rendition rendition(film, {film.size}, rate);
        const auto whole = shown(rendition, 0);
        ASSERT_EQ(static_cast<std::int64_t>(whole.size()), rendition.frames());
        for (std::int64_t first = 1; first < rendition.frames(); first += 7) {
            EXPECT_EQ(shown(rendition, first), (std::vector<std::int64_t>{whole.begin() + first, whole.end()}))
                << rate.text() << " from " << first;
        }
    }
}

TEST(RenditionTest, IsTheFilmItselfOnlyAtItsSizeAndRate)
{
    const Timeline film = of_frames(10, {24, 1});
    EXPECT_EQ(Rendition(film, {film.size}, {24, 1}).converted(), "");
    EXPECT_EQ(Rendition(film, {{32, 24}}, {24, 1}).converted(), "the film's size is 64x48, this file's 32x24");
    EXPECT_EQ(Rendition(film, {film.size}, {30, 1}).converted(), "the film's rate is 24, this file's 30");
}

} // namespace
} // namespace longtake::render
