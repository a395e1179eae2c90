#include "tests/stages/plan/planned.h"

namespace longtake {
namespace {

using namespace test;

/// Frames at 30 a second of a shot as long as its texts.
std::int64_t frames_to_read(json shot)
{
    shot["seconds"] = "text";
    if (!shot.contains("card")) {
        shot["image"] = "a.jpg";
    }
    return planned({{"fps", 30}, {"shots", {shot}}}).shots[0].frames;
}

/// So many letters.
std::string letters(std::size_t count)
{
    return std::string(count, 'x');
}

TEST(LengthOfTextTest, IsWhatItTakesToFindAndToReadIt)
{
    EXPECT_EQ(frames_to_read({{"card", {{"text", letters(60)}}}}), 144); // 0.8 s and 60 at 15 a second
    EXPECT_EQ(frames_to_read({{"card", {{"title", letters(30)}, {"price", letters(15)}}}}), 114);
    EXPECT_EQ(frames_to_read({{"overlays", {{{"text", letters(30)}}, {{"title", letters(15)}}}}}), 114);
    EXPECT_EQ(frames_to_read({{"caption", letters(45)}, {"overlays", {{{"text", letters(15)}}}}}), 144);
    EXPECT_EQ(frames_to_read({{"caption", letters(46)}}), 116); // 3.8667 s
}

TEST(LengthOfTextTest, IsNeitherAFlashNorAReading)
{
    EXPECT_EQ(frames_to_read({{"card", {{"text", "Hi"}}}}), 60);
    EXPECT_EQ(frames_to_read({{"card", {{"text", letters(600)}}}}), 270);
}

TEST(LengthOfTextTest, WhatComesLaterIsReadToo)
{
    EXPECT_EQ(frames_to_read({{"overlays", {{{"text", letters(30)}, {"from", 4}}}}}), 204); // 4 + 0.8 + 2 s
}

TEST(LengthOfTextTest, HasTheWaysIntoAndOutOfItBesides)
{
    const json dissolve = {{"type", "dissolve"}, {"seconds", 0.5}};
    const json card = {{"card", {{"text", letters(60)}}}, {"seconds", "text"}, {"transition", dissolve}};
    const Plan plan = planned({{"fps", 30}, {"shots", {{{"image", "a.jpg"}, {"seconds", 3}}, card, card}}});
    EXPECT_EQ(plan.shots[1].frames, 144 + 15); // held: its way in is not its own, its way out is
    EXPECT_EQ(plan.shots[2].frames, 144);
}

TEST(LengthOfTextTest, IsNotShortenedForABeat)
{
    Inputs inputs = facts();
    inputs.at("/f/tune.mp3").beats = {120, 1, 60, {2.0, 2.5, 4.5, 5.0}};
    const json board = {
        {"schema", "longtake/storyboard/1"},
        {"fps", 30},
        {"audio", {{"music", "tune.mp3"}, {"beat", true}}},
        {"shots",
         {{{"card", {{"text", letters(60)}}}, {"seconds", "text"}}, // 4.8 s: a beat before, a beat after
          {{"image", "a.jpg"}, {"prompt", "p"}, {"seconds", 4}}}}};
    const Plan plan = stages::plan(storyboard_from_json(board, "/f", "test"), catalog(), inputs);
    EXPECT_EQ(plan.shots[0].frames, 150);
}

} // namespace
} // namespace longtake
