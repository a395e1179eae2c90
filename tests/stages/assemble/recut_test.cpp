#include "stages/assemble/recut.h"

#include "pipeline/base/error.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

/// Shot "a" of two takes (50 and 40 frames), "b" of one (60), and a card.
struct Cuttable {
    Plan plan;
    stages::ShotMedia material;

    Cuttable()
    {
        plan.size = {320, 180};
        plan.rate = {30, 1};
        for (const char* id : {"a", "b", "c"}) {
            ShotPlan& shot = plan.shots.emplace_back();
            shot.shot.id = id;
            shot.frames = 60;
        }
        plan.shots[2].kind = ShotPlan::Kind::card;
        plan.shots[2].shot.card.emplace();
        material.clips["a"] = {"a", {take("a.mp4", 50, 0), take("a2.mp4", 40, 1)}};
        material.clips["b"] = {"b", {take("b.mp4", 60, 0)}};
        material.cards["c"].file = "c.png";
    }

    static Footage take(const char* file, std::int64_t frames, std::int64_t first)
    {
        Footage footage;
        footage.file = file;
        footage.rate = {30, 1};
        footage.first = first;
        footage.frames = frames;
        return footage;
    }

    Timeline cut(const std::vector<ShotEdit>& edits) const
    {
        return stages::assemble(stages::recut(plan, material, edits), material);
    }
};

TEST(RecutTest, ShotsComeInTheOrderAskedForTrimmedAndTwiceIfWanted)
{
    const Timeline film = Cuttable().cut({{"b", 20, 30}, {"a", 40, 30}, {"c", 0, 200}, {"b", 0, 10}});
    ASSERT_EQ(film.items.size(), 4U);
    EXPECT_EQ(film.frames(), 270);
    EXPECT_EQ(film.items[0].ranges[0].first, 20);
    EXPECT_EQ(film.items[0].ranges[0].frames, 30);
    ASSERT_EQ(film.items[1].ranges.size(), 2U) << "across two takes";
    EXPECT_EQ(film.items[1].ranges[0].first, 40);
    EXPECT_EQ(film.items[1].ranges[0].frames, 10);
    EXPECT_EQ(film.items[1].ranges[1].first, 1);
    EXPECT_EQ(film.items[1].ranges[1].frames, 20);
    EXPECT_EQ(film.items[2].ranges[0].frames, 200) << "a card lasts as long as it is shown";
}

TEST(RecutTest, ATakeThatIsTrimmedAwayIsNotShown)
{
    const Timeline film = Cuttable().cut({{"a", 55, 20}});
    ASSERT_EQ(film.items[0].ranges.size(), 1U);
    EXPECT_EQ(film.items[0].ranges[0].file, "a2.mp4");
    EXPECT_EQ(film.items[0].ranges[0].first, 6);
}

TEST(RecutTest, TransitionsOverlapOrHold)
{
    const Cuttable film;
    const Timeline over = film.cut({{"a", 0, 60}, {"b", 0, 60, {TransitionType::dissolve, 10, false}}});
    EXPECT_EQ(over.items[1].start, 50);
    EXPECT_FALSE(over.items[1].transition.held);
    const Timeline held = film.cut({{"a", 0, 60}, {"b", 0, 60, {TransitionType::dissolve, 10, true}}});
    EXPECT_EQ(held.items[1].start, 60);
    EXPECT_TRUE(held.items[1].transition.held);
    EXPECT_EQ(
        stages::recut(film.plan, film.material, {{"a", 0, 60}, {"b", 0, 60, {TransitionType::dissolve, 10, false}}})
            .frames,
        over.frames());
}

TEST(RecutTest, FramesThatAreNotThereAreRefused)
{
    const Cuttable film;
    EXPECT_NO_THROW(film.cut({{"a", 0, 90}})) << "footage beyond what was planned may be shown";
    EXPECT_THROW(film.cut({{"a", 0, 91}}), Error);
    EXPECT_THROW(film.cut({{"b", -1, 10}}), Error);
    EXPECT_THROW(film.cut({{"moon", 0, 10}}), Error);
}

} // namespace
} // namespace longtake
