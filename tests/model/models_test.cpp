#include "pipeline/model/models.h"

#include "pipeline/base/error.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

namespace longtake {
namespace {

using test::TempDir;

namespace fs = std::filesystem;

const ModelCatalog& catalog()
{
    static const ModelCatalog loaded = load_models({fs::path(LONGTAKE_SOURCE_DIR) / "presets"});
    return loaded;
}

std::optional<double> price(const std::string& provider, const std::string& model, const std::string& mode,
                            double seconds, Sound sound = Sound::silent)
{
    const ProviderFacts& facts = catalog().provider(provider);
    const auto rate = catalog().price(facts, catalog().model(provider, model), mode, sound);
    return rate ? std::optional(*rate * seconds) : std::nullopt;
}

std::string complaint(const std::string& provider, const std::string& model)
{
    try {
        (void)catalog().model(provider, model);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::usage);
        return error.what();
    }
    return {};
}

TEST(ModelCatalogTest, KnowsEveryProviderOfTheContract)
{
    for (const char* name : {"local", "kling", "newapi", "dmxapi", "wavespeed", "302ai"}) {
        const ProviderFacts& provider = catalog().provider(name);
        EXPECT_FALSE(provider.source.empty()) << name;
        EXPECT_EQ(provider.checked, std::string(name) == "local" ? "2026-11-21" : "2026-11-29") << name;
        EXPECT_NO_THROW((void)catalog().model(name, "")) << name;
        EXPECT_EQ(provider.paid, std::string(name) != "local");
        EXPECT_EQ(provider.keys.empty(), std::string(name) == "local");
    }
    EXPECT_EQ(catalog().priced_on, "2026-09-19");
}

TEST(ModelCatalogTest, EveryModelSaysWhereItsFactsComeFrom)
{
    for (const auto& [name, model] : catalog().models) {
        for (const char* group : {"output", "features", "price"}) {
            EXPECT_FALSE(model.facts.at(group).at("source").get<std::string>().empty()) << name;
        }
        for (const std::string& mode : model.modes) {
            EXPECT_TRUE(model.size.contains(mode)) << name << ' ' << mode;
        }
    }
}

TEST(ModelCatalogTest, ChargesTheListOfSeptember2026)
{
    EXPECT_NEAR(*price("kling", "kling-v1-6", "std", 5), 0.28, 1e-9);
    EXPECT_NEAR(*price("kling", "kling-v1-6", "pro", 10), 0.98, 1e-9);
    EXPECT_NEAR(*price("kling", "kling-v2-1-master", "std", 5), 1.40, 1e-9);
    EXPECT_NEAR(*price("kling", "kling-v1", "std", 1), 0.028, 1e-9);
    EXPECT_NEAR(*price("kling", "kling-v1", "pro", 1), 0.098, 1e-9);
    EXPECT_NEAR(*price("kling", "kling-v1-5", "std", 1), 0.056, 1e-9);
    EXPECT_NEAR(*price("kling", "kling-v2-master", "std", 1), 0.28, 1e-9);
    EXPECT_NEAR(*price("kling", "kling-v2-1", "pro", 1), 0.098, 1e-9);
    EXPECT_NEAR(*price("kling", "kling-v2-5-turbo", "std", 1), 0.042, 1e-9);
    EXPECT_NEAR(*price("kling", "kling-v2-6", "pro", 1), 0.07, 1e-9);
    EXPECT_NEAR(*price("kling", "kling-v2-6", "pro", 1, Sound::on), 0.14, 1e-9);
    EXPECT_NEAR(*price("kling", "kling-v3", "std", 1, Sound::on), 0.126, 1e-9);
    EXPECT_NEAR(*price("kling", "kling-v3", "4k", 1), 0.42, 1e-9);
    EXPECT_FALSE(price("kling", "kling-v2-6", "std", 1, Sound::on));
    EXPECT_NEAR(*price("kling", "kling-v2-6", "pro", 1, Sound::voices), 0.168, 1e-9);
    EXPECT_NEAR(*price("kling", "kling-v3", "std", 1, Sound::voices), 0.154, 1e-9);
    EXPECT_NEAR(*price("kling", "kling-v3", "pro", 10, Sound::voices), 1.96, 1e-9);
    EXPECT_FALSE(price("kling", "kling-v3", "4k", 1, Sound::voices));
    EXPECT_NEAR(*price("kling", "kling-3.0-turbo", "pro", 1, Sound::on), 0.14, 1e-9) << "its sound is in the price";
    EXPECT_NEAR(*catalog().models.at("kling-3.0-turbo").list_price("std", Sound::on), 0.112, 1e-9);
    EXPECT_NEAR(*catalog().models.at("kling-video-o1").list_price("pro"), 0.112, 1e-9);
    EXPECT_NEAR(*catalog().models.at("kling-v3-omni").list_price("pro", Sound::on), 0.14, 1e-9);
}

TEST(ModelCatalogTest, ChargesResellersOwnPricesAndAdmitsTheUnknown)
{
    EXPECT_NEAR(*price("wavespeed", "kling-v2-master", "std", 5), 1.30, 1e-9);
    EXPECT_NEAR(*price("wavespeed", "kling-v4", "std", 5), 0.785, 1e-9);
    EXPECT_NEAR(*price("302ai", "kling-v1-6", "pro", 10), 1.0, 1e-9);
    EXPECT_FALSE(price("wavespeed", "kling-v1-6", "std", 5));
    EXPECT_FALSE(price("302ai", "kling-v1-6", "std", 5));
    EXPECT_FALSE(price("newapi", "kling-v1-6", "std", 5));
    EXPECT_DOUBLE_EQ(*price("local", "kling-v3", "4k", 10), 0);
}

TEST(ProviderFactsTest, ChargesSpeechForEveryFiveSecondsBegun)
{
    const ProviderFacts& kling = catalog().provider("kling");
    EXPECT_NEAR(*kling.lip_sync_price(2), 0.07, 1e-9);
    EXPECT_NEAR(*kling.lip_sync_price(5), 0.07, 1e-9);
    EXPECT_NEAR(*kling.lip_sync_price(6), 0.14, 1e-9);
    EXPECT_NEAR(*kling.lip_sync_price(10), 0.14, 1e-9);
    EXPECT_FALSE(catalog().provider("wavespeed").lip_sync_price(5));
    EXPECT_DOUBLE_EQ(*catalog().provider("local").lip_sync_price(5), 0);
}

TEST(ProviderFactsTest, ChargesEffectsByTheirSceneWhenToldHow)
{
    ProviderFacts kling = catalog().provider("kling");
    EXPECT_FALSE(kling.effect_price("hug_pro"));
    set_prices(kling, {{"effect", {{"any", 0.28}, {"kiss_pro", 0.5}}}}, "longtake.json");
    EXPECT_DOUBLE_EQ(*kling.effect_price("hug_pro"), 0.28);
    EXPECT_DOUBLE_EQ(*kling.effect_price("kiss_pro"), 0.5);
    EXPECT_DOUBLE_EQ(*catalog().provider("local").effect_price("hug_pro"), 0);
}

TEST(ProviderFactsTest, KnowsItsAddressAndWhatOnlyTheNewApiHas)
{
    const std::map<std::string, std::string> addresses = {{"kling", "https://api-singapore.klingai.com"},
                                                          {"dmxapi", "https://www.dmxapi.cn"},
                                                          {"wavespeed", "https://api.wavespeed.ai"},
                                                          {"302ai", "https://api.302.ai"},
                                                          {"newapi", ""},
                                                          {"local", ""}};
    for (const auto& [name, address] : addresses) {
        EXPECT_EQ(catalog().provider(name).base_url, address);
    }
    EXPECT_EQ(catalog().provider("302ai").base_url_variable(), "LONGTAKE_AI302_BASE_URL");
    EXPECT_EQ(catalog().provider("dmxapi").base_url_variable(), "LONGTAKE_DMXAPI_BASE_URL");
    EXPECT_EQ(catalog().provider("local").base_url_variable(), "");
    EXPECT_EQ(catalog().provider("kling").facts.at("api2"), (nlohmann::json{{"kling-3.0-turbo", "kling-3.0-turbo"}}));
    for (const auto& [model, path] : catalog().provider("kling").facts.at("api2").items()) {
        EXPECT_TRUE(catalog().provider("kling").sells(model));
    }
}

TEST(ProviderFactsTest, AGatewaysShapeChangesWhatItSells)
{
    ProviderFacts newapi = catalog().provider("newapi");
    set_shape(newapi, "");
    EXPECT_FALSE(newapi.extend);
    set_shape(newapi, "vanilla");
    EXPECT_FALSE(newapi.extend || newapi.voices || newapi.multi_shot);
    set_shape(newapi, "passthrough");
    EXPECT_TRUE(newapi.extend && newapi.voices && newapi.multi_shot);
    EXPECT_FALSE(newapi.lip_sync || newapi.multi_image || !newapi.effects.empty()) << "some operators only";
    EXPECT_TRUE(newapi.end_frame && newapi.camera && newapi.sound) << "the rest stays";
    try {
        set_shape(newapi, "passthru");
        ADD_FAILURE();
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("known: passthrough, vanilla"), std::string::npos) << error.what();
    }
    ProviderFacts kling = catalog().provider("kling");
    EXPECT_THROW(set_shape(kling, "vanilla"), Error);
}

