#include "pipeline/av/cmaf/segments.h"

#include "pipeline/base/error.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace longtake::av::cmaf {
namespace {

/// A track of fragments of these seconds and bytes, behind a header of 100 bytes.
TrackIndex track_of(const std::vector<std::pair<double, std::int64_t>>& fragments)
{
    TrackIndex track;
    track.timescale = 1000;
    std::int64_t at = 100, start = 0;
    for (const auto& [seconds, bytes] : fragments) {
        const auto ticks = static_cast<std::int64_t>(1000 * seconds);
        track.fragments.push_back({{at, bytes}, {at, 1}, start, ticks, 1});
        at += bytes;
        start += ticks;
    }
    return track;
}

TEST(CmafSegmentsTest, AsManyFragmentsAsGoIntoTheTarget)
{
    const auto segments = segments_of(track_of({{2, 10}, {2, 20}, {2, 30}, {1, 40}, {7, 50}, {1, 60}}), 6);
    ASSERT_EQ(segments.size(), 4U);
    EXPECT_EQ(segments[0].where, (ByteRange{100, 60}));
    EXPECT_EQ(segments[0].ticks, 6000);
    EXPECT_EQ(segments[1].where, (ByteRange{160, 40}));
    EXPECT_EQ(segments[2].ticks, 7000) << "longer than the target alone";
    EXPECT_EQ(segments[3].start, 14000);
}

TEST(CmafSegmentsTest, ThereAreNoMoreThanIsSaid)
{
    std::vector<std::pair<double, std::int64_t>> worst;
    for (int i = 0; i < 20; ++i) {
        worst.emplace_back(i % 2 == 0 ? 0.1 : 6.0, 10);
    }
    const TrackIndex track = track_of(worst);
    EXPECT_LE(std::ssize(segments_of(track, 6)), most_segments(track.seconds(track.ticks()), 6));
    EXPECT_LE(std::ssize(segments_of(track_of({{0.1, 10}}), 6)), most_segments(0.1, 6));
}

TEST(CmafSegmentsTest, ThePeakIsOfSegmentsThatLastHalfATargetOrMore)
{
    // 6 s of 6000 bytes; 0.5 s of 5000, which counts with its neighbours alone: 11000 bytes in 6.5 s
    const auto track = track_of({{6, 6000}, {0.5, 5000}, {6, 3000}});
    const auto segments = segments_of(track, 6);
    ASSERT_EQ(segments.size(), 3U);
    const Bandwidth bandwidth = bandwidth_of(segments, 1000, 6);
    EXPECT_EQ(bandwidth.peak, std::llround(8 * 11000 / 6.5));
    EXPECT_EQ(bandwidth.average, std::llround(8 * 14000 / 12.5));
}

TEST(CmafSegmentsTest, AShortFilmHasItsAverage)
{
    const Bandwidth bandwidth = bandwidth_of(segments_of(track_of({{1, 1000}}), 6), 1000, 6);
    EXPECT_EQ(bandwidth.peak, 8000);
    EXPECT_EQ(bandwidth.average, 8000);
}

TEST(CmafSegmentsTest, AnIndexHasToNameWholeFragments)
{
    TrackIndex track = track_of({{2, 10}, {2, 20}, {4, 30}});
    const auto segments = segments_of(track, 4);
    std::vector<std::uint8_t> box = segment_index(segments, track.timescale);
    EXPECT_EQ(std::ssize(box), segment_index_bytes(2));
    track.segment_index = {100 - std::ssize(box), std::ssize(box)};
    const auto payload = [&] { return std::span<const std::uint8_t>(box).subspan(8); };
    EXPECT_NO_THROW(need_matching_index(track, payload()));
    for (const std::size_t byte :
         {19U, 31U, 35U, 39U, 47U}) { // timescale; count; bytes and ticks of the first, bytes of the second
        ++box[byte];
        EXPECT_THROW(need_matching_index(track, payload()), Error) << byte;
        --box[byte];
    }
}

} // namespace
} // namespace longtake::av::cmaf
