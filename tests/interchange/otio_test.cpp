#include "pipeline/interchange/formats.h"
#include "tests/support/timelines.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <string>

namespace longtake::interchange {
namespace {

using nlohmann::json;
using test::two_shots;

const json& video(const json& otio)
{
    return otio.at("tracks").at("children").at(0).at("children");
}

double clip_frames(const json& track)
{
    return std::accumulate(track.begin(), track.end(), 0.0, [](double sum, const json& item) {
        return item.at("OTIO_SCHEMA") == "Clip.2" ? sum + item["source_range"]["duration"]["value"].get<double>() : sum;
    });
}

TEST(OtioTest, ClipsStandEndToEndAndMakeUpTheFilm)
{
    for (const bool held : {true, false}) {
        const Timeline film = two_shots(held);
        const json otio = to_otio({"Film", film});
        EXPECT_EQ(otio.at("OTIO_SCHEMA"), "Timeline.1");
        EXPECT_EQ(otio.at("tracks").at("OTIO_SCHEMA"), "Stack.1");
        EXPECT_EQ(clip_frames(video(otio)), static_cast<double>(film.frames())) << held;
    }
}

TEST(OtioTest, AHeldTransitionLiesBeforeTheCutAndAnOverlapAfterIt)
{
    for (const bool held : {true, false}) {
        const json otio = to_otio({"Film", two_shots(held)});
        const auto way = std::find_if(video(otio).begin(), video(otio).end(),
                                      [](const json& item) { return item.at("OTIO_SCHEMA") == "Transition.1"; });
        ASSERT_NE(way, video(otio).end());
        EXPECT_EQ((*way)["in_offset"]["value"], held ? 15 : 0);
        EXPECT_EQ((*way)["out_offset"]["value"], held ? 0 : 15);
        EXPECT_EQ((*way)["transition_type"], "SMPTE_Dissolve");
    }
}

TEST(OtioTest, PathsAreUrlsAndMusicHasItsTrack)
{
    Timeline film = two_shots(true);
    film.music = Music{"/m/über.flac", "cc"};
    const json otio = to_otio({"Film", film});
    EXPECT_EQ(video(otio)[0]["media_references"]["DEFAULT_MEDIA"]["target_url"], "file:///t/a%201.mp4");
    const json& music = otio["tracks"]["children"][1];
    EXPECT_EQ(music["kind"], "Audio");
    EXPECT_EQ(music["children"][0]["media_references"]["DEFAULT_MEDIA"]["target_url"], "file:///m/%C3%BCber.flac");
}

TEST(OtioTest, AGradeIsAnEffect)
{
    Timeline film = two_shots(true);
    film.items[0].ranges[1].grade = {{1, {}}, {10, {{1.1, 1, 0.9}, {2, 0, 0}}}};
    const json range = json(film).at("segments")[0]["ranges"][1];
    const json otio = to_otio({"t", film});
    EXPECT_TRUE(video(otio)[0].at("effects").empty());
    const json& effect = video(otio)[1].at("effects").at(0);
    EXPECT_EQ(effect.at("OTIO_SCHEMA"), "Effect.1");
    EXPECT_EQ(effect.at("effect_name"), "longtake.grade");
    EXPECT_EQ(effect.at("metadata").at("longtake").at("grade"), range.at("grade"));
}

/// The members of each kind of object, as OpenTimelineIO's own documentation lists them ("Serialized Data (Fields
/// Only)", of 0.15 to 0.18), and `children`, which its library requires of compositions.
const std::map<std::string, std::set<std::string>> k_published{
    {"Timeline.1", {"metadata", "name", "tracks", "global_start_time"}},
    {"Stack.1", {"children", "effects", "enabled", "markers", "metadata", "name", "source_range"}},
    {"Track.1", {"children", "effects", "enabled", "kind", "markers", "metadata", "name", "source_range"}},
    {"Clip.2",
     {"active_media_reference_key", "effects", "enabled", "markers", "media_references", "metadata", "name",
      "source_range"}},
    {"Gap.1", {"effects", "enabled", "markers", "metadata", "name", "source_range"}},
    {"Transition.1", {"in_offset", "metadata", "name", "out_offset", "transition_type"}},
    {"ExternalReference.1", {"available_image_bounds", "available_range", "metadata", "name", "target_url"}},
    {"Effect.1", {"effect_name", "metadata", "name"}},
    {"RationalTime.1", {"rate", "value"}},
    {"TimeRange.1", {"duration", "start_time"}},
};

/// Adds the kinds of objects that were seen.
void hold_against_schema(const json& value, std::set<std::string>& seen)
{
    if (value.is_object() && value.contains("OTIO_SCHEMA")) {
        const std::string schema = value.at("OTIO_SCHEMA");
        seen.insert(schema);
        std::set<std::string> members;
        for (const auto& [name, member] : value.items()) {
            members.insert(name);
        }
        members.erase("OTIO_SCHEMA");
        ASSERT_TRUE(k_published.contains(schema)) << schema;
        EXPECT_EQ(members, k_published.at(schema)) << schema;
    }
    if (value.is_structured()) {
        for (const auto& [name, member] : value.items()) {
            if (name != "metadata") {
                hold_against_schema(member, seen);
            }
        }
    }
}

TEST(OtioTest, EveryObjectHasTheMembersOfItsPublishedSchema)
{
    Timeline film = two_shots(true);
    film.items[0].ranges[0].grade = {{1, {}}};
    film.music = Music{"/m/a.flac", "cc"};
    film.voices = {{"/v/a.wav", "dd", 30, 60, 0}};
    Cut cut{"Film", film};
    cut.media_frames["/t/b.mp4"] = 90;
    std::set<std::string> seen;
    hold_against_schema(to_otio(cut), seen);
    EXPECT_EQ(seen.size(), k_published.size()) << "each kind is there";
}

} // namespace
} // namespace longtake::interchange