TEST(ModelCatalogTest, TakesTheUsersPrices)
{
    ModelCatalog mine = catalog();
    ProviderFacts& newapi = mine.providers.at("newapi");
    set_prices(newapi, {{"kling-v1-6", {{"std", 0.03}}}}, "longtake.json");
    EXPECT_DOUBLE_EQ(*mine.price(newapi, mine.models.at("kling-v1-6"), "std"), 0.03);
    EXPECT_FALSE(mine.price(newapi, mine.models.at("kling-v1-6"), "pro"));
    EXPECT_THROW(set_prices(newapi, {{"kling-v1-6", {{"std", -1}}}}, "longtake.json"), Error);
    EXPECT_THROW(set_prices(newapi, {{"kling-v1-6", {{"std", std::nan("")}}}}, "longtake.json"), Error);
    EXPECT_THROW(set_prices(newapi, {{"kling-v1-6", {{"std", INFINITY}}}}, "longtake.json"), Error);
    EXPECT_THROW(set_prices(newapi, {{"kling-v1-6", 3}}, "longtake.json"), Error);
    EXPECT_THROW(set_prices(newapi, 3, "longtake.json"), Error);
}

TEST(ModelCatalogTest, KnowsWhoRetiresAndWhatALengthDependsOn)
{
    const Model& old = catalog().model("kling", "kling-v1-6");
    ASSERT_TRUE(old.retirement);
    EXPECT_EQ(old.retirement->on, "2026-09-15");
    EXPECT_EQ(old.retirement->successor, "kling-v2-6");
    const Model::Durations& o1 = catalog().model("kling", "kling-video-o1").durations;
    EXPECT_FALSE(o1.allows("image", 7, false));
    EXPECT_TRUE(o1.allows("image", 7, true));
    EXPECT_TRUE(o1.allows("text", 10, false));
    EXPECT_TRUE(o1.allows("reference", 7, false));
    const Model& four = catalog().model("wavespeed", "kling-v4");
    EXPECT_EQ(four.mode_of("4k"), "4k");
    EXPECT_EQ(four.mode_of("720p"), "std");
    EXPECT_TRUE(four.extend && four.extend->lengths);
    EXPECT_EQ(four.list_price("pro", Sound::silent, true), 0.141);
    EXPECT_EQ(priced_mode(four, "pro", Sound::on, true), "pro film");
}

