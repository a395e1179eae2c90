#include "tests/stages/plan/planned.h"

namespace longtake {
namespace {

using namespace test;

constexpr double k_near_beat = 0.040; ///< seconds

/// Music of so many seconds with beats of `tempo` from `first` on.
Beats music_at(double tempo, double seconds, double first = 0)
{
    Beats beats{tempo, 1, seconds};
    for (double at = first; at < seconds - 1e-9; at += 60 / tempo) {
        beats.times.push_back(at);
    }
    return beats;
}

Plan planned_to(const Beats& beats, json board)
{
    board["schema"] = "longtake/storyboard/1";
    board["audio"]["music"] = "tune.mp3";
    if (!board["audio"].contains("beat")) {
        board["audio"]["beat"] = true;
    }
    Inputs inputs = facts();
    inputs.at("/f/tune.mp3").beats = beats;
    return stages::plan(storyboard_from_json(board, "/f", "test"), catalog(), inputs);
}

/// Pictures of these lengths.
json pictures(const std::vector<double>& lengths)
{
    json shots = json::array();
    for (const double seconds : lengths) {
        shots.push_back({{"image", "a.jpg"}, {"prompt", "p"}, {"seconds", seconds}});
    }
    return {{"fps", 30}, {"shots", shots}};
}

/// Where shots are cut into, seconds of the film; of a transition its middle.
std::vector<double> cuts_of(const Plan& plan)
{
    std::vector<double> cuts;
    std::int64_t end = 0;
    for (const ShotPlan& shot : plan.shots) {
        const std::int64_t start = shot.held ? end : end - shot.transition_frames;
        if (&shot != &plan.shots.front()) {
            cuts.push_back((static_cast<double>(start) + static_cast<double>(shot.transition_frames) / 2) /
                           plan.rate.fps());
        }
        end = start + shot.frames;
    }
    EXPECT_EQ(end, plan.frames);
    return cuts;
}

/// From the nearest of beats at `tempo` from `first` on, for ever.
double off_beat(double seconds, double tempo, double first = 0)
{
    return std::abs(std::remainder(seconds - first, 60 / tempo));
}

std::vector<std::int64_t> frames_of(const Plan& plan)
{
    std::vector<std::int64_t> frames;
    for (const ShotPlan& shot : plan.shots) {
        frames.push_back(shot.frames);
    }
    return frames;
}

const std::vector<double> k_uneven = {3.3, 2.1, 4.2, 2.75, 5.1, 3.9, 2.2, 3.15};

TEST(OnBeatTest, EveryCutLandsOnABeat)
{
    for (const double tempo : {104.0, 118.0, 120.0, 140.0}) {
        const Plan plan = planned_to(music_at(tempo, 60, 0.2), pictures(k_uneven));
        for (const double cut : cuts_of(plan)) {
            EXPECT_LT(off_beat(cut, tempo, 0.2), k_near_beat) << tempo << " at " << cut;
        }
        EXPECT_TRUE(notes(plan, fmt::format("music: 7 of 7 cuts on the beat, {} bpm", tempo)));
    }
}

TEST(OnBeatTest, NoShotChangesByMoreThanItMayAndTheFilmKeepsItsLength)
{
    for (const double tempo : {61.0, 75.0, 118.0}) {
        const json board = pictures({1, 0.8, 1.1, 4, 3.3, 0.5, 6});
        const Plan moved = planned_to(music_at(tempo, 60), board);
        const Plan written = planned_to({}, board);
        EXPECT_EQ(moved.frames, written.frames);
        for (std::size_t i = 0; i < moved.shots.size(); ++i) {
            const double before = written.rate.seconds(written.shots[i].frames);
            const double now = moved.rate.seconds(moved.shots[i].frames);
            EXPECT_LE(std::abs(now - before), std::min(0.35, before / 4) + 1e-9) << tempo << ", shot " << i;
        }
        const auto cuts = cuts_of(moved);
        const auto on =
            std::count_if(cuts.begin(), cuts.end(), [&](double cut) { return off_beat(cut, tempo) < 0.02; });
        EXPECT_TRUE(notes(moved, fmt::format("music: {} of 6 cuts on the beat", on)));
        EXPECT_GE(on, 3);
    }
}

TEST(OnBeatTest, WhatIsRenderedHereIsMadeAsLongAsItHasBecome)
{
    const Plan plan = planned_to(music_at(120, 60), pictures({2.2, 3}));
    EXPECT_EQ(frames_of(plan), (std::vector<std::int64_t>{60, 96}));
    EXPECT_EQ(takes_of(plan, 0), "open 2");
    EXPECT_EQ(takes_of(plan, 1), "open 3.2");
    EXPECT_FALSE(notes(plan, "trimmed"));
}

TEST(OnBeatTest, NothingMovesUnlessItIsAskedFor)
{
    json board = pictures(k_uneven);
    const Plan without = planned(board);
    board["audio"]["beat"] = false;
    const Plan off = planned_to(music_at(120, 60), board);
    EXPECT_EQ(frames_of(off), frames_of(without));
    EXPECT_FALSE(notes(off, "music:"));
}

TEST(OnBeatTest, WithoutBeatsAPlanSaysSo)
{
    const Plan plan = planned_to({}, pictures(k_uneven));
    EXPECT_EQ(frames_of(plan), frames_of(planned(pictures(k_uneven))));
    EXPECT_TRUE(notes(plan, "music: no beats were found in tune.mp3; nothing is moved"));
}

TEST(OnBeatTest, TheMiddleOfATransitionIsOnTheBeat)
{
    json board = pictures(k_uneven);
    board["defaults"]["transition"] = {{"type", "dissolve"}, {"seconds", 0.5}};
    board["shots"][3]["transition"] = {{"type", "dissolve"}, {"seconds", 0.7}, {"timing", "overlap"}};
    board["shots"][5]["transition"] = {{"type", "wipe_left"}, {"seconds", 0.5}, {"timing", "hold"}};
    const Plan plan = planned_to(music_at(120, 60, 0.1), board);
    for (const double cut : cuts_of(plan)) {
        EXPECT_LT(off_beat(cut, 120, 0.1), k_near_beat);
    }
    EXPECT_EQ(plan.frames, planned_to({}, board).frames);
}

TEST(OnBeatTest, BeatsRepeatWithMusicThatIsLooped)
{
    // 8 s of music, which starts again every 7.75 s: 250 ms of it are a crossfade
    const Plan plan = planned_to(music_at(120, 8, 0.25), pictures({5.1, 4.2, 5.1, 4.2, 5.1}));
    for (const double cut : cuts_of(plan)) {
        EXPECT_LT(off_beat(std::fmod(cut, 7.75), 120, 0.25), k_near_beat) << cut;
    }
    EXPECT_TRUE(notes(plan, "4 of 4 cuts"));
}

TEST(OnBeatTest, WhatIsPaidForIsOnlyTrimmed)
{
    json board = pictures({5, 5, 5, 5});
    board["provider"] = "kling";
    const Plan written = planned_to({}, board);
    const Plan moved = planned_to(music_at(97, 60), board);
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(takes_of(moved, i), takes_of(written, i));
        EXPECT_EQ(moved.shots[i].shot.seconds, written.shots[i].shot.seconds);
        EXPECT_LE(moved.shots[i].frames, written.shots[i].frames);
    }
    EXPECT_EQ(moved.cost, written.cost);
    EXPECT_EQ(moved.frames, written.frames); // so all of them keep their length

