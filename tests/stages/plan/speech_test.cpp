#include "tests/stages/plan/planned.h"

namespace longtake {
namespace {

using namespace test;

const json k_text = {{"text", "Hello"}, {"voice", "v"}};

/// A shot that speaks; `keys` are laid over it.
json speaking(const json& keys = json::object(), const json& speech = k_text)
{
    json shot = {{"lip_sync", speech}};
    shot.merge_patch(keys.is_null() ? json::object() : keys); // {} is null to json
    return shot;
}

// Effects, reference pictures and takes of several shots.

TEST(PlanSpecialTakesTest, AnEffectIsOneTakeAtItsOwnPrice)
{
    const json hug = {{"prompt", nullptr}, {"effect", "hug_pro"}};
    const Plan plan = one("kling", hug);
    EXPECT_EQ(takes_of(plan), "open 5");
    EXPECT_FALSE(plan.cost);
    EXPECT_TRUE(notes(plan, "the price of effect hug_pro on kling is not known; set providers.kling.prices to "
                            R"({"effect": {"hug_pro": USD}} a take)"));
    ModelCatalog priced = catalog();
    set_prices(priced.providers.at("kling"), {{"effect", {{"any", 0.28}}}}, "test");
    EXPECT_NEAR(*one("kling", hug, priced).cost, 0.28, 1e-9);
    json longer = hug;
    longer["seconds"] = 6;
    EXPECT_EQ(refused("kling", longer), "shot 'cup': an effect is one take of 5 s; make the shot no longer than that");
}

TEST(PlanSpecialTakesTest, ReferencePicturesOpenAShotThatGoesOnFromItsLastFrame)
{
    json shot = {{"image", nullptr}, {"images", {"tall.jpg", "b.jpg"}}, {"seconds", 12}};
    const Plan plan = one("kling", shot);
    EXPECT_EQ(takes_of(plan), "open 10, chain 5") << "what was made from several pictures cannot be extended";
    EXPECT_NEAR(*plan.cost, 15 * 0.056, 1e-9);
    EXPECT_EQ(plan.aspect_ratio, "9:16") << "the first picture's";
    shot["continue"] = "extend";
    EXPECT_EQ(refused("kling", shot),
              "shot 'cup': a take from several pictures cannot be extended; use continue: auto or last-frame");
    shot["prompt"] = "";
    shot["seconds"] = 5;
    EXPECT_EQ(refused("kling", shot), "shot 'cup': a take from several pictures needs a prompt; add one");
    EXPECT_EQ(refused("kling", {{"image", nullptr}, {"images", {"a.jpg"}}, {"camera", {{"zoom", 1}}}}),
              "shot 'cup': kling-v1-6 in mode std takes no camera moves");
}

json parts(const std::vector<int>& seconds)
{
    json list = json::array();
    for (const int part : seconds) {
        list.push_back({{"prompt", "p"}, {"seconds", part}});
    }
    return {{"prompt", nullptr}, {"seconds", nullptr}, {"model", "kling-v3"}, {"multi_shot", list}};
}

TEST(PlanSpecialTakesTest, SeveralShotsAreOneTakeOfTheirSum)
{
    const Plan plan = one("kling", parts({3, 5}));
    EXPECT_EQ(takes_of(plan), "open 8");
    EXPECT_NEAR(*plan.cost, 8 * 0.084, 1e-9);
    EXPECT_EQ(plan.frames, plan.rate.frames(8));
    EXPECT_EQ(takes_of(one("kling", parts({15}))), "open 15");
    EXPECT_EQ(refused("kling", parts({8, 8})),
              "shot 'cup': the parts of multi_shot last 16 s, and a take of kling-v3 lasts 3 to 15 s");
    EXPECT_EQ(refused("kling", parts({1, 1})),
              "shot 'cup': the parts of multi_shot last 2 s, and a take of kling-v3 lasts 3 to 15 s");
    json mixed = parts({5});
    mixed["camera"] = {{"zoom", 1}};
    EXPECT_EQ(refused("kling", mixed), "shot 'cup': camera and multi_shot cannot go together; keep one");
}

TEST(PlanSpecialTakesTest, NamedVoicesCostMore)
{
    const json keys = {{"model", "kling-v3"}, {"mode", "pro"}, {"seconds", 10}, {"sound", true}};
    json named = keys;
    named["voices"] = {"v1"};
    EXPECT_NEAR(*one("kling", keys).cost, 1.68, 1e-9);
    EXPECT_NEAR(*one("kling", named).cost, 1.96, 1e-9);
    EXPECT_TRUE(notes(one("wavespeed", {{"model", "kling-v2-6"}, {"mode", "pro"}, {"sound", true}, {"voices", {"v"}}}),
                      "the price of kling-v2-6 in mode pro with voices on wavespeed is not known; set "
                      R"(providers.wavespeed.prices to {"kling-v2-6": {"pro voice": USD}} a second)"));
}

TEST(PlanSpecialTakesTest, EffectsAndSpeechCarryNoWatermark)
{
    EXPECT_EQ(refused("kling", {{"prompt", nullptr}, {"effect", "x"}, {"watermark", true}}),
              "shot 'cup': an effect carries no watermark");
    EXPECT_EQ(refused("kling", speaking({{"watermark", true}})),
              "shot 'cup': a film with lip_sync carries no watermark");
}

// Speech.

TEST(PlanSpeechTest, IsATakeAfterTheShotsOwn)
{
    const Plan plan = one("kling", speaking({{"seconds", 10}}));
    EXPECT_EQ(takes_of(plan), "open 10, lip_sync 10");
    EXPECT_NEAR(*plan.cost, 10 * 0.056 + 0.14, 1e-9);
    EXPECT_DOUBLE_EQ(plan.shots[0].takes[1].guaranteed, 0);
    EXPECT_EQ(plan.shots[0].takes[1].prompt, "Hello");
    EXPECT_DOUBLE_EQ(plan.shots[0].trimmed, 0);
    EXPECT_EQ(takes_json(plan)[1].dump(),
              R"({"cost":0.14,"index":1,"kind":"lip_sync","model":"kling-v1-6","provider":"kling","seconds":10.0,)"
              R"("shot":"cup"})");
    EXPECT_NEAR(*one("kling", speaking()).cost, 0.28 + 0.07, 1e-9);
    EXPECT_NEAR(*one("kling", speaking({{"model", "kling-v3"}, {"seconds", 6}})).cost, 6 * 0.084 + 0.14, 1e-9);
}

TEST(PlanSpeechTest, TheTakeThatArrivesIsTheShotsOwn)
{
    EXPECT_EQ(takes_of(one("kling", speaking({{"end_image", "b.jpg"}, {"mode", "pro"}}))), "open 5 end, lip_sync 5");
}

TEST(PlanSpeechTest, NeedsAFilmOfOneTakeAndOfAFittingLength)
{
    EXPECT_EQ(
        refused("kling", speaking({{"seconds", 12}})),
        "shot 'cup': lip_sync: kling lays speech on the film of one take, and this shot has 2; make it short enough "
        "for one, or split it");
    EXPECT_EQ(
        refused("kling", speaking({{"seconds", 12}, {"continue", "last-frame"}})),
        "shot 'cup': lip_sync: kling lays speech on the film of one take, and this shot has 2; make it short enough "
        "for one, or split it");
    EXPECT_EQ(refused("kling", speaking({{"seconds", 12}, {"model", "kling-v3"}})),
              "shot 'cup': lip_sync: kling lays speech on films of 2 to 10 s, and this one lasts 12 s");
    EXPECT_EQ(
        refused("kling", speaking({{"model", "kling-v3"}, {"mode", "4k"}})),
        "shot 'cup': kling lays speech on films of at most 1920 pixels a side, and kling-v3 in mode 4k is 3840x2160; "
        "kling-v3 can in mode std");
}

TEST(PlanSpeechTest, AnExtendedFilmWillDoWhereTheSurfaceTakesIt)
{
    ModelCatalog newer = catalog();
    newer.providers.at("kling").lip_sync->max_extended = 60;
    EXPECT_EQ(takes_of(one("kling", speaking({{"seconds", 12}}), newer)), "open 10, extend 5, lip_sync 15");
    EXPECT_EQ(refused("kling", speaking({{"seconds", 70}}), newer),
              "shot 'cup': lip_sync: kling lays speech on films of 2 to 60 s, and this one lasts 85 s");
    EXPECT_NE(refused("kling", speaking({{"seconds", 12}, {"continue", "last-frame"}}), newer), "");
}

TEST(PlanSpeechTest, ARecordingHasAFormatASizeAndALength)
{
    EXPECT_EQ(takes_of(one("kling", speaking({}, {{"audio", "speech.mp3"}}))), "open 5, lip_sync 5");
    EXPECT_EQ(refused("kling", speaking({}, {{"audio", "speech.ogg"}})),
              "shot 'cup': lip_sync: speech.ogg is none of the formats kling takes: mp3, wav, m4a, aac");
    EXPECT_EQ(refused("kling", speaking({}, {{"audio", "sermon.wav"}})),
              "shot 'cup': lip_sync: sermon.wav has 5.2 MB, and kling takes at most 5 MB");
    EXPECT_TRUE(notes(one("kling", speaking({{"seconds", 3}}, {{"audio", "speech.mp3"}})),
                      "shot 'cup': speech.mp3 lasts 4.0 s, the shot 3 s: the rest is not heard"));
}

TEST(PlanSpeechTest, AnUnknownPriceIsNamed)
{
    const Plan plan = one("wavespeed", speaking({{"model", "kling-v2-master"}}));
    EXPECT_FALSE(plan.cost);
    EXPECT_TRUE(notes(plan, "the price of lip-sync on wavespeed is not known; set providers.wavespeed.prices to "
                            R"({"lip_sync": {"per_5s": USD}} for each 5 s begun)"));
    EXPECT_FALSE(notes(plan, "the price of kling-v2-master"));
}

TEST(PlanSpeechTest, ARehearsalShowsNoneAndSaysSo)
{
    const Plan plan = one("local", speaking());
    EXPECT_EQ(takes_of(plan), "open 5");
    EXPECT_TRUE(notes(plan, "shot 'cup': rehearsal only: local lays no speech on lips"));
    const Plan effect =
        one("local", {{"image", nullptr}, {"prompt", nullptr}, {"images", {"a.jpg", "b.jpg"}}, {"effect", "x"}});
    EXPECT_TRUE(notes(effect, "rehearsal only: local plays no effect, it shows the picture"));
    EXPECT_TRUE(notes(effect, "rehearsal only: local shows the first of its images"));
    EXPECT_TRUE(notes(one("local", {{"image", "a.jpg"},
                                    {"prompt", nullptr},
                                    {"seconds", nullptr},
                                    {"multi_shot", {{{"prompt", "p"}, {"seconds", 4}}}}}),
                      "rehearsal only: local shows one move for all parts of multi_shot"));
}

} // namespace
} // namespace longtake
