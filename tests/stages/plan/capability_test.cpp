#include "tests/stages/plan/planned.h"

#include <map>
#include <regex>

namespace longtake {
namespace {

using namespace test;

/// What a shot asks for, laid over a picture of 5 s with a prompt. Null takes a key away.
const json& asking(const std::string& feature)
{
    static const std::map<std::string, json> shots = {
        {"picture", {{"seconds", 5}}},
        {"prompt", {{"image", nullptr}}},
        {"end frame", {{"end_image", "b.jpg"}}},
        {"camera", {{"camera", {{"zoom", 3}}}}},
        {"named camera from text", {{"image", nullptr}, {"camera", {{"type", "forward_up"}}}}},
        {"camera from text", {{"image", nullptr}, {"camera", {{"zoom", 3}}}}},
        {"motion brush", {{"static_mask", "m.png"}}},
        {"extend", {{"seconds", 25}, {"continue", "extend"}}},
        {"sound", {{"sound", true}}},
        {"sound and end frame", {{"sound", true}, {"end_image", "b.jpg"}}},
        {"voices", {{"sound", true}, {"voices", {"v"}}}},
        {"voices from text", {{"image", nullptr}, {"sound", true}, {"voices", {"v"}}}},
        {"multi-image", {{"image", nullptr}, {"images", {"a.jpg", "b.jpg"}}}},
        {"multi-shot",
         {{"prompt", nullptr},
          {"seconds", nullptr},
          {"multi_shot", {{{"prompt", "p"}, {"seconds", 3}}, {{"prompt", "q"}, {"seconds", 2}}}}}},
        {"effect", {{"prompt", nullptr}, {"effect", "x"}}},
        {"effect of two", {{"prompt", nullptr}, {"image", nullptr}, {"images", {"a.jpg", "b.jpg"}}, {"effect", "x"}}},
        {"lip-sync", {{"lip_sync", {{"text", "Hello"}, {"voice", "v"}}}}},
        {"keyframes", {{"keyframes", {"b.jpg", "a.jpg"}}}},
        {"references", {{"image", nullptr}, {"references", {{{"name", "mug"}, {"image", "a.jpg"}}}}}},
        {"film reference", {{"image", nullptr}, {"references", {{{"name", "walk"}, {"clip", "ten.mp4"}}}}}},
        {"sound reference", {{"image", nullptr}, {"references", {{{"name", "tune"}, {"sound", "tune.mp3"}}}}}},
        {"edit", {{"image", nullptr}, {"seconds", nullptr}, {"edit", "ten.mp4"}}},
        {"hdr", {{"hdr", true}}},
        {"21:9", {{"image", nullptr}, {"aspect_ratio", "21:9"}}},
        {"7 s", {{"seconds", 7}}},
        {"7 s and end frame", {{"seconds", 7}, {"end_image", "b.jpg"}}},
        {"negative prompt", {{"negative_prompt", "blur"}}},
        {"watermark", {{"watermark", true}}},
        {"callback", {{"callback_url", "https://example.com/done"}}},
    };
    return shots.at(feature);
}

/// The shot as "kling-v1-5 can in mode pro" or "provider kling can with kling-v1-5" would have it; null if nothing is
/// said.
json as_advised(const std::string& refusal, json shot, std::string& provider)
{
    static const std::regex advice(
        R"(; (?:provider (\S+) can(?: with (\S+))?|(\S+) can)(?: in mode (\w+))?(?:, or .*)?$)");
    std::smatch said;
    if (!std::regex_search(refusal, said, advice)) {
        return nullptr;
    }
    if (said[1].matched) {
        provider = said[1];
    }
    for (const auto& model : {said[2], said[3]}) {
        if (model.matched) {
            shot["model"] = model.str();
        }
    }
    if (said[4].matched) {
        shot["mode"] = said[4].str();
    }
    return shot;
}

/// Plans the shot; a refusal's advice, if it gives any, must be good.
void expect(const std::string& provider, json shot, bool allowed, const std::string& what)
{
    const std::string refusal = refused(provider, shot);
    EXPECT_EQ(refusal.empty(), allowed) << what << ": " << refusal;
    std::string other = provider;
    if (const json advised = as_advised(refusal, shot, other); !advised.is_null()) {
        EXPECT_EQ(refused(other, advised), "") << what << ": " << refusal;
    } else if (!refusal.empty()) {
        ADD_FAILURE() << what << " names nobody who can: " << refusal;
    }
}

struct ModelRow {
    const char* model;
    const char* mode;
    const char* can;
    const char* cannot;
};

/// The vendor's capability maps (V1 to V2.6: 2025-12; 2.5 Turbo to 3.x: 2026-05).
const ModelRow k_models[] = {
    {"kling-v1", "std",
     "picture, prompt, end frame, camera from text, named camera from text, motion brush, extend, effect of two",
     "camera, sound, voices, multi-image, multi-shot, effect"},
    {"kling-v1", "pro", "picture, prompt, end frame, motion brush, extend, effect of two",
     "camera, camera from text, sound, voices, multi-image, multi-shot, effect"},
    {"kling-v1-5", "std", "picture, extend, effect of two",
     "prompt, end frame, camera, camera from text, motion brush, sound, voices, multi-image, multi-shot, effect"},
    {"kling-v1-5", "pro", "picture, end frame, camera, motion brush, extend, effect of two",
     "prompt, sound, voices, multi-image, multi-shot, effect"},
    {"kling-v1-6", "std", "picture, prompt, extend, multi-image, effect, effect of two",
     "end frame, camera, camera from text, motion brush, sound, voices, multi-shot"},
    {"kling-v1-6", "pro", "picture, prompt, end frame, extend, multi-image, effect, effect of two",
     "camera, motion brush, sound, voices, multi-shot"},
    {"kling-v2-master", "std", "picture, prompt",
     "end frame, camera, motion brush, extend, sound, voices, multi-image, multi-shot, effect"},
    {"kling-v2-master", "pro", "", "picture, prompt"},
    {"kling-v2-1", "std", "picture", "prompt, end frame, camera, motion brush, extend, sound, multi-image, effect"},
    {"kling-v2-1", "pro", "picture, end frame", "prompt, camera, motion brush, extend, sound, multi-image, effect"},
    {"kling-v2-1-master", "std", "picture, prompt",
     "end frame, camera, motion brush, extend, sound, multi-image, multi-shot, effect"},
    {"kling-v2-5-turbo", "std", "picture, prompt", "end frame, camera, motion brush, extend, sound, multi-image"},
    {"kling-v2-5-turbo", "pro", "picture, prompt, end frame", "camera, motion brush, extend, sound, multi-image"},
    {"kling-v2-6", "std", "picture, prompt", "end frame, camera, motion brush, extend, sound, voices, multi-shot"},
    {"kling-v2-6", "pro", "picture, prompt, end frame, sound, voices",
     "sound and end frame, voices from text, camera, motion brush, extend, multi-image, multi-shot"},
    {"kling-v3", "std", "picture, prompt, end frame, sound, sound and end frame, voices, voices from text, multi-shot",
     "camera, motion brush, extend, multi-image, effect"},
    {"kling-v3", "pro", "picture, prompt, end frame, sound, voices, multi-shot",
     "camera, motion brush, extend, multi-image, effect"},
    {"kling-v3", "4k", "picture, prompt, end frame, sound, multi-shot",
     "voices, camera, motion brush, extend, multi-image, effect, lip-sync"},
    {"kling-3.0-turbo", "std", "picture, prompt, sound, multi-shot",
     "end frame, voices, camera, motion brush, extend, multi-image, effect, negative prompt"},
    {"kling-video-o1", "std", "picture, prompt, end frame, references, 7 s and end frame",
     "sound, voices, camera, film reference, edit, negative prompt, keyframes, hdr, 21:9, multi-shot"},
    {"kling-v3-omni", "pro", "picture, prompt, end frame, references, sound, multi-shot, 7 s",
     "voices, camera, film reference, edit, negative prompt, keyframes, hdr, 21:9"},
    {"kling-3.0-turbo", "4k", "", "picture, prompt"},
};

std::vector<std::string> words(const std::string& list)
{
    std::vector<std::string> all;
    for (std::size_t from = 0; from < list.size();) {
        const std::size_t comma = std::min(list.find(", ", from), list.size());
        all.push_back(list.substr(from, comma - from));
        from = comma + 2;
    }
    return all;
}

TEST(CapabilityTest, EveryModelDoesWhatTheVendorsMapSaysAndNothingElse)
{
    for (const ModelRow& row : k_models) {
        for (const bool allowed : {true, false}) {
            for (const std::string& feature : words(allowed ? row.can : row.cannot)) {
                json shot = asking(feature);
                shot["model"] = row.model;
                shot["mode"] = row.mode;
                expect("kling", shot, allowed, std::string(row.model) + ' ' + row.mode + ' ' + feature);
            }
        }
    }
}

TEST(CapabilityTest, WavespeedSellsWhatItsPagesSayOfTheModelsOfTheYear)
{
    const ModelRow k_rows[] = {
        {"kling-v4", "std",
         "picture, prompt, end frame, keyframes, references, film reference, sound reference, edit, extend, sound, "
         "21:9, 7 s",
         "hdr, negative prompt, voices, multi-shot"},
        {"kling-v4", "pro", "picture, hdr, keyframes, references, edit, extend", "negative prompt"},
        {"kling-v4", "4k", "picture, prompt, hdr, references", "voices"},
        {"kling-v3-omni", "std", "picture, prompt, end frame, references, film reference, edit, sound, multi-shot",
         "keyframes, sound reference, negative prompt, 21:9, hdr"},
        {"kling-v3-omni", "4k", "picture, prompt, references", "edit, negative prompt"},
        {"kling-3.0-turbo", "pro", "picture, prompt, sound, multi-shot",
         "end frame, references, negative prompt, edit"},
        {"kling-video-o1", "std", "picture, end frame, edit, 7 s and end frame", "references, negative prompt, sound"},
        {"kling-v2-6", "std", "picture, prompt", "end frame, sound"},
        {"kling-v2-6", "pro", "end frame, sound, voices", "sound and end frame"},
    };
    for (const ModelRow& row : k_rows) {
        for (const bool allowed : {true, false}) {
            for (const std::string& feature : words(allowed ? row.can : row.cannot)) {
                json shot = asking(feature);
                shot["model"] = row.model;
                shot["mode"] = row.mode;
                expect("wavespeed", shot, allowed, std::string(row.model) + ' ' + row.mode + ' ' + feature);
            }
        }
    }
}

/// For each surface the models it is asked with, so that the surface alone decides.
const json& cast_for(const std::string& feature)
{
    static const json v1_pro = {{"model", "kling-v1-5"}, {"mode", "pro"}};
    static const json v3 = {{"model", "kling-v3"}, {"mode", "pro"}};
    static const json v26 = {{"model", "kling-v2-6"}, {"mode", "pro"}};
    static const json v16_pro = {{"model", "kling-v1-6"}, {"mode", "pro"}};
    static const json v16 = {{"model", "kling-v1-6"}, {"mode", "std"}};
    return feature == "camera" || feature == "motion brush" ? v1_pro
           : feature == "multi-shot"                        ? v3
           : feature == "sound" || feature == "voices"      ? v26
           : feature == "end frame"                         ? v16_pro
                                                            : v16;
}

struct SurfaceRow {
    const char* provider;
    const char* can;
    const char* cannot;
};

const SurfaceRow k_surfaces[] = {
    {"kling",
     "picture, prompt, end frame, camera, motion brush, multi-image, extend, lip-sync, effect, effect of two, sound, "
     "voices, multi-shot, watermark, callback",
     ""},
    {"wavespeed", "picture, prompt, end frame, multi-image, lip-sync, effect, sound, voices, multi-shot, callback",
     "camera, motion brush, extend, effect of two, watermark"},
    {"302ai", "picture, prompt, end frame, multi-image, extend, callback",
     "camera, motion brush, lip-sync, effect, effect of two, watermark"},
    {"newapi", "picture, prompt, end frame, camera, motion brush, callback",
     "multi-image, extend, lip-sync, effect, effect of two, voices, multi-shot, sound, watermark"},
    {"dmxapi", "picture, prompt, end frame, camera, motion brush, extend, lip-sync, multi-shot, callback",
     "multi-image, effect, effect of two, sound, voices, watermark"},
};

TEST(CapabilityTest, EverySurfaceSellsWhatItIsKnownToSellAndNothingElse)
{
    for (const SurfaceRow& row : k_surfaces) {
        for (const bool allowed : {true, false}) {
            for (const std::string& feature : words(allowed ? row.can : row.cannot)) {
                json shot = asking(feature);
                const bool sold = catalog().provider(row.provider).sells(cast_for(feature).at("model"));
                if (sold) {
                    shot.update(cast_for(feature));
                }
                expect(row.provider, shot, allowed, std::string(row.provider) + ' ' + feature);
            }
        }
    }
}

TEST(CapabilityTest, AGatewayThatPassesKlingsCallsThroughSellsWhatItsBodyCarriesAndNoMore)
{
    ModelCatalog passing = catalog();
    set_shape(passing.providers.at("newapi"), "passthrough");
    for (const char* feature : {"extend", "voices", "multi-shot", "sound", "watermark", "end frame", "camera"}) {
        json shot = asking(feature);
        shot.update(cast_for(feature));
        EXPECT_EQ(refused("newapi", shot, passing), "") << feature;
    }
    EXPECT_EQ(refused("newapi", asking("lip-sync"), passing),
              "shot 'cup': newapi lays no speech on lips: only some operators have that call; provider kling can");
    EXPECT_EQ(refused("newapi", asking("effect"), passing),
              "shot 'cup': newapi plays no effects: only some operators have that call; provider kling can");
}

TEST(CapabilityTest, ResellersHaveTheirOwnRoutes)
{
    EXPECT_EQ(refused("302ai", {{"sound", true}}), "") << "enable_audio";
    EXPECT_EQ(takes_of(one("302ai", {{"sound", true}, {"seconds", 12}})), "open 10, chain 5")
        << "its extension is silent";
    EXPECT_EQ(refused("302ai", {{"sound", true}, {"seconds", 12}, {"continue", "extend"}}),
              "shot 'cup': 302ai cannot extend kling-v1-6 with sound; use continue: auto or last-frame");
    EXPECT_EQ(refused("302ai", {{"sound", true}, {"image", nullptr}}),
              "shot 'cup': kling-v1-6 in mode std makes no sound; kling-v3 can");
    EXPECT_EQ(refused("302ai", {{"callback_url", "https://example.com/x"}, {"mode", "pro"}}),
              "shot 'cup': 302ai calls nobody back in mode pro; kling-v1-6 can in mode std");
    json images = asking("multi-image");
    images["mode"] = "pro";
    EXPECT_EQ(
        refused("302ai", images),
        "shot 'cup': 302ai does not sell kling-v1-6 in mode pro from several pictures; kling-v1-6 can in mode std");
    EXPECT_EQ(takes_of(one("302ai", {{"image", nullptr}, {"images", {"a.jpg"}}, {"seconds", 10}})), "open 5, chain 5")
        << "its reference pictures make 5 s";
    EXPECT_EQ(
        refused("wavespeed", {{"model", "kling-v3"}, {"sound", true}, {"voices", {"v"}}}),
        "shot 'cup': kling-v3 in mode std gives no voices from a picture on wavespeed; kling-v2-6 can in mode pro");
    EXPECT_EQ(refused("wavespeed", asking("effect of two")),
              "shot 'cup': wavespeed plays effects on one picture only; provider kling can");
}

/// Of its two ways to a take each lacks something.
TEST(CapabilityTest, DmxapiSellsOtherThingsForOtherModels)
{
    const auto asked = [](const char* model, json more) {
        more["model"] = model;
        return refused("dmxapi", more);
    };
    const json text = {{"image", nullptr}};
    const json loud = {{"image", nullptr}, {"sound", true}, {"mode", "pro"}};
    EXPECT_EQ(asked("kling-v2-6", text), "");
    EXPECT_EQ(asked("kling-v2-6", loud), "");
    EXPECT_EQ(asked("kling-v3", loud), "");
    EXPECT_EQ(asked("kling-v3", {{"sound", true}, {"end_image", "b.jpg"}, {"watermark", true}, {"mode", "4k"}}), "");
    EXPECT_EQ(takes_of(one("dmxapi", {{"model", nullptr}, {"seconds", 20}})), "open 15, chain 5")
        << "of kling-v3, the default";
    EXPECT_EQ(asked("kling-v2-6", {}),
              "shot 'cup': dmxapi does not sell kling-v2-6 in mode std from a picture: it takes pictures by public "
              "address only, and there is no upload; kling-v1 can");
    EXPECT_EQ(asked("kling-v2-6", {{"image", nullptr}, {"sound", true}}),
              "shot 'cup': kling-v2-6 in mode std makes no sound; kling-v2-6 can in mode pro");
    EXPECT_EQ(asked("kling-v2-6", {{"image", nullptr}, {"seconds", 20}}),
              "shot 'cup': 20 s need several takes, and kling-v2-6 cannot go on from a last frame on dmxapi; "
              "kling-v1 can, or make it shorter");
    EXPECT_EQ(asked("kling-v3", {{"callback_url", "https://example.com/done"}}),
              "shot 'cup': kling-v3 in mode std calls nobody back on dmxapi; kling-v1 can");
    EXPECT_EQ(asked("kling-v3", asking("lip-sync")),
              "shot 'cup': kling-v3 in mode std gets no speech laid on its lips on dmxapi; kling-v1 can");
    EXPECT_EQ(asked("kling-v1-6", {{"watermark", true}}),
              "shot 'cup': kling-v1-6 in mode std sets no watermark on dmxapi; kling-v3 can");
    EXPECT_EQ(asked("kling-v1-6", {{"sound", true}}),
              "shot 'cup': kling-v1-6 in mode std makes no sound; kling-v3 can");
    EXPECT_EQ(asked("kling-v3", {{"sound", true}, {"voices", {"v"}}}),
              "shot 'cup': dmxapi gives no voices: only its page for kling-v2-6 from a picture has them; "
              "provider kling can");
    EXPECT_EQ(asked("kling-v3", {{"prompt", ""}}),
              "shot 'cup': kling-v3 in mode std needs a prompt on dmxapi; add one");
    EXPECT_EQ(asked("kling-v1-6", {{"prompt", ""}}), "");
    EXPECT_EQ(asked("kling-v3", asking("multi-shot")), "");
    EXPECT_EQ(asked("kling-v1", {{"end_image", "b.jpg"}, {"seconds", 5}}), "");
    EXPECT_EQ(takes_of(one("dmxapi", {{"model", "kling-v1"}, {"end_image", "b.jpg"}, {"seconds", 10}})),
              "open 5, chain 5 end");
}

} // namespace
} // namespace longtake
