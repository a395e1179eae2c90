#include "pipeline/interchange/edit.h"

#include "pipeline/base/error.h"

#include <gtest/gtest.h>

namespace longtake::interchange {
namespace {

using nlohmann::json;

json otio_time(double value, double rate = 24)
{
    return {{"OTIO_SCHEMA", "RationalTime.1"}, {"value", value}, {"rate", rate}};
}

json otio_span(double start, double duration, double rate = 24)
{
    return {{"OTIO_SCHEMA", "TimeRange.1"},
            {"start_time", otio_time(start, rate)},
            {"duration", otio_time(duration, rate)}};
}

/// As other programs write it: Clip.1, no data of ours, source time codes.
json foreign_clip()
{
    return {{"OTIO_SCHEMA", "Clip.1"},
            {"name", "cup"},
            {"source_range", otio_span(86400 + 12, 48)},
            {"media_reference",
             {{"OTIO_SCHEMA", "ExternalReference.1"},
              {"target_url", "file:///t/cup.mp4"},
              {"available_range", otio_span(86400, 120)}}}};
}

json otio_timeline(json children)
{
    const json track = {{"OTIO_SCHEMA", "Track.1"}, {"kind", "Video"}, {"children", std::move(children)}};
    return {{"OTIO_SCHEMA", "Timeline.1"}, {"tracks", {{"OTIO_SCHEMA", "Stack.1"}, {"children", {track}}}}};
}

std::string otio_complaint(const json& otio)
{
    try {
        read_otio(otio, {30, 1});
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

TEST(ReadOtioTest, AForeignClipIsCountedFromItsMediasStartAtTheFilmsRate)
{
    const std::vector<EditClip> clips = read_otio(otio_timeline({foreign_clip()}), {30, 1});
    ASSERT_EQ(clips.size(), 1U);
    EXPECT_EQ(clips[0].first, 15);
    EXPECT_EQ(clips[0].frames, 60);
    EXPECT_EQ(clips[0].file, "/t/cup.mp4");
}

TEST(ReadOtioTest, ATransitionBelongsToTheClipAfterIt)
{
    const json way = {{"OTIO_SCHEMA", "Transition.1"},
                      {"transition_type", "SMPTE_Dissolve"},
                      {"in_offset", otio_time(4)},
                      {"out_offset", otio_time(8)}};
    const std::vector<EditClip> clips = read_otio(otio_timeline({foreign_clip(), way, foreign_clip()}), {24, 1});
    ASSERT_EQ(clips.size(), 2U);
    EXPECT_EQ(clips[0].before + clips[0].after, 0);
    EXPECT_EQ(clips[1].before, 4);
    EXPECT_EQ(clips[1].after, 8);
    EXPECT_EQ(clips[1].type, TransitionType::dissolve);
    EXPECT_FALSE(clips[1].held);
    EXPECT_NE(otio_complaint(otio_timeline({foreign_clip(), way})), "") << "into nothing";
}

TEST(ReadOtioTest, WhatAFilmCannotBeCutByIsRefused)
{
    const json gap = {{"OTIO_SCHEMA", "Gap.1"}, {"source_range", otio_span(0, 12)}};
    EXPECT_EQ(otio_complaint(otio_timeline({foreign_clip(), gap, foreign_clip()})),
              "there is a gap after clip 1; close it");
    json fast = foreign_clip();
    fast["effects"] = json::array({{{"OTIO_SCHEMA", "LinearTimeWarp.1"}, {"time_scalar", 2.0}}});
    EXPECT_NE(otio_complaint(otio_timeline({fast})).find("another speed"), std::string::npos);
    EXPECT_NE(otio_complaint(otio_timeline({{{"OTIO_SCHEMA", "Stack.1"}, {"name", "nest"}}})).find("'nest' is a Stack"),
              std::string::npos);
    json two = otio_timeline({foreign_clip()});
    two["tracks"]["children"].push_back(two["tracks"]["children"][0]);
    EXPECT_NE(otio_complaint(two).find("two video tracks"), std::string::npos);
    EXPECT_NE(otio_complaint(otio_timeline(json::array())).find("no clips"), std::string::npos);
    EXPECT_NE(otio_complaint({{"OTIO_SCHEMA", "Clip.2"}}), "");
    EXPECT_NE(otio_complaint(json::array()), "");
    json broken = foreign_clip();
    broken["source_range"]["duration"].erase("rate");
    EXPECT_NE(otio_complaint(otio_timeline({broken})), "");
}

} // namespace
} // namespace longtake::interchange
