#include "pipeline/model/timeline.h"

#include "pipeline/base/error.h"
#include "pipeline/model/clip.h"
#include "pipeline/model/deliverable.h"
#include "pipeline/model/still.h"

#include <gtest/gtest.h>

#include <numeric>

namespace longtake {
namespace {

using nlohmann::json;

/// Two shots of 100 and 60 frames at 30 fps, joined by a dissolve of 15.
Timeline two_shots(bool held)
{
    Timeline film;
    film.rate = {30, 1};
    film.size = {1280, 720};
    film.items.push_back({.shot = "a", .start = 0, .frames = 100, .transition = {}, .ranges = {}});
    film.items[0].ranges = {{.file = "/t/a 1.mp4", .sha256 = "aa", .first = 0, .frames = 90},
                            {.file = "/t/a2.mp4", .sha256 = "ab", .first = 1, .frames = 10}};
    film.items.push_back({.shot = "b", .start = held ? 100 : 85, .frames = 60, .transition = {}, .ranges = {}});
    film.items[1].transition = {TransitionType::dissolve, 15, held};
    film.items[1].ranges = {{.file = "/t/b.mp4", .sha256 = "bb", .first = 0, .frames = 60, .sound = true}};
    return film;
}

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

/// A film that uses every member.
Timeline film_of_everything()
{
    Timeline film;
    film.rate = {30000, 1001};
    film.size = {1280, 720};
    Range range{Range::Kind::footage,
                "takes/a.mp4",
                "aa",
                12,
                100,
                Fit::crop,
                true,
                {{12, {}}, {111, {{1.1, 1, 1}, {2, 0, 0}}}}};
    range.damaged = true;
    film.items.push_back({"a", 0, 100, {}, {range}, "The first"});
    Range still{Range::Kind::still, "stills/b.png", "bb", 0, 60};
    still.background = "#102030";
    film.items.push_back({"b", 90, 60, {TransitionType::wipe_up, 10, false}, {still}});
    film.music = Music{"music.flac", "cc", -12.5, 1, 2, false};
    film.loudness = -16;
    return film;
}

TEST(TimelineTest, IsReadBackAsItWasWritten)
{
    const json written = film_of_everything();
    EXPECT_EQ(json(written.get<Timeline>()), written);
    Timeline silent = film_of_everything();
    silent.music.reset();
    silent.loudness.reset();
    silent.keep_levels = true;
    EXPECT_EQ(json(json(silent).get<Timeline>()), json(silent));
}

TEST(TimelineTest, OfAnotherVersionIsNotRead)
{
    json other = film_of_everything();
    other["schema"] = "longtake/timeline/2";
    EXPECT_THROW(other.get<Timeline>(), Error);
    EXPECT_THROW(json::array().get<Timeline>(), Error);
}

TEST(TimelineTest, CountsItsFramesAndKnowsWhetherItSounds)
{
    EXPECT_EQ(two_shots(true).frames(), 160);
    EXPECT_EQ(two_shots(false).frames(), 145);
    EXPECT_EQ(Timeline{}.frames(), 0);
    EXPECT_TRUE(two_shots(true).has_sound());
    Timeline silent = two_shots(true);
    silent.items.pop_back();
    EXPECT_FALSE(silent.has_sound());
    silent.music = Music{};
    EXPECT_TRUE(silent.has_sound());
}

TEST(TimelineTest, WritesItsVersionAndItsSegments)
{
    const json written = two_shots(false);
    EXPECT_EQ(written.at("schema"), "longtake/timeline/1");
    EXPECT_EQ(written.at("frames"), 145);
    EXPECT_EQ(written.at("segments")[1].at("transition").at("type"), "dissolve");
    EXPECT_EQ(written.at("segments")[0].at("ranges")[1].at("first"), 1);
    EXPECT_TRUE(written.at("music").is_null());
}

TEST(OtioTest, ClipsStandEndToEndAndMakeUpTheFilm)
{
    for (const bool held : {true, false}) {
        const Timeline film = two_shots(held);
        const json otio = to_otio(film, "Film");
        EXPECT_EQ(otio.at("OTIO_SCHEMA"), "Timeline.1");
        EXPECT_EQ(otio.at("tracks").at("OTIO_SCHEMA"), "Stack.1");
        EXPECT_EQ(clip_frames(video(otio)), static_cast<double>(film.frames())) << held;
    }
}

TEST(OtioTest, AHeldTransitionLiesBeforeTheCutAndAnOverlapAfterIt)
{
    for (const bool held : {true, false}) {
        const json otio = to_otio(two_shots(held), "Film");
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
    film.music = Music{.file = "/m/über.flac", .sha256 = "cc"};
    const json otio = to_otio(film, "Film");
    EXPECT_EQ(video(otio)[0]["media_references"]["DEFAULT_MEDIA"]["target_url"], "file:///t/a%201.mp4");
    const json& music = otio["tracks"]["children"][1];
    EXPECT_EQ(music["kind"], "Audio");
    EXPECT_EQ(music["children"][0]["media_references"]["DEFAULT_MEDIA"]["target_url"], "file:///m/%C3%BCber.flac");
}

TEST(ClipTest, AddsUpFootageOfDifferentRatesAndSurvivesJson)
{
    Footage first{.file = "/t/a.mp4", .sha256 = "aa", .size = {1280, 720}, .rate = {30, 1}, .first = 0, .frames = 150};
    Footage second = first;
    second.rate = {24, 1};
    second.frames = 120;
    const Clip clip{.shot = "a", .footage = {first, second}};
    EXPECT_DOUBLE_EQ(clip.seconds(), 10);
    const Clip again = json(clip).get<Clip>();
    EXPECT_EQ(json(again), json(clip));
}

TEST(DeliverableTest, SurvivesJsonWithAndWithoutSound)
{
    Deliverable file;
    file.files = {{"/o/f.mp4", "aa", 12}};
    file.preset = "x/y";
    file.frames = 2;
    file.size = {16, 16};
    file.rate = {30000, 1001};
    file.video_codec = "h264";
    EXPECT_EQ(json(json(file).get<Deliverable>()), json(file));
    file.loudness = -14.2;
    file.true_peak = -1.1;
    EXPECT_DOUBLE_EQ(*json(file).get<Deliverable>().loudness, -14.2);
}

TEST(StillTest, SurvivesJson)
{
    const Still still{
        .file = "/s/a.png", .sha256 = "aa", .size = {16, 16}, .format = "png", .actions = {"crop"}, .warnings = {}};
    EXPECT_EQ(json(json(still).get<Still>()), json(still));
}

TEST(TimelineTest, AGradeIsWrittenWhereThereIsOne)
{
    Timeline film = two_shots(true);
    EXPECT_EQ(json(film).dump().find("grade"), std::string::npos) << "films without one stay as they were";
    film.items[0].ranges[1].grade = {{1, {}}, {10, {{1.1, 1, 0.9}, {2, 0, 0}}}};
    const json range = json(film).at("segments")[0]["ranges"][1];
    EXPECT_EQ(range.at("grade").size(), 2U);
    EXPECT_EQ(range.at("grade")[1], json({{"frame", 10}, {"gain", {1.1, 1, 0.9}}, {"offset", {2, 0, 0}}}));
    const json otio = to_otio(film, "t");
    EXPECT_TRUE(video(otio)[0].at("effects").empty());
    const json& effect = video(otio)[1].at("effects").at(0);
    EXPECT_EQ(effect.at("OTIO_SCHEMA"), "Effect.1");
    EXPECT_EQ(effect.at("effect_name"), "longtake.grade");
    EXPECT_EQ(effect.at("metadata").at("longtake").at("grade"), range.at("grade"));
}

TEST(ClipTest, AGradeRunsStraightBetweenItsKeysAndStaysLevelOutside)
{
    const GradeCurve curve{{10, {}}, {20, {{2, 1, 1}, {0, -10, 0}}}};
    EXPECT_EQ(grade_at(curve, 0), Grade{});
    EXPECT_EQ(grade_at(curve, 10), Grade{});
    EXPECT_EQ(grade_at(curve, 15), (Grade{{1.5, 1, 1}, {0, -5, 0}}));
    EXPECT_EQ(grade_at(curve, 20), curve[1].grade);
    EXPECT_EQ(grade_at(curve, 99), curve[1].grade);
    EXPECT_EQ(grade_at({{5, curve[1].grade}, {5, {}}}, 5), Grade{}) << "of two at once the later counts";
}

TEST(ClipTest, FootageKeepsItsGradeThroughJson)
{
    Footage footage;
    footage.file = "a.mp4";
    EXPECT_FALSE(json(footage).contains("grade"));
    footage.grade = {{10, {{1.1, 1, 1}, {0, 3, 0}}}};
    const auto back = json(footage).get<Footage>();
    ASSERT_EQ(back.grade.size(), 1U);
    EXPECT_EQ(back.grade[0].frame, 10);
    EXPECT_EQ(back.grade[0].grade, footage.grade[0].grade);
}

} // namespace
} // namespace longtake
