#include "stages/extend/join.h"

#include "pipeline/base/error.h"
#include "tests/stages/extend/material.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace longtake {
namespace {

class JoinTest : public ::testing::Test {
protected:
    static PlannedTake extension()
    {
        PlannedTake take;
        take.kind = PlannedTake::Kind::extend;
        take.index = 1;
        take.seconds = 5;
        take.guaranteed = 4;
        return take;
    }

    static PlannedTake chained()
    {
        PlannedTake take = extension();
        take.kind = PlannedTake::Kind::chain;
        take.guaranteed = 5;
        return take;
    }

    static stages::Join join(const Footage& before, const Footage& take, const PlannedTake& planned)
    {
        return stages::join(
            {before, before, take, planned.kind, planned.seconds, planned.guaranteed, MatchColour::off, {}, false});
    }

    Footage piece(const std::string& name, std::int64_t from, std::int64_t to, const test::Encode& how = {})
    {
        return test::piece(dir_ / name, from, to, how);
    }

    /// The film's frame `still`, so many times.
    Footage standing(const std::string& name, std::int64_t frames, double crf)
    {
        return test::footage(dir_ / name, frames, [](std::int64_t) -> const av::Frame& { return test::film_frame(7); },
                             {.crf = crf});
    }

    static void expect_use(const stages::Join& join, std::int64_t before, std::int64_t first, std::int64_t added)
    {
        EXPECT_EQ(join.before.frames, before);
        EXPECT_EQ(join.added.first, first);
        EXPECT_EQ(join.added.frames, added);
    }

