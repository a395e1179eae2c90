#include "stages/assemble/assemble.h"

#include "pipeline/base/error.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

ShotPlan shot(const std::string& id, std::int64_t frames, TransitionType type = TransitionType::cut,
              std::int64_t transition = 0, bool held = false)
{
    ShotPlan plan;
    plan.shot.id = id;
    plan.frames = frames;
    plan.transition = type;
    plan.transition_frames = transition;
    plan.held = held;
    return plan;
}

Footage piece(const std::string& file, std::int64_t frames, Rate rate = {30, 1}, std::int64_t first = 0)
{
    Footage footage;
    footage.file = file;
    footage.rate = rate;
    footage.first = first;
    footage.frames = frames;
    return footage;
}

Plan plan_of(std::vector<ShotPlan> shots)
{
    Plan plan;
    plan.size = {320, 180};
    plan.rate = {30, 1};
    plan.shots = std::move(shots);
    return plan;
}

TEST(AssembleTest, HoldsKeepTheLengthAndOverlapsShortenIt)
{
    const Plan plan = plan_of({shot("a", 60), shot("b", 60, TransitionType::dissolve, 15, true),
                               shot("c", 60, TransitionType::dissolve, 15, false)});
    stages::ShotMedia material;
    for (const char* id : {"a", "b", "c"}) {
        material.clips[id] = {id, {piece(std::string(id) + ".mp4", 90)}};
    }
    const Timeline timeline = stages::assemble(plan, material);
    EXPECT_EQ(timeline.items[1].start, 60);
    EXPECT_TRUE(timeline.items[1].transition.held);
    EXPECT_EQ(timeline.items[2].start, 105);
    EXPECT_EQ(timeline.frames(), 165);
}

TEST(AssembleTest, AHandleLetsBothSidesMoveAndKeepsTheLength)
{
    Plan plan = plan_of({shot("a", 60), shot("b", 60, TransitionType::dissolve, 15, true)});
    plan.shots[1].handle = 15;
    stages::ShotMedia material;
    for (const char* id : {"a", "b"}) {
        material.clips[id] = {id, {piece(std::string(id) + ".mp4", 75)}};
    }
    const Timeline timeline = stages::assemble(plan, material);
    EXPECT_EQ(timeline.items[1].start, 45);
    EXPECT_EQ(timeline.items[1].frames, 75);
    EXPECT_FALSE(timeline.items[1].transition.held);
    EXPECT_EQ(timeline.frames(), 120);
}

TEST(AssembleTest, TrimsTheTailOfAChain)
{
    stages::ShotMedia material;
    material.clips["a"] = {"a", {piece("1.mp4", 50), piece("2.mp4", 50, {30, 1}, 1), piece("3.mp4", 50)}};
    const Timeline timeline = stages::assemble(plan_of({shot("a", 80)}), material);
    ASSERT_EQ(timeline.items[0].ranges.size(), 2U);
    EXPECT_EQ(timeline.items[0].ranges[1].first, 1);
    EXPECT_EQ(timeline.items[0].ranges[1].frames, 30);
}

TEST(AssembleTest, PiecesAtAnotherRateDoNotDrift)
{
    stages::ShotMedia material;
    Clip clip{"a", {}};
    for (int i = 0; i < 7; ++i) {
        clip.footage.push_back(piece(std::to_string(i) + ".mp4", 25, {24, 1})); // 1.0417 s each
    }
    material.clips["a"] = clip;
    const Timeline timeline = stages::assemble(plan_of({shot("a", 218)}), material);
    std::int64_t frames = 0;
    for (const Range& range : timeline.items[0].ranges) {
        frames += range.frames;
    }
    EXPECT_EQ(frames, 218); // 7 * 25 / 24 s = 7.2917 s = 218.75 frames
}

TEST(AssembleTest, ShortFootageIsAnErrorNotAFreeze)
{
    stages::ShotMedia material;
    material.clips["a"] = {"a", {piece("1.mp4", 50)}};
    try {
        stages::assemble(plan_of({shot("a", 80)}), material);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::provider);
        EXPECT_NE(std::string(error.what()).find("shot 'a'"), std::string::npos);
    }
}

TEST(AssembleTest, GradesAreCountedAtTheTimelinesRate)
{
    Footage slow = piece("1.mp4", 48, {24, 1}, 24);
    slow.grade = {{48, {}}, {71, {{1.1, 1, 1}, {0, 0, 0}}}};
    stages::ShotMedia material;
    material.clips["a"] = {"a", {slow, piece("2.mp4", 30)}};
    const Timeline timeline = stages::assemble(plan_of({shot("a", 90)}), material);
    const auto& ranges = timeline.items[0].ranges;
    ASSERT_EQ(ranges[0].grade.size(), 2U);
    EXPECT_EQ(ranges[0].first, 30);
    EXPECT_EQ(ranges[0].grade[0].frame, 60);
    EXPECT_EQ(ranges[0].grade[1].frame, 89) << "its last frame";
    EXPECT_TRUE(ranges[1].grade.empty());
}

TEST(AssembleTest, ABrandsLutGradesItsShotsAndNotItsCards)
{
    Plan plan = plan_of({shot("a", 30), shot("end", 30)});
    plan.shots[1].kind = ShotPlan::Kind::card;
    plan.shots[1].shot.card = Card{};
    stages::ShotMedia material;
    material.clips["a"] = {"a", {piece("1.mp4", 20), piece("2.mp4", 20)}};
    material.cards["end"] = {};
    for (const Item& item : stages::assemble(plan, material).items) {
        EXPECT_FALSE(item.ranges[0].lut);
    }
    plan.brand = "acme";
    plan.styles["acme"].lut = StyleFile{"/film.cube", "lll"};
    const Timeline timeline = stages::assemble(plan, material);
    for (const Range& range : timeline.items[0].ranges) {
        EXPECT_EQ(range.lut, (StyleFile{"/film.cube", "lll"}));
    }
    EXPECT_FALSE(timeline.items[1].ranges[0].lut);
}

} // namespace
} // namespace longtake