TEST(ModelCatalogTest, FindsModelsByCanonicalAndOwnName)
{
    EXPECT_EQ(catalog().model("kling", "").name, "kling-v2-6");
    EXPECT_EQ(catalog().model("wavespeed", "kwaivgi/kling-v2.0-i2v-master").name, "kling-v2-master");
    EXPECT_EQ(catalog().model("local", "").name, "local");
    EXPECT_EQ(catalog().model("local", "kling-v3").name, "kling-v3");
}

TEST(ModelCatalogTest, NamesTheNearestOrWhatTheProviderHas)
{
    EXPECT_NE(complaint("kling", "kling-v1.6").find("did you mean 'kling-v1-6'?"), std::string::npos);
    EXPECT_EQ(complaint("dmxapi", "kling-v2-1"),
              "provider 'dmxapi' does not have model 'kling-v2-1'; it has: kling-v1, kling-v1-5, kling-v1-6, "
              "kling-v2-6, kling-v3; kling-v2-1 is sold by 302ai, kling, newapi, wavespeed");
    EXPECT_THROW((void)catalog().provider("klling"), Error);
}

TEST(ModelCatalogTest, HoldsTheCapabilityMatrix)
{
    const auto& models = catalog().models;
    EXPECT_TRUE(models.at("kling-v1").end_frame->allows("std", 5, "image"));
    EXPECT_FALSE(models.at("kling-v1").end_frame->allows("std", 10));
    EXPECT_TRUE(models.at("kling-v1").camera->allows("std", 5, "text"));
    EXPECT_FALSE(models.at("kling-v1").camera->allows("std", 5, "image"));
    EXPECT_FALSE(models.at("kling-v1-6").end_frame->allows("std", 5));
    EXPECT_TRUE(models.at("kling-v1-6").end_frame->allows("pro", 10));
    EXPECT_FALSE(models.at("kling-v1-6").camera);
    EXPECT_EQ(models.at("kling-v1-6").fps.at("text"), (Rate{24, 1}));
    EXPECT_TRUE(models.at("kling-v1-5").extend);
    EXPECT_FALSE(models.at("kling-v2-master").extend);
    EXPECT_EQ(models.at("kling-v2-1-master").size.at("std"), (Size{1920, 1080}));
    EXPECT_DOUBLE_EQ(*models.at("kling-v3").durations.max, 15);
    EXPECT_TRUE(models.at("kling-v2-6").end_frame->silent_only);
}