    board["shots"].push_back({{"card", {{"text", "The end"}}}, {"seconds", 3}}); // takes what they leave
    const Plan ended = planned_to(music_at(97, 60), board);
    EXPECT_LT(ended.shots[0].frames, written.shots[0].frames);
    EXPECT_LT(off_beat(cuts_of(ended)[0], 97), k_near_beat);
    EXPECT_EQ(takes_of(ended, 0), takes_of(written, 0));
}

TEST(OnBeatTest, AShotKeepsTheLengthOfItsVoice)
{
    json board = pictures({3.3, 1, 4.2});
    board["shots"][1] = {{"image", "a.jpg"}, {"voice", "speech.mp3"}, {"seconds", "voice"}};
    const Plan plan = planned_to(music_at(120, 60), board);
    EXPECT_EQ(plan.shots[1].frames, planned_to({}, board).shots[1].frames);
    EXPECT_EQ(plan.shots[1].frames, 138); // 4.6 s: its two cuts cannot both be on beats half a second apart
    EXPECT_LT(off_beat(cuts_of(plan)[1], 120), k_near_beat);
    EXPECT_TRUE(notes(plan, "1 of 2 cuts on the beat"));
}

TEST(OnBeatTest, AClipGoesNoFurtherThanItsAuthorLetsIt)
{
    const json board = {{"fps", 25},
                        {"shots",
                         {{{"clip", "ten.mp4"}, {"out", 3.3}}, // would be 3.5
                          {{"clip", "ten.mp4"}, {"seconds", 3.3}},
                          {{"image", "a.jpg"}, {"prompt", "p"}, {"seconds", 4}}}}};
    const Plan plan = planned_to(music_at(120, 60), board);
    EXPECT_LE(*plan.shots[0].shot.out, 3.3);
    EXPECT_TRUE(notes(plan, "2 of 2 cuts"));
    for (const ShotPlan& shot : plan.shots) {
        if (shot.shot.clip) {
            EXPECT_NEAR(*shot.shot.out - shot.shot.in, plan.rate.seconds(shot.frames), 1e-9);
        }
    }
}

TEST(OnBeatTest, TextsEnterOnABeat)
{
    json board = pictures({4, 6});
    board["shots"][0]["overlays"] = {{{"text", "One"}, {"from", 1.2}, {"to", 3}}};
    board["shots"][1]["overlays"] = {{{"text", "Two"}, {"from", 0.7}}};
    board["overlays"] = {{{"text", "All"}, {"from", 2.85}}, {{"text", "Short"}, {"from", 5.2}, {"to", 5.6}}};
    const Plan plan = planned_to(music_at(120, 60), board);
    EXPECT_NEAR(*plan.shots[0].shot.overlays[0].from, 1, 1e-9);
    EXPECT_NEAR(*plan.shots[1].shot.overlays[0].from, 0.5, 1e-9);
    EXPECT_NEAR(*plan.overlays[0].from, 3, 1e-9);
    EXPECT_NEAR(*plan.overlays[1].from, 5.2, 1e-9); // a quarter of its 0.4 s reaches no beat
    EXPECT_TRUE(notes(plan, "music: 1 of 1 cuts and 3 of 4 texts on the beat, 120 bpm"));
}

TEST(OnBeatTest, NeedsMusic)
{
    json board = pictures({3});
    board["audio"] = {{"beat", true}};
    EXPECT_NE(complaint([&] { (void)planned(board); }).find("/audio/beat: needs music"), std::string::npos);
}

} // namespace
} // namespace longtake