    test::TempDir dir_;
    /// The film's first 121 frames.
    const Footage& parent_ = [&]() -> const Footage& {
        static const test::TempDir dir;
        static const Footage parent = test::piece(dir / "parent.mp4", 0, 121);
        return parent;
    }();
};

TEST_F(JoinTest, OfAWholeFilmOnlyTheNewPartIsUsed)
{
    const auto result = piece("whole.mp4", 0, 231, {.crf = 33});
    const auto made = join(parent_, result, extension());
    expect_use(made, 121, 121, 110);
    EXPECT_TRUE(made.warnings.empty());
}

TEST_F(JoinTest, AWholeFilmMayHaveLostOrGainedFramesAndColours)
{
    expect_use(join(parent_, piece("short.mp4", 1, 231), extension()), 121, 120, 110);
    expect_use(join(parent_, piece("late.mp4", 30, 231), extension()), 121, 91, 110);
    const Grade drift{{1.06, 0.95, 1.05}, {3, 2, -2}};
    expect_use(join(parent_, piece("drift.mp4", 0, 231, {.crf = 30, .drift = drift}), extension()), 121, 121, 110);
    const auto twice = test::footage(dir_ / "twice.mp4", 232, [](std::int64_t i) -> const av::Frame& {
        return test::film_frame(std::max<std::int64_t>(0, i - 1));
    });
    expect_use(join(parent_, twice, extension()), 121, 122, 110);
}

TEST_F(JoinTest, AWholeFilmAtAnotherRateIsCutAtTheSameMoment)
{
    const auto faster = test::footage(dir_ / "30.mp4", 288,
                                      [](std::int64_t i) -> const av::Frame& { return test::film_frame(i * 24 / 30); },
                                      {.rate = {30, 1}});
    const auto made = join(parent_, faster, extension());
    // Film frame 120 is shown from frame 150 of 30 a second.
    EXPECT_NEAR(static_cast<double>(made.added.first), 151, 1);
    EXPECT_TRUE(made.warnings.empty());
}

TEST_F(JoinTest, AnExtensionOfAnExtensionIsHeldAgainstTheWholeFileOfTheOneBefore)
{
    const auto first = piece("first.mp4", 0, 231, {.crf = 26});
    const auto one = join(parent_, first, extension());
    const auto second = piece("second.mp4", 0, 341, {.crf = 30});
    const auto two = join(one.added, second, extension());
    expect_use(two, 110, 231, 110);
}

TEST_F(JoinTest, APictureThatComesTwiceIsToldByTheFramesBefore)
{
    // There and back: every picture but the farthest is shown twice, once in each direction.
    const auto swing = [](std::int64_t i) -> const av::Frame& {
        return test::film_frame(100 + 4 * (i < 60 ? i : 120 - i));
    };
    const auto there_and_back = test::footage(dir_ / "swing.mp4", 110, swing);
    // The result lost its first 20 frames.
    const auto result = test::footage(
        dir_ / "more.mp4", 190,
        [&](std::int64_t i) -> const av::Frame& { return swing(std::min<std::int64_t>(i + 20, 120)); }, {.crf = 30});
    EXPECT_EQ(join(there_and_back, result, extension()).added.first, 90);
}

TEST_F(JoinTest, AStillSceneIsCutWhereItShouldBe)
{
    const auto still = standing("still.mp4", 121, 20);
    const auto made = join(still, standing("more.mp4", 230, 33), extension());
    expect_use(made, 121, 121, 109);
    EXPECT_TRUE(made.warnings.empty());
    expect_use(join(still, standing("tail.mp4", 110, 33), extension()), 121, 0, 110);
    EXPECT_EQ(join(still, standing("link.mp4", 121, 33), chained()).before.frames, 120) << "as a chained take begins";
}

TEST_F(JoinTest, AFilmThatDoesNotShowItsParentIsCutByTimeWithAWarning)
{
    const auto other = test::footage(dir_ / "other.mp4", 231, [](std::int64_t i) -> const av::Frame& {
        static const std::vector<av::Frame> bars = [] {
            std::vector<av::Frame> all;
            for (int n = 0; n < 2; ++n) {
                all.push_back(av::Frame::plain(test::k_film_size, 90, 128, 128));
                for (int y = 0; y < test::k_film_size.height; ++y) {
                    for (int x = 0; x < test::k_film_size.width; ++x) {
                        all.back().plane(0)[y * all.back().stride(0) + x] = (x / 20 + n) % 2 == 0 ? 40 : 200;
                    }
                }
            }
            return all;
        }();
        return bars[static_cast<std::size_t>(i / 24 % 2)];
    });
    const auto made = join(parent_, other, extension());
    EXPECT_EQ(made.added.first, 121);
    ASSERT_EQ(made.warnings.size(), 1U);
    EXPECT_NE(made.warnings[0].find("cut at 5.04 s"), std::string::npos) << made.warnings[0];
}

TEST_F(JoinTest, ATailAloneIsUsedWhole)
{
    expect_use(join(parent_, piece("tail.mp4", 121, 231, {.crf = 28}), extension()), 121, 0, 110);
}

TEST_F(JoinTest, FramesATailRepeatsAreShownOnce)
{
    expect_use(join(parent_, piece("one.mp4", 120, 231, {.crf = 28}), extension()), 120, 0, 111);
    expect_use(join(parent_, piece("three.mp4", 118, 231, {.crf = 28}), extension()), 118, 0, 113);
}

TEST_F(JoinTest, FramesThatStandStillAtItsHeadAreDropped)
{
    const auto fast = [](std::int64_t i) -> const av::Frame& { return test::film_frame(3 * i); };
    const auto parent = test::footage(dir_ / "fast.mp4", 49, fast);
    const auto frozen = test::footage(
        dir_ / "frozen.mp4", 50,
        [&](std::int64_t i) -> const av::Frame& { return fast(48 + std::max<std::int64_t>(0, i - 2)); }, {.crf = 22});
    expect_use(join(parent, frozen, chained()), 49, 3, 47);
}

TEST_F(JoinTest, AChainedTakeDropsTheHandedOverFrameOnlyIfItIsThere)
{
    const Grade drift{{1.05, 1.06, 0.95}, {-2, 2, 1}};
    expect_use(join(parent_, piece("with.mp4", 120, 241, {.crf = 26, .drift = drift}), chained()), 120, 0, 121);
    expect_use(join(parent_, piece("without.mp4", 121, 241, {.crf = 26, .drift = drift}), chained()), 121, 0, 120);
}

TEST_F(JoinTest, AChainedTakeOfAnotherPictureIsWarnedAbout)
{
    const auto strange = test::footage(dir_ / "strange.mp4", 24, [](std::int64_t) -> const av::Frame& {
        static const av::Frame white = av::Frame::plain(test::k_film_size, 235, 128, 128);
        return white;
    });
    const auto made = join(parent_, strange, chained());
    expect_use(made, 121, 0, 24);
    EXPECT_EQ(made.warnings.size(), 1U);
}

TEST_F(JoinTest, ALengthThatFitsNeitherStopsAndNamesTheKeptFile)
{
    const auto odd = piece("odd.mp4", 0, 168);
    try {
        join(parent_, odd, extension());
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::provider);
        const std::string text = error.what();
        EXPECT_NE(text.find("7.00 s"), std::string::npos) << text;
        EXPECT_NE(text.find("5.04 s"), std::string::npos) << text;
        EXPECT_NE(text.find(odd.file.string()), std::string::npos) << text;
    }
    EXPECT_TRUE(std::filesystem::exists(odd.file));
}

TEST_F(JoinTest, AfterAShortParentThePicturesDecide)
{
    const auto brief = piece("brief.mp4", 0, 48); // 2 s: 5 s may be the whole film or the part alone
    expect_use(join(brief, piece("part.mp4", 48, 170), extension()), 48, 0, 122);
    expect_use(join(brief, piece("whole.mp4", 0, 144), extension()), 48, 48, 96);
    const auto still = standing("still.mp4", 48, 20);
    expect_use(join(still, standing("five.mp4", 120, 30), extension()), 48, 0, 120);
    expect_use(join(still, standing("more.mp4", 150, 30), extension()), 48, 48, 102);
}

TEST_F(JoinTest, ALongPartThatWasAskedForIsAPart)
{
    PlannedTake ten = extension();
    ten.seconds = 10;
    ten.guaranteed = 10;
    const auto longer = piece("longer.mp4", 0, 145);
    expect_use(join(longer, piece("ten.mp4", 145, 385), ten), 145, 0, 240);
}

TEST_F(JoinTest, IsReadBackAsItWasMade)
{
    auto made = join(parent_, piece("with.mp4", 120, 200), chained());
    made.before.grade = {{97, {}}, {120, {{1.1, 1, 1}, {0, 2, 0}}}};
    EXPECT_EQ(nlohmann::json(nlohmann::json(made).get<stages::Join>()), nlohmann::json(made));
}

} // namespace
} // namespace longtake
