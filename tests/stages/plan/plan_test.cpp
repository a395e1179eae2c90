#include "tests/stages/plan/planned.h"

namespace longtake {
namespace {

using namespace test;

// Takes and their cost.

TEST(PlanTakesTest, ExtendsAnOpeningAtTheLeastItIsSureToAdd)
{
    const Plan plan = one("kling", {{"seconds", 25}, {"model", "kling-v1-6"}});
    EXPECT_EQ(takes_of(plan), "open 10, extend 5, extend 5, extend 5, extend 5");
    EXPECT_NEAR(*plan.cost, (10 + 4 * 5) * 0.056, 1e-9);
    EXPECT_DOUBLE_EQ(plan.shots[0].trimmed, 1);
    EXPECT_TRUE(notes(plan, "shot 'cup': 26 s of footage for 25 s: 1 s is trimmed"));
    EXPECT_EQ(plan.frames, 750);
    EXPECT_TRUE(plan.paid);
}

TEST(PlanTakesTest, PrefersTheFewestBilledSecondsThenTheFewestTakes)
{
    EXPECT_EQ(takes_of(one("kling", {{"seconds", 5}})), "open 5");
    EXPECT_EQ(takes_of(one("kling", {{"seconds", 9}})), "open 10"); // 5 + 4 costs as much in two takes
    EXPECT_EQ(takes_of(one("kling", {{"seconds", 10}})), "open 10");
    EXPECT_EQ(takes_of(one("kling", {{"seconds", 13}})), "open 10, extend 5");
    EXPECT_EQ(takes_of(one("kling", {{"seconds", 3}})), "open 5");
}

TEST(PlanTakesTest, ChainsLastFramesWhereThereIsNoExtension)
{
    EXPECT_EQ(takes_of(one("kling", {{"seconds", 25}, {"continue", "last-frame"}})), "open 10, chain 10, chain 5");
    EXPECT_EQ(takes_of(one("kling", {{"seconds", 25}, {"model", "kling-v2-master"}})), "open 10, chain 10, chain 5");
    EXPECT_EQ(takes_of(one("newapi", {{"seconds", 12}})), "open 10, chain 5");
    EXPECT_EQ(takes_of(one("wavespeed", {{"seconds", 12}})), "open 10, chain 5");
    EXPECT_EQ(takes_of(one("302ai", {{"seconds", 12}})), "open 10, extend 5");
    EXPECT_EQ(takes_of(one("302ai", {{"seconds", 12}, {"mode", "pro"}})), "open 10, chain 5");
    EXPECT_EQ(takes_of(one("dmxapi", {{"seconds", 12}, {"model", "kling-v1-5"}})), "open 10, chain 5");
}

TEST(PlanTakesTest, AGatewayThatPassesKlingsCallsThroughExtends)
{
    ModelCatalog passing = catalog();
    set_shape(passing.providers.at("newapi"), "passthrough");
    EXPECT_EQ(takes_of(one("newapi", {{"seconds", 12}}, passing)), "open 10, extend 5");
}

TEST(PlanTakesTest, SplitsARangeOfLengthsWithoutAShortRest)
{
    EXPECT_EQ(takes_of(one("kling", {{"seconds", 8}, {"model", "kling-v3"}})), "open 8");
    EXPECT_EQ(takes_of(one("kling", {{"seconds", 7.5}, {"model", "kling-v3"}})), "open 8");
    EXPECT_EQ(takes_of(one("kling", {{"seconds", 1}, {"model", "kling-v3"}})), "open 3");
    EXPECT_EQ(takes_of(one("kling", {{"seconds", 16}, {"model", "kling-v3"}})), "open 13, chain 3");
    EXPECT_EQ(takes_of(one("kling", {{"seconds", 45}, {"model", "kling-v3"}})), "open 15, chain 15, chain 15");
}

TEST(PlanTakesTest, TheLocalModelGivesExactlyWhatIsWantedForNothing)
{
    const Plan plan = one("local", {{"seconds", 25}});
    EXPECT_EQ(takes_of(plan), "open 10, extend 5, extend 5, extend 5");
    EXPECT_EQ(takes_of(one("local", {{"seconds", 12}})), "open 7, extend 5");
    EXPECT_EQ(takes_of(one("local", {{"seconds", 2.5}})), "open 2.5");
    EXPECT_EQ(takes_of(one("local", {{"seconds", 25}, {"continue", "last-frame"}})), "open 10, chain 10, chain 5");
    EXPECT_DOUBLE_EQ(*plan.cost, 0);
    EXPECT_TRUE(plan.notes.empty());
    EXPECT_FALSE(plan.paid);
    EXPECT_EQ(plan.shots[0].model, "local");
}

TEST(PlanTakesTest, ALocalTakeCoversAShotThatRoundsUpToAWholeFrame)
{
    const Plan plan = planned({{"shots",
                                {{{"image", "a.jpg"}, {"seconds", 0.51}},
                                 {{"image", "a.jpg"}, {"seconds", 0.51}},
                                 {{"image", "a.jpg"}, {"seconds", 0.53}}}}});
    for (const ShotPlan& shot : plan.shots) {
        EXPECT_GE(plan.rate.frames(shot.takes[0].seconds), shot.frames);
    }
}

TEST(PlanTakesTest, ARehearsalHasTheTimingOfItsModelAndNoCost)
{
    const Plan plan = one("local", {{"seconds", 25}, {"model", "kling-v1-6"}});
    EXPECT_EQ(takes_of(plan), "open 10, extend 5, extend 5, extend 5, extend 5");
    EXPECT_DOUBLE_EQ(*plan.cost, 0);
    EXPECT_EQ(takes_of(one("local", {{"seconds", 25}, {"model", "kling-v2-master"}})), "open 10, chain 10, chain 5");
}

TEST(PlanTakesTest, PromptsFollowTheTakes)
{
    const Plan plan = one("kling", {{"seconds", 20}, {"extend_prompts", {"one", "two"}}});
    std::vector<std::string> prompts;
    for (const PlannedTake& take : plan.shots[0].takes) {
        prompts.push_back(take.prompt);
    }
    EXPECT_EQ(prompts, (std::vector<std::string>{"p", "one", "two", "two"}));
    EXPECT_EQ(one("kling", {{"seconds", 14}}).shots[0].takes[1].prompt, "p");
}

TEST(PlanTakesTest, GrowsNoFurtherThanTheServiceAllows)
{
    EXPECT_EQ(one("kling", {{"seconds", 178}}).shots[0].takes.size(), 43U);
    EXPECT_NE(refused("kling", {{"seconds", 190}, {"continue", "extend"}})
                  .find("shot 'cup': kling-v1-6 grows to at most 180 s by extensions"),
              std::string::npos);
    EXPECT_EQ(one("kling", {{"seconds", 190}}).shots[0].takes[1].kind, PlannedTake::Kind::chain);
}

TEST(PlanTakesTest, RefusesToExtendWhereItCannotAndNamesWhatCan)
{
    EXPECT_EQ(refused("kling", {{"seconds", 25}, {"model", "kling-v2-master"}, {"continue", "extend"}}),
              "shot 'cup': kling cannot extend kling-v2-master; kling-v1 can, or use continue: auto or last-frame");
    EXPECT_EQ(refused("newapi", {{"seconds", 25}, {"continue", "extend"}}),
              "shot 'cup': newapi cannot extend kling-v1-6: only operators that pass Kling's own calls through do "
              "(providers.newapi.shape = passthrough); provider kling can, or use continue: auto or last-frame");
    EXPECT_EQ(takes_of(one("newapi", {{"seconds", 5}, {"continue", "extend"}})), "open 5");
}

// End images.

TEST(PlanEndImageTest, TheLastTakeArrives)
{
    const json shot = {{"end_image", "b.jpg"}, {"mode", "pro"}};
    json longer = shot;
    longer["seconds"] = 20;
    EXPECT_EQ(takes_of(one("kling", shot)), "open 5 end");
    EXPECT_EQ(takes_of(one("kling", longer)), "open 10, chain 10 end");
    longer["continue"] = "extend";
    EXPECT_EQ(refused("kling", longer), "shot 'cup': an extension cannot arrive at an end image; "
                                        "use continue: auto or last-frame, or a shot of one take");
}

TEST(PlanEndImageTest, TheLastTakeHasALengthThatCanArrive)
{
    EXPECT_EQ(takes_of(one("kling", {{"end_image", "b.jpg"}, {"model", "kling-v1"}, {"seconds", 10}})),
              "open 5, chain 5 end");
    EXPECT_EQ(takes_of(one("kling", {{"end_image", "b.jpg"}, {"model", "kling-v1"}, {"seconds", 15}})),
              "open 10, chain 5 end");
}

TEST(PlanEndImageTest, SaysThatATrimmedEndImageIsNotSeen)
{
    const Plan plan = one("kling", {{"end_image", "b.jpg"}, {"mode", "pro"}, {"seconds", 7}});
    EXPECT_EQ(takes_of(plan), "open 10 end");
    EXPECT_TRUE(notes(plan, "shot 'cup': the end image would be cut off; seconds 5 or 10 shows it"));
    EXPECT_FALSE(notes(one("kling", {{"end_image", "b.jpg"}, {"mode", "pro"}}), "cut off"));
}

TEST(PlanEndImageTest, IsRefusedWhereTheModelHasNone)
{
    EXPECT_EQ(refused("kling", {{"end_image", "b.jpg"}}),
              "shot 'cup': kling-v1-6 in mode std takes no end image; kling-v1-6 can in mode pro");
    EXPECT_EQ(refused("kling", {{"end_image", "b.jpg"}, {"model", "kling-v2-master"}}),
              "shot 'cup': kling-v2-master takes no end image; kling-v1 can");
    EXPECT_EQ(takes_of(one("wavespeed", {{"end_image", "b.jpg"}, {"model", "kling-v2-master"}})), "open 5 end");
    EXPECT_EQ(takes_of(one("wavespeed", {{"end_image", "b.jpg"}, {"model", "kling-v2-1"}, {"mode", "pro"}})),
              "open 5 end");
}

// Refusals.

TEST(PlanRefusalTest, CameraMovesNeedAModelThatTakesThemAndOneAxis)
{
    EXPECT_EQ(refused("kling", {{"camera", {{"zoom", 3}}}}),
              "shot 'cup': kling-v1-6 in mode std takes no camera moves; kling-v1-5 can in mode pro");
    EXPECT_EQ(refused("kling", {{"model", "kling-v1-5"}, {"mode", "pro"}, {"camera", {{"zoom", 3}, {"pan", 1}}}}),
              "shot 'cup': camera: a simple move has exactly one axis that is not 0, found pan, zoom");
    EXPECT_EQ(refused("kling", {{"model", "kling-v1-5"}, {"mode", "pro"}, {"camera", {{"type", "forward_up"}}}}),
              "shot 'cup': kling-v1-5 takes only camera moves of type simple");
    EXPECT_EQ(refused("wavespeed", {{"camera", {{"zoom", 3}}}}),
              "shot 'cup': wavespeed takes no camera moves; provider kling can with kling-v1-5 in mode pro");
    EXPECT_EQ(
        takes_of(one("kling", {{"model", "kling-v1-5"}, {"mode", "pro"}, {"seconds", 9}, {"camera", {{"zoom", 3}}}})),
        "open 5, extend 5"); // its camera moves last 5 s
}

TEST(PlanRefusalTest, ACameraThatMovesFromAPromptAloneIsNotChained)
{
    json shot = {{"image", nullptr}, {"model", "kling-v1"}, {"seconds", 9}, {"camera", {{"zoom", 3}}}};
    EXPECT_EQ(takes_of(one("kling", shot)), "open 5, extend 5");
    shot["continue"] = "last-frame";
    EXPECT_EQ(refused("kling", shot),
              "shot 'cup': kling-v1 moves its camera from a prompt alone, and the second take goes "
              "on from a picture; make it one take");
    shot["seconds"] = 5;
    EXPECT_EQ(takes_of(one("kling", shot)), "open 5");
}

TEST(PlanRefusalTest, LocalTakesAnyCameraMoveAndSaysWhatAPaidModelWouldNot)
{
    const Plan free = one("local", {{"camera", {{"zoom", 3}, {"pan", 1}}}, {"end_image", "b.jpg"}});
    EXPECT_EQ(takes_of(free), "open 5 end");
    EXPECT_TRUE(free.notes.empty());
    const Plan rehearsal = one("local", {{"model", "kling-v1-6"}, {"camera", {{"zoom", 3}}}});
    EXPECT_TRUE(notes(rehearsal, "shot 'cup': rehearsal only: kling-v1-6 in mode std takes no camera moves"));
}

TEST(PlanRefusalTest, ModesModelsKindsAndSound)
{
    EXPECT_EQ(refused("kling", {{"mode", "4k"}}),
              "shot 'cup': kling-v1-6 has no mode 4k (it has std, pro); kling-v1-6 can in mode std");
    EXPECT_NE(refused("dmxapi", {{"model", "kling-v2-1"}}).find("provider 'dmxapi' does not have model 'kling-v2-1'"),
              std::string::npos);
    EXPECT_EQ(refused("kling", {{"image", nullptr}, {"model", "kling-v1-5"}}),
              "shot 'cup': kling-v1-5 makes nothing from a prompt alone; kling-v1 can");
    EXPECT_EQ(refused("kling", {{"sound", true}}), "shot 'cup': kling-v1-6 in mode std makes no sound; kling-v3 can");
    EXPECT_EQ(
        refused("wavespeed", {{"image", nullptr}, {"mode", "pro"}, {"model", "kling-v1-6"}}),
        "shot 'cup': wavespeed does not sell kling-v1-6 in mode pro from a prompt alone; kling-v1-6 can in mode std");
    EXPECT_EQ(refused("wavespeed", {{"prompt", ""}}),
              "shot 'cup': kling-v1-6 in mode std needs a prompt on wavespeed; add one");
    EXPECT_EQ(refused("kling", {{"model", "kling-3.0-turbo"}, {"negative_prompt", "rain"}}),
              "shot 'cup': kling-3.0-turbo takes no negative_prompt; kling-v1 can");
    EXPECT_EQ(refused("local", {{"image", nullptr}}),
              "shot 'cup': local needs a picture; add an image or choose a paid provider");
}

TEST(PlanRefusalTest, MasksMixturesAndLongPrompts)
{
    EXPECT_EQ(refused("kling", {{"static_mask", "m.png"}}),
              "shot 'cup': kling-v1-6 in mode std takes no masks; kling-v1 can");
    EXPECT_EQ(takes_of(one("kling", {{"static_mask", "m.png"}, {"model", "kling-v1"}, {"seconds", 8}})),
              "open 5, extend 5");
    EXPECT_EQ(refused("kling", {{"static_mask", "m.png"}, {"model", "kling-v1"}, {"end_image", "b.jpg"}}),
              "shot 'cup': end_image and masks cannot go together; keep one");
    EXPECT_EQ(refused("kling", {{"prompt", std::string(2501, 'x')}}),
              "shot 'cup': a prompt of 2501 characters; kling-v1-6 takes at most 2500: shorten it");
    std::string umlauts;
    for (int i = 0; i < 2500; ++i) {
        umlauts += "ü";
    }
    EXPECT_EQ(refused("kling", {{"prompt", umlauts}}), "");
}

// Money.

TEST(PlanCostTest, AddsUpShotsAtTheirModelsAndModes)
{
    const Plan plan =
        planned({{"provider", "kling"},
                 {"shots",
                  {{{"image", "a.jpg"}, {"seconds", 5}},
                   {{"image", "a.jpg"}, {"seconds", 10}, {"mode", "pro"}},
                   {{"image", "a.jpg"}, {"seconds", 5}, {"model", "kling-v2-1-master"}},
                   {{"image", "a.jpg"}, {"seconds", 5}, {"model", "kling-v2-6"}, {"mode", "pro"}, {"sound", true}},
                   {{"card", {{"text", "End"}}}, {"seconds", 3}}}}});
    EXPECT_NEAR(*plan.cost, 0.21 + 0.70 + 1.40 + 0.70, 1e-9);
    const json cost = cost_json(plan);
    EXPECT_EQ(cost.dump(), R"({"amount":3.01,"currency":"USD","estimated":true,"priced_on":"2026-09-19"})");
}

TEST(PlanCostTest, WritesTakesAsTheContractSays)
{
    const Plan plan = one("kling", {{"seconds", 13}});
    EXPECT_EQ(
        takes_json(plan).dump(),
        R"([{"cost":0.56,"index":0,"kind":"open","model":"kling-v1-6","provider":"kling","seconds":10.0,"shot":"cup"},)"
        R"({"cost":0.28,"index":1,"kind":"extend","model":"kling-v1-6","provider":"kling","seconds":5.0,"shot":"cup"}])");
    EXPECT_EQ(cost_json(one("local", {})).at("estimated"), false);
    EXPECT_EQ(cost_json(one("local", {})).at("amount"), 0);
}

TEST(PlanCostTest, AnUnknownPriceIsNullAndSaysWhereItGoes)
{
    const Plan plan = one("newapi", {{"seconds", 25}});
    EXPECT_FALSE(plan.cost);
    EXPECT_TRUE(cost_json(plan).at("amount").is_null());
    EXPECT_TRUE(takes_json(plan)[0].at("cost").is_null());
    EXPECT_TRUE(notes(plan, "the price of kling-v1-6 in mode std on newapi is not known; set providers.newapi.prices"));
    ModelCatalog priced = catalog();
    set_prices(priced.providers.at("newapi"), {{"kling-v1-6", {{"std", 0.04}}}}, "test");
    EXPECT_NEAR(*one("newapi", {{"seconds", 5}}, priced).cost, 0.2, 1e-9);
}

} // namespace
} // namespace longtake
