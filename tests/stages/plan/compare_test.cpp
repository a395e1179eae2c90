#include "stages/plan/compare.h"

#include "tests/stages/plan/planned.h"

namespace longtake {
namespace {

using namespace test;

stages::Comparison compared(const json& shot, const std::string& provider = "kling")
{
    json whole = {{"image", "a.jpg"}, {"prompt", "p"}, {"seconds", 5}};
    whole.merge_patch(shot.is_null() ? json::object() : shot);
    const json board = {{"schema", "longtake/storyboard/1"}, {"provider", provider}, {"shots", {whole}}};
    return stages::compare(storyboard_from_json(board, "/f", "test"), catalog(), facts());
}

const stages::Offer& offer(const stages::Comparison& all, const std::string& provider, const std::string& model,
                           const std::string& mode)
{
    const auto found = std::find_if(all.offers.begin(), all.offers.end(), [&](const stages::Offer& offer) {
        return offer.provider == provider && offer.model == model && offer.mode == mode;
    });
    EXPECT_NE(found, all.offers.end()) << provider << ' ' << model << ' ' << mode;
    static const stages::Offer none;
    return found == all.offers.end() ? none : *found;
}

using Words = std::vector<std::string>;

TEST(CompareTest, TheCheapestIsFirstAndTheUnknownLast)
{
    const stages::Comparison all = compared({});
    ASSERT_GT(all.offers.size(), 20U);
    EXPECT_EQ(*all.offers.front().cost, 5 * 0.028) << "kling-v1 in mode std";
    const auto unknown = std::find_if(all.offers.begin(), all.offers.end(), [](const auto& o) { return !o.cost; });
    EXPECT_TRUE(std::all_of(unknown, all.offers.end(), [](const auto& o) { return !o.cost; }));
    EXPECT_TRUE(
        std::is_sorted(all.offers.begin(), unknown, [](const auto& a, const auto& b) { return *a.cost < *b.cost; }));
    EXPECT_EQ(*offer(all, "wavespeed", "kling-v4", "pro").cost, 5 * 0.235);
    EXPECT_EQ(offer(all, "wavespeed", "kling-v4", "pro").size, (Size{1920, 1080}));
}

TEST(CompareTest, WhatIsLostIsNamed)
{
    const stages::Comparison all =
        compared({{"model", "kling-v2-6"}, {"mode", "pro"}, {"sound", true}, {"negative_prompt", "blur"}});
    EXPECT_EQ(offer(all, "kling", "kling-v2-6", "pro").loses, Words{});
    EXPECT_EQ(offer(all, "kling", "kling-v2-6", "std").loses, (Words{"sound", "1080p"}));
    EXPECT_EQ(offer(all, "kling", "kling-v1-6", "std").loses, (Words{"sound", "1080p", "retired"}));
    EXPECT_EQ(offer(all, "wavespeed", "kling-v4", "pro").loses, Words{"negative_prompt"});
    EXPECT_EQ(offer(all, "newapi", "kling-v3", "pro").loses, Words{"sound"});
}

TEST(CompareTest, ACameraMoveCanBeLeftToTheWords)
{
    const stages::Comparison all = compared({{"camera", {{"zoom", 3}}}, {"model", "kling-v1-5"}, {"mode", "pro"}});
    EXPECT_EQ(offer(all, "kling", "kling-v1-5", "pro").loses, Words{"retired"});
    EXPECT_EQ(offer(all, "kling", "kling-v3", "pro").loses, Words{"camera"});
    EXPECT_EQ(offer(all, "wavespeed", "kling-v4", "std").loses, (Words{"camera", "1080p"}));
}

TEST(CompareTest, AShotThatGrowsLosesItsExtensionsWhereThereAreNone)
{
    const stages::Comparison all = compared({{"seconds", 40}, {"model", "kling-v4"}}, "wavespeed");
    EXPECT_EQ(offer(all, "wavespeed", "kling-v4", "std").loses, Words{});
    EXPECT_EQ(offer(all, "wavespeed", "kling-v4", "std").takes, 2U);
    EXPECT_EQ(offer(all, "wavespeed", "kling-v3", "std").loses, Words{"extend"});
}

TEST(CompareTest, WhoCannotAtAllIsNamedWithTheReason)
{
    const stages::Comparison all = compared({{"image", nullptr}, {"seconds", nullptr}, {"edit", "ten.mp4"}});
    const auto dmx = std::find_if(all.others.begin(), all.others.end(),
                                  [](const stages::NoOffer& other) { return other.provider == "dmxapi"; });
    ASSERT_NE(dmx, all.others.end());
    EXPECT_NE(dmx->reason.find("dmxapi changes no films"), std::string::npos) << dmx->reason;
    for (const stages::Offer& one : all.offers) {
        EXPECT_EQ(one.provider, "wavespeed");
    }
}

} // namespace
} // namespace longtake
