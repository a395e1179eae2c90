#include "tests/stages/plan/planned.h"

namespace longtake {
namespace {

using namespace test;

// Size, rate, aspect.

TEST(PlanFormatTest, FollowsTheModelAndThePictures)
{
    EXPECT_EQ(one("kling", {}).size, (Size{1280, 720}));
    EXPECT_EQ(one("kling", {{"mode", "pro"}}).size, (Size{1920, 1080}));
    EXPECT_EQ(one("kling", {{"image", "tall.jpg"}}).size, (Size{720, 1280}));
    EXPECT_EQ(one("kling", {{"image", "square.jpg"}}).size, (Size{960, 960}));
    EXPECT_EQ(one("kling", {{"image", "square.jpg"}, {"mode", "pro"}}).size, (Size{1440, 1440}));
    EXPECT_EQ(one("kling", {{"image", "tall.jpg"}}).aspect_ratio, "9:16");
    EXPECT_EQ(one("kling", {{"image", "tall.jpg"}, {"aspect_ratio", "1:1"}}).size, (Size{960, 960}));
    EXPECT_EQ(one("kling", {}).rate, (Rate{30, 1}));
    EXPECT_EQ(one("kling", {{"model", "kling-v2-1"}}).rate, (Rate{24, 1}));
    EXPECT_EQ(one("kling", {{"image", nullptr}}).rate, (Rate{24, 1})); // v1-6 from text
    EXPECT_TRUE(
        notes(one("kling", {{"model", "kling-v3"}}), "the frame rate of kling-v3 is not published: 24 is assumed"));
}

TEST(PlanFormatTest, TheMajorityDecides)
{
    const Plan plan = planned({{"shots",
                                {{{"image", "tall.jpg"}, {"seconds", 1}},
                                 {{"image", "a.jpg"}, {"seconds", 1}},
                                 {{"image", "tall.jpg"}, {"seconds", 1}},
                                 {{"clip", "ten.mp4"}}}}});
    EXPECT_EQ(plan.size, (Size{720, 1280}));
    EXPECT_EQ(plan.rate, (Rate{30, 1}));
}

TEST(PlanFormatTest, ClipsAloneKeepTheirOwn)
{
    const Plan plan = planned({{"shots", {{{"clip", "ten.mp4"}}, {{"clip", "ntsc.mp4"}}, {{"clip", "ten.mp4"}}}}});
    EXPECT_EQ(plan.size, (Size{854, 480}));
    EXPECT_EQ(plan.rate, (Rate{25, 1}));
    EXPECT_TRUE(planned({{"shots", {{{"card", {{"text", "x"}}}, {"seconds", 1}}}}}).size == (Size{1280, 720}));
}

TEST(PlanFormatTest, TheStoryboardHasTheLastWord)
{
    const json shots = {{{"image", "a.jpg"}, {"seconds", 5}, {"prompt", "p"}}};
    const Plan local = planned({{"size", "1080x1350"}, {"fps", 25}, {"shots", shots}});
    EXPECT_EQ(local.size, (Size{1080, 1350}));
    EXPECT_EQ(local.rate, (Rate{25, 1}));
    EXPECT_EQ(local.aspect_ratio, "4:5");
    EXPECT_EQ(planned({{"size", "1080x1350"}, {"provider", "kling"}, {"shots", shots}}).aspect_ratio, "1:1");
}

TEST(PlanFormatTest, AFilmHasOneAspect)
{
    const std::string text = complaint([] {
        (void)planned({{"shots",
                        {{{"image", "a.jpg"}, {"seconds", 5}, {"aspect_ratio", "16:9"}},
                         {{"image", "a.jpg"}, {"seconds", 5}, {"aspect_ratio", "9:16"}}}}});
    });
    EXPECT_EQ(text, "shot 'shot-1' asks for aspect_ratio 16:9 and shot 'shot-2' for 9:16; a film has one: "
                    "put it under defaults");
}

// Frames and joins.

TEST(PlanFramesTest, RoundingNeverAddsUp)
{
    json shots = json::array();
    for (int i = 0; i < 300; ++i) {
        shots.push_back({{"image", "a.jpg"}, {"seconds", 0.51}});
    }
    const Plan plan = planned({{"fps", 23.976}, {"shots", shots}});
    EXPECT_EQ(plan.frames, plan.rate.frames(300 * 0.51));
    for (const ShotPlan& shot : plan.shots) {
        EXPECT_NEAR(static_cast<double>(shot.frames), 0.51 * 24000 / 1001, 1);
    }
}

TEST(PlanFramesTest, ClipsHaveTheirPart)
{
    const Plan plan = planned({{"fps", 30},
                               {"shots",
                                {{{"clip", "ten.mp4"}, {"in", 1}, {"out", 6.5}},
                                 {{"clip", "ten.mp4"}, {"seconds", 2}},
                                 {{"clip", "ten.mp4"}, {"in", 4}},
                                 {{"clip", "ntsc.mp4"}}}}});
    EXPECT_EQ(plan.shots[0].frames, 165);
    EXPECT_EQ(plan.shots[1].frames, 60);
    EXPECT_EQ(plan.shots[2].frames, 180);
    EXPECT_EQ(plan.shots[3].frames, 125);
    EXPECT_DOUBLE_EQ(*plan.shots[2].shot.out, 10);
    EXPECT_TRUE(plan.shots[0].takes.empty());
}

TEST(PlanFramesTest, RefusesMoreThanAClipHasButForgivesAFrame)
{
    const auto clip = [](const json& keys) {
        return complaint([&] {
            json shot = {{"id", "shop"}, {"clip", "ten.mp4"}};
            shot.merge_patch(keys);
            (void)planned({{"fps", 25}, {"shots", {shot}}});
        });
    };
    EXPECT_EQ(clip({{"out", 12}}), "shot 'shop': out is 12 s, and ten.mp4 has only 10 s");
    EXPECT_EQ(clip({{"in", 10}}), "shot 'shop': in is 10 s, and ten.mp4 has only 10 s");
    EXPECT_EQ(clip({{"in", 4}, {"seconds", 7}}),
              "shot 'shop': seconds is 7, and ten.mp4 has only 6 s between in and out");
    EXPECT_EQ(clip({{"out", 10.03}}), "");
}

/// Two shots of 2 s at 30 fps, the second entered by `transition`; its subject is `second`.
Plan joined(const json& second, const json& transition)
{
    json entered = second;
    entered["id"] = "b";
    entered["transition"] = transition;
    return planned({{"fps", 30}, {"shots", {{{"id", "a"}, {"image", "a.jpg"}, {"seconds", 2}}, entered}}});
}

TEST(PlanJoinsTest, AutoHoldsIntoGeneratedShotsAndCardsAndOverlapsIntoClips)
{
    const json dissolve = {{"type", "dissolve"}, {"seconds", 0.5}};
    const json picture = {{"image", "b.jpg"}, {"seconds", 2}};
    EXPECT_TRUE(joined(picture, dissolve).shots[1].held);
    EXPECT_TRUE(joined({{"card", {{"text", "x"}}}, {"seconds", 2}}, dissolve).shots[1].held);
    const Plan overlapping = joined({{"clip", "ten.mp4"}, {"out", 2}}, dissolve);
    EXPECT_FALSE(overlapping.shots[1].held);
    EXPECT_EQ(overlapping.shots[1].transition_frames, 15);
    EXPECT_EQ(overlapping.frames, 120 - 15);
    EXPECT_EQ(joined(picture, dissolve).frames, 120);
    EXPECT_EQ(joined(picture, {{"type", "dissolve"}, {"timing", "overlap"}}).frames, 105);
    EXPECT_EQ(joined(picture, {{"type", "wipe_left"}, {"seconds", 0.001}}).shots[1].transition_frames, 1);
    EXPECT_EQ(joined(picture, {{"type", "cut"}}).shots[1].transition_frames, 0);
    EXPECT_TRUE(joined({{"clip", "ten.mp4"}, {"out", 2}}, {{"type", "morph"}}).shots[1].held);
}

TEST(PlanJoinsTest, RefusesATransitionLongerThanWhatItEatsInto)
{
    const json picture = {{"image", "b.jpg"}, {"seconds", 9}};
    EXPECT_EQ(complaint([&] {
                  (void)joined(picture, {{"type", "dissolve"}, {"seconds", 3}});
              }),
              "shot 'b': its dissolve of 90 frames (3 s) is longer than shot 'a' before it: 60 frames (2 s); "
              "make it shorter");
    EXPECT_EQ(complaint([&] { (void)joined(picture, {{"type", "dissolve"}, {"seconds", 2}}); }), "");
    EXPECT_EQ(complaint([&] {
                  (void)planned(
                      {{"fps", 30},
                       {"defaults", {{"transition", {{"type", "dissolve"}, {"seconds", 1}, {"timing", "overlap"}}}}},
                       {"shots",
                        {{{"image", "a.jpg"}, {"seconds", 2}},
                         {{"id", "b"}, {"image", "a.jpg"}, {"seconds", 1.5}},
                         {{"image", "a.jpg"}, {"seconds", 2}}}}});
              }),
              "shot 'b': the transitions into and out of it take 60 frames (30 + 30), and it has 45 frames (1.5 s); "
              "make them shorter");
}

TEST(PlanTest, PlansTheContractsExample)
{
    const Plan plan =
        planned({{"title", "Morning coffee"},
                 {"provider", "local"},
                 {"size", "1280x720"},
                 {"fps", 30},
                 {"defaults",
                  {{"model", "kling-v1-6"}, {"mode", "std"}, {"transition", {{"type", "dissolve"}, {"seconds", 0.5}}}}},
                 {"shots",
                  {{{"id", "cup"}, {"image", "a.jpg"}, {"prompt", "steam"}, {"seconds", 25}, {"camera", {{"zoom", 3}}}},
                   {{"id", "beans"},
                    {"image", "b.jpg"},
                    {"end_image", "a.jpg"},
                    {"seconds", 10},
                    {"transition", {{"type", "cut"}}}},
                   {{"id", "shop"}, {"clip", "ten.mp4"}, {"in", 1.0}, {"out", 6.5}},
                   {{"id", "end"}, {"card", {{"text", "Open every day"}}}, {"seconds", 3}}}}});
    EXPECT_EQ(plan.frames, 750 + 300 + 165 - 15 + 90);
    EXPECT_EQ(takes_of(plan, 1), "open 10 end");
    EXPECT_EQ(plan.shots[2].kind, ShotPlan::Kind::clip);
    EXPECT_EQ(plan.shots[3].kind, ShotPlan::Kind::card);
    EXPECT_EQ(plan.aspect_ratio, "16:9");
}

TEST(PlanJoinsTest, WhatIsFreeMovesThroughItsTransitions)
{
    const auto second = [](const std::string& provider, const json& transition) {
        json first = {{"image", "a.jpg"}, {"prompt", "p"}, {"seconds", 5}};
        json next = first;
        next["transition"] = transition;
        return planned({{"provider", provider}, {"fps", 30}, {"shots", {first, next}}});
    };
    const json dissolve = {{"type", "dissolve"}, {"seconds", 0.5}};
    const Plan free = second("local", dissolve);
    EXPECT_EQ(free.shots[1].handle, 15);
    EXPECT_EQ(free.shots[1].frames, 150) << "as its author wrote";
    EXPECT_EQ(free.frames, 300);
    EXPECT_TRUE(free.shots[1].held) << "it lies where a held one does";
    EXPECT_EQ(second("kling", dissolve).shots[1].handle, 0) << "a take that is paid for is no longer than it must";
    json held = dissolve;
    held["timing"] = "hold";
    EXPECT_EQ(second("local", held).shots[1].handle, 0) << "its author wants it so";
    EXPECT_EQ(second("local", {{"type", "morph"}, {"seconds", 0.5}}).shots[1].handle, 0);
}

TEST(PlanDriftTest, ShotsWithoutCameraMoveDifferently)
{
    const json shot = {{"image", "a.jpg"}, {"seconds", 5}};
    json directed = shot;
    directed["camera"] = {{"zoom", 3}};
    const Plan plan = planned({{"shots", {shot, directed, shot, shot, shot, shot}}});
    std::vector<std::string> drifts;
    for (const ShotPlan& one : plan.shots) {
        drifts.push_back(word(one.drift));
    }
    EXPECT_EQ(drifts, (std::vector<std::string>{"in", "in", "out", "left", "right", "in"}));
}

TEST(PlanDriftTest, OverATallerPictureItGoesUpAndDown)
{
    ShotPlan shot;
    shot.drift = Drift::left;
    shot.picture = {1080, 1920};
    EXPECT_EQ(drift_on(shot, {1280, 720}), Drift::up);
    EXPECT_EQ(drift_on(shot, {720, 1280}), Drift::left) << "there it is as tall as the canvas";
    shot.drift = Drift::in;
    EXPECT_EQ(drift_on(shot, {1280, 720}), Drift::in);
}

TEST(PlanNotesTest, AClipThatFallsUnevenlyOnTheFilmsFramesIsNoted)
{
    const auto notes = [](const json& fps) {
        return planned({{"fps", fps}, {"shots", {{{"clip", "ten.mp4"}}}}}).notes;
    };
    const auto judders = [&](const json& fps) {
        const auto all = notes(fps);
        return std::any_of(all.begin(), all.end(),
                           [](const std::string& note) { return note.find("judders") != std::string::npos; });
    };
    EXPECT_TRUE(judders(30));
    EXPECT_TRUE(judders(24));
    EXPECT_FALSE(judders(25));
    EXPECT_FALSE(judders(50));
    EXPECT_NE(notes(30).front().find("of every 5 pictures 1 is shown 2 times"), std::string::npos) << notes(30).front();
}

} // namespace
} // namespace longtake
