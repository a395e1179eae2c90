#include "tests/app/paid_run.h"
#include "tests/support/clips.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longtake {
namespace {

using nlohmann::json;
using test::PaidRun;
using ::testing::HasSubstr;

/// A shot that a service's model makes, over a picture of 5 s; null takes a key away.
struct Ability {
    const char* name;
    const char* provider;
    const char* model;
    json shot;
    int frames; ///< of the film
    int takes = 1;
};

std::string coffee()
{
    return test::photo("coffee.png");
}

/// "FILM": a clip of six seconds that the test makes.
const std::vector<Ability>& abilities()
{
    static const std::vector<Ability> all = {
        {"Kling4FromText", "wavespeed", "kling-v4", {{"image", nullptr}, {"aspect_ratio", "21:9"}}, 120},
        {"Kling4Keyframes",
         "wavespeed",
         "kling-v4",
         {{"keyframes", {coffee(), coffee()}}, {"end_image", coffee()}, {"mode", "pro"}, {"hdr", true}},
         120},
        {"Kling4References",
         "wavespeed",
         "kling-v4",
         {{"image", nullptr},
          {"references", {{{"name", "mug"}, {"image", coffee()}}, {{"name", "walk"}, {"clip", "FILM"}}}}},
         120},
        {"Kling4Edit", "wavespeed", "kling-v4", {{"image", nullptr}, {"edit", "FILM"}, {"seconds", nullptr}}, 144},
        {"Kling4Extend", "wavespeed", "kling-v4", {{"seconds", 33}}, 792, 2},
        {"Kling4ExtendToAnEnd", "wavespeed", "kling-v4", {{"seconds", 33}, {"end_image", coffee()}}, 792, 2},
        {"OmniReferences",
         "wavespeed",
         "kling-v3-omni",
         {{"image", nullptr}, {"sound", true}, {"references", {{{"name", "mug"}, {"image", coffee()}}}}},
         120},
        {"OmniEdit", "wavespeed", "kling-v3-omni", {{"image", nullptr}, {"edit", "FILM"}, {"seconds", nullptr}}, 144},
        {"Turbo", "wavespeed", "kling-3.0-turbo", {{"seconds", 4}}, 96},
        {"O1SevenSecondsToAnEnd", "wavespeed", "kling-video-o1", {{"seconds", 7}, {"end_image", coffee()}}, 168},
        {"V26ToAnEnd", "wavespeed", "kling-v2-6", {{"mode", "pro"}, {"end_image", coffee()}}, 120},
        {"OfficialO1", "kling", "kling-video-o1", {{"seconds", 7}, {"end_image", coffee()}}, 168},
        {"OfficialOmniReferences",
         "kling",
         "kling-v3-omni",
         {{"image", nullptr}, {"sound", true}, {"references", {{{"name", "mug"}, {"image", coffee()}}}}},
         120},
        {"OfficialOmniShots",
         "kling",
         "kling-v3-omni",
         {{"image", nullptr},
          {"seconds", nullptr},
          {"multi_shot", {{{"prompt", "a"}, {"seconds", 2}}, {{"prompt", "b"}, {"seconds", 3}}}}},
         120},
        {"OfficialTurbo", "kling", "kling-3.0-turbo", {{"seconds", 4}}, 96},
        {"RelayedV26", "302ai", "kling-v2-6", {{"image", nullptr}, {"mode", "pro"}, {"sound", true}}, 120},
        {"RelayedV3Shots",
         "302ai",
         "kling-v3",
         {{"image", nullptr},
          {"seconds", nullptr},
          {"multi_shot", {{{"prompt", "a"}, {"seconds", 2}}, {{"prompt", "b"}, {"seconds", 3}}}}},
         120},
        {"V26OfItsOwn", "302ai", "kling-v2-6", {{"sound", true}}, 120},
        {"V21OfItsOwn", "302ai", "kling-v2-1", {{"mode", "pro"}, {"end_image", coffee()}, {"seconds", 10}}, 240},
        {"O3OfItsOwn", "302ai", "kling-v3-omni", {{"image", nullptr}, {"sound", true}}, 120},
    };
    return all;
}

class AbilityTest : public ::testing::TestWithParam<std::size_t> {
protected:
    static json with_film(json value, const std::string& film)
    {
        if (value == "FILM") {
            return film;
        }
        if (value.is_structured()) {
            for (json& member : value) {
                member = with_film(member, film);
            }
        }
        return value;
    }
};

TEST_P(AbilityTest, MakesACheckedFilmOnce)
{
    const Ability& ability = abilities()[GetParam()];
    PaidRun run(ability.provider);
    const auto film = run.folder() / "film.mp4";
    test::write_counting_clip(film, {.frames = 144, .size = {64, 36}, .rate = {24, 1}, .step = 1});
    json shot = {{"id", "cup"}, {"image", coffee()}, {"seconds", 5}};
    shot.merge_patch(with_film(ability.shot, film.string()));
    run.film({{"transition", {{"type", "cut"}}}, {"model", ability.model}}, {shot});

    EXPECT_EQ(run.run(), 0) << run.said();
    EXPECT_THAT(run.said(), HasSubstr(std::to_string(ability.frames) + " frames"));
    EXPECT_EQ(run.billed(), ability.takes);
    EXPECT_EQ(run.sandbox().state()["refused"], json::array());
    EXPECT_EQ(run.leaks(), 0);
    EXPECT_EQ(run.run(), 0) << run.said();
    EXPECT_EQ(run.billed(), ability.takes) << "again: nothing";
}

INSTANTIATE_TEST_SUITE_P(All, AbilityTest, ::testing::Range(std::size_t{0}, abilities().size()),
                         [](const auto& param) { return std::string(abilities()[param.param].name); });

/// The service answers the old film and the new part in one: what is shown of both is every frame once.
TEST(ExtensionTest, TheJoinedAnswerIsCutWhereTheOldFilmEnds)
{
    PaidRun run("wavespeed");
    run.film({{"transition", {{"type", "cut"}}}, {"model", "kling-v4"}},
             {{{"id", "walk"}, {"image", coffee()}, {"seconds", 60}}});
    EXPECT_EQ(run.run(), 0) << run.said();
    EXPECT_THAT(run.said(), HasSubstr("1440 frames"));
    EXPECT_EQ(run.said().find("does not show the end"), std::string::npos) << run.said();
    const json bills = run.sandbox().state()["bills"];
    ASSERT_EQ(bills.size(), 2U);
    for (const json& bill : bills) {
        EXPECT_NEAR(bill["amount"].get<double>(), 30 * 0.157, 1e-9) << "the new part alone";
    }
}

TEST(RetiredModelTest, ARefusalNamesTheSuccessor)
{
    PaidRun run;
    run.film(1);
    run.fault("code:1201");
    EXPECT_EQ(run.run(), 5) << run.said();
    EXPECT_THAT(run.said(), HasSubstr("kling-v1-6 was to be retired on 2026-09-15: its successor is kling-v2-6"));
    EXPECT_EQ(run.billed(), 0);
}

TEST(VanillaGatewayTest, SoundIsRefusedBeforePaying)
{
    PaidRun run("newapi");
    run.film({{"transition", {{"type", "cut"}}}, {"model", "kling-v2-6"}, {"mode", "pro"}},
             {{{"id", "cup"}, {"image", coffee()}, {"seconds", 5}, {"sound", true}}});
    EXPECT_EQ(run.run(), 2);
    EXPECT_THAT(run.said(), HasSubstr("drops the word for it and charges all the same"));
    EXPECT_EQ(run.requests(), 0);
}

} // namespace
} // namespace longtake
