#include "pipeline/interchange/events.h"

#include "tests/support/timelines.h"

#include <gtest/gtest.h>

namespace longtake::interchange {
namespace {

TEST(EventsTest, AnOverlapIsADissolveAtTheStartOfItsEvent)
{
    const Timeline film = test::two_shots(false);
    const std::vector<EditEvent> events = events_of(film);
    ASSERT_EQ(events.size(), 2U) << "the tail of shot a that nobody sees alone is no event";
    EXPECT_EQ(events[0].piece.frames, 85);
    EXPECT_EQ(events[1].piece.at, 85);
    EXPECT_EQ(events[1].dissolve, 15);
    EXPECT_EQ(events[1].from.range->file, "/t/a 1.mp4");
    EXPECT_EQ(events[1].from.first, 85) << "and goes on under it";
}

TEST(EventsTest, AHeldPictureIsAnEventOfItsOwn)
{
    const Timeline film = test::two_shots(true);
    const std::vector<EditEvent> events = events_of(film);
    ASSERT_EQ(events.size(), 3U);
    EXPECT_EQ(events[0].piece.frames, 85);
    EXPECT_TRUE(events[1].frozen);
    EXPECT_EQ(events[1].piece.at, 85);
    EXPECT_EQ(events[1].piece.frames, 15);
    EXPECT_EQ(events[1].dissolve, 15);
    EXPECT_EQ(events[1].piece.range->file, "/t/b.mp4");
    EXPECT_EQ(events[2].dissolve, 0);
    EXPECT_EQ(events[2].piece.at, 100);
    EXPECT_EQ(events[2].piece.end(), film.frames());
}

TEST(EventsTest, MusicBeginsAgainWhereItsFileEnds)
{
    Cut cut{"Film", test::two_shots(true)};
    EXPECT_TRUE(music_loops(cut).empty());
    cut.timeline.music = Music{"/m.flac", "mm"};
    EXPECT_EQ(music_loops(cut).size(), 1U) << "its length is not known";
    cut.media_frames["/m.flac"] = 70;
    const std::vector<MusicLoop> loops = music_loops(cut);
    ASSERT_EQ(loops.size(), 3U);
    EXPECT_EQ(loops[2].at, 140);
    EXPECT_EQ(loops[2].frames, 20);
}

} // namespace
} // namespace longtake::interchange