TEST(ProviderFactsTest, FindsItsRoutes)
{
    const ProviderFacts& ws = catalog().provider("wavespeed");
    EXPECT_EQ(ws.route("kling-v1-6", "image", "pro", 5)->slug, "kwaivgi/kling-v1.6-i2v-pro");
    EXPECT_EQ(ws.route("kling-v1-6", "image", "std", 5, true), nullptr);
    EXPECT_EQ(ws.route("kling-v2-1", "image", "pro", 5)->slug, "kwaivgi/kling-v2.1-i2v-pro");
    EXPECT_EQ(ws.route("kling-v2-1", "image", "pro", 5, true)->slug, "kwaivgi/kling-v2.1-i2v-pro/start-end-frame");
    EXPECT_EQ(ws.route("kling-v2-5-turbo", "image", "pro", 5, true)->end_frame, "last_image");
    EXPECT_EQ(ws.route("kling-v4", "text", "pro", 7)->fields.at("resolution"), "1080p");
    EXPECT_EQ(ws.route("kling-v1-6", "text", "pro", 5), nullptr);
    const ProviderFacts& ai302 = catalog().provider("302ai");
    EXPECT_EQ(ai302.route("kling-v1-6", "image", "pro", 10)->slug, "m2v_16_img2video_hq_10s");
    EXPECT_EQ(ai302.route("kling-v1-6", "extend", "std", 5)->slug, "m2v_16_extend_video");
    EXPECT_EQ(ai302.route("kling-v1-6", "multi", "std", 10), nullptr);
    EXPECT_EQ(ws.route("kling-v1-6", "multi", "pro", 10)->slug, "kwaivgi/kling-v1.6-multi-i2v-pro");
    EXPECT_EQ(ws.route("kling-v1-6", "effect", "std", 5)->slug, "kwaivgi/kling-effects");
    EXPECT_EQ(ws.route("kling-v3", "lip_sync_text", "pro", 5)->slug, "kwaivgi/kling-lipsync/text-to-video");
    const ProviderFacts& dmx = catalog().provider("dmxapi");
    EXPECT_EQ(dmx.route("kling-v3", "image", "4k", 7, true)->query, "kling-v3-get-all");
    EXPECT_EQ(dmx.route("kling-v2-6", "text", "std", 5)->slug, "kling-v2-6-text2video");
    EXPECT_EQ(dmx.route("kling-v2-6", "image", "pro", 5), nullptr) << "its pictures are addresses";
    EXPECT_TRUE(dmx.route("kling-v1-6", "image", "pro", 5, true)->query.empty());
    EXPECT_TRUE(dmx.route("kling-v3", "text", "std", 5)->prompt_required);
    EXPECT_EQ(dmx.route("kling-v3", "text", "std", 5)->lacks, (std::vector<std::string>{"callback", "lip_sync"}));
}

