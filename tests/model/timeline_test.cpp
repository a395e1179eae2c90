#include "pipeline/model/timeline.h"

#include "pipeline/base/error.h"
#include "pipeline/model/clip.h"
#include "pipeline/model/deliverable.h"
#include "pipeline/model/still.h"
#include "tests/support/timelines.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

using nlohmann::json;
using test::two_shots;

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
