#include "tests/stages/plan/planned.h"

namespace longtake {
namespace {

using namespace test;

Plan by_kling4(json shot)
{
    shot["model"] = "kling-v4";
    return one("wavespeed", shot);
}

std::string refused_by_kling4(json shot)
{
    shot["model"] = "kling-v4";
    return refused("wavespeed", shot);
}

json references(const json& list)
{
    return {{"image", nullptr}, {"prompt", "@mug"}, {"references", list}};
}

TEST(PlanInputsTest, FilmsAreCountedWithWhatComesOut)
{
    EXPECT_DOUBLE_EQ(*by_kling4({{"seconds", 5}}).cost, 5 * 0.157);
    const json film = {{"name", "mug"}, {"clip", "ten.mp4"}};
    EXPECT_DOUBLE_EQ(*by_kling4(references(json::array({film}))).cost, (5 + 10) * 0.094) << "in and out";
    json long_take = references(json::array({film}));
    long_take["seconds"] = 20;
    EXPECT_DOUBLE_EQ(*by_kling4(long_take).cost, 2 * 20 * 0.094) << "at least twice what comes out";
    EXPECT_DOUBLE_EQ(*by_kling4(references(json::array({{{"name", "mug"}, {"image", "a.jpg"}}}))).cost, 5 * 0.157);
}

TEST(PlanInputsTest, AFilmToBeChangedKeepsItsLength)
{
    const json edit = {{"image", nullptr}, {"seconds", nullptr}, {"edit", "ten.mp4"}, {"prompt", "make it snow"}};
    const Plan plan = by_kling4(edit);
    EXPECT_EQ(takes_of(plan), "open 10");
    EXPECT_EQ(plan.shots[0].frames, 240);
    EXPECT_DOUBLE_EQ(*plan.cost, 20 * 0.094);
    json whole = edit;
    whole["edit"] = "long.mp4";
    EXPECT_EQ(refused_by_kling4(whole), "shot 'cup': long.mp4 lasts 40.0 s; kling-v4 takes 3 to 30 s: cut it");
    const Plan rehearsal = one("local", edit);
    EXPECT_EQ(rehearsal.shots[0].kind, ShotPlan::Kind::clip) << "shown as it is";
    EXPECT_EQ(*rehearsal.cost, 0);
}

TEST(PlanInputsTest, ReferencesKeepTheirNumbersAndLengths)
{
    json pictures = json::array();
    for (int i = 0; i < 11; ++i) {
        pictures.push_back({{"name", "p" + std::to_string(i)}, {"image", "a.jpg"}});
    }
    EXPECT_EQ(refused_by_kling4(references(pictures)),
              "shot 'cup': kling-v4 takes at most 10 pictures as references, found 11");
    EXPECT_EQ(refused_by_kling4(references({{{"name", "mug"}, {"sound", "speech.mp3"}}})),
              "shot 'cup': speech.mp3 lasts 4.0 s; kling-v4 takes 5 to 30 s: cut it");
    EXPECT_EQ(refused("kling", references({{{"name", "mug"}, {"clip", "ten.mp4"}}})),
              "shot 'cup': kling-v1-6 takes no references; provider wavespeed can with kling-v3-omni");
    json omni = references({{{"name", "mug"}, {"clip", "ten.mp4"}}});
    omni["model"] = "kling-v3-omni";
    EXPECT_EQ(refused("kling", omni),
              "shot 'cup': kling takes no film as a reference: omni-video takes films by an address of their own, and "
              "nothing is uploaded there; provider wavespeed can");
}

TEST(PlanInputsTest, AResolutionIsTheModeThatGivesIt)
{
    EXPECT_EQ(by_kling4({{"resolution", "1080p"}}).shots[0].shot.settings.mode, "pro");
    EXPECT_EQ(by_kling4({{"resolution", "4k"}}).size, (Size{3840, 2160}));
    EXPECT_EQ(refused("kling", {{"model", "kling-v2-6"}, {"resolution", "4k"}}), "shot 'cup': kling-v2-6 makes no 4k");
    EXPECT_EQ(by_kling4({{"image", nullptr}, {"aspect_ratio", "21:9"}}).size, (Size{1466, 628}));
}

/// From words or a first frame alone 5 or 10 s, with an end image anything from 3 to 10.
TEST(PlanInputsTest, LengthsDependOnWhatATakeIsMadeFrom)
{
    const json o1 = {{"model", "kling-video-o1"}};
    const auto with = [&](json more) {
        more.update(o1);
        return takes_of(one("wavespeed", more));
    };
    EXPECT_EQ(with({{"seconds", 7}}), "open 10");
    EXPECT_EQ(with({{"seconds", 7}, {"end_image", "b.jpg"}}), "open 7 end");
    EXPECT_EQ(with({{"seconds", 12}, {"end_image", "b.jpg"}}), "open 5, chain 7 end");
    EXPECT_EQ(with({{"seconds", 7}, {"image", nullptr}}), "open 10");
}

TEST(PlanInputsTest, KlingFourGrowsByExtensionsOfAnyLength)
{
    EXPECT_EQ(takes_of(by_kling4({{"seconds", 30}})), "open 30");
    EXPECT_EQ(takes_of(by_kling4({{"seconds", 60}})), "open 30, extend 30");
    EXPECT_EQ(takes_of(by_kling4({{"seconds", 32}})), "open 29, extend 3");
    EXPECT_TRUE(notes(by_kling4({{"seconds", 60}}), "grows by kling-v4's extend call, which is smoother than going on "
                                                    "from a last frame and costs the same"));
    EXPECT_EQ(takes_of(by_kling4({{"seconds", 60}, {"end_image", "b.jpg"}})), "open 30, extend 30 end");
    EXPECT_EQ(takes_of(by_kling4({{"seconds", 60}, {"continue", "last-frame"}})), "open 30, chain 30");
    EXPECT_EQ(takes_of(by_kling4({{"seconds", 70}})), "open 30, chain 30, chain 10")
        << "no film longer is sure to extend";
    EXPECT_EQ(takes_of(by_kling4({{"seconds", 60}, {"sound", true}})), "open 30, extend 30") << "it always sounds";
}

TEST(PlanInputsTest, ModelsThatWereToGoAreNamedWithTheirSuccessors)
{
    EXPECT_TRUE(notes(one("kling", {{"model", "kling-v1-6"}}),
                      "kling-v1-6 was to be retired on 2026-09-15; kling may refuse it: kling-v2-6 is its successor"));
    EXPECT_FALSE(notes(one("kling", {{"model", "kling-v2-6"}}), "retired"));
    for (const auto& [name, provider] : catalog().providers) {
        EXPECT_FALSE(catalog().model(name, "").retirement) << name << "'s default";
    }
}

} // namespace
} // namespace longtake