TEST(ProviderFactsTest, KnowsWhatItExtendsAndWhatAPictureMustBe)
{
    EXPECT_TRUE(catalog().provider("kling").extends("kling-v1-5", "pro"));
    EXPECT_FALSE(catalog().provider("dmxapi").extends("kling-v1-5", "pro"));
    EXPECT_TRUE(catalog().provider("302ai").extends("kling-v1-6", "std"));
    EXPECT_FALSE(catalog().provider("302ai").extends("kling-v1-6", "pro"));
    EXPECT_FALSE(catalog().provider("newapi").extends("kling-v1-6", "std"));
    for (const char* name : {"kling", "newapi", "dmxapi"}) { // pictures travel as base64, a third larger
        EXPECT_EQ(catalog().provider(name).image.max_bytes, 7'400'000) << name;
    }
    for (const char* name : {"wavespeed", "302ai"}) { // pictures are uploaded as files
        EXPECT_EQ(catalog().provider(name).image.max_bytes, 10'000'000) << name;
    }
    for (const char* name : {"kling", "newapi", "dmxapi", "wavespeed", "302ai"}) {
        const ImageRules& rules = catalog().provider(name).image;
        EXPECT_EQ(rules.min_side, 300) << name;
        EXPECT_DOUBLE_EQ(rules.max_aspect, 2.5) << name;
        EXPECT_EQ(rules.formats, (std::vector<std::string>{"jpeg", "png"})) << name;
    }
}

TEST(ModelCatalogTest, ComesFromTheFirstFolderThatHasModelsAndIsChecked)
{
    const TempDir dir;
    fs::create_directories(dir / "models");
    std::ofstream(dir / "models/x.json") << R"({"schema":"longtake/models/1","providers":{"p":{"default_model":"m",
        "paid":true,"image":{"min_side":1,"max_side":9,"max_aspect":2,"max_bytes":9,"formats":["png"]},
        "source":"s","checked":"2026-01-01"}}})";
    const PresetDirs dirs = {dir / "none", dir / "", fs::path(LONGTAKE_SOURCE_DIR) / "presets"};
    EXPECT_THROW((void)load_models(dirs), Error); // its default model is nowhere
    EXPECT_THROW((void)load_models({dir / "none"}), Error);
}

} // namespace
} // namespace longtake
