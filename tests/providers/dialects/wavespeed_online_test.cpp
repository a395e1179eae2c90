#include "pipeline/providers/dialects/wavespeed_online.h"

#include "pipeline/base/error.h"
#include "tests/providers/remote_takes.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

using nlohmann::json;
using remote::wavespeed::Members;
using remote::wavespeed::Schema;
using test::RemoteTakes;

class WavespeedOnlineTest : public ::testing::Test {
protected:
    WavespeedOnlineTest() : takes_("wavespeed")
    {
        takes_.settings.keys = {{"WAVESPEED_API_KEY", "key-of-tests"}};
        service_ = std::make_unique<remote::WavespeedProvider>(takes_.settings);
    }

    /// What balance() comes to where this is the answer.
    Errc balance_fails(int status, const std::string& reply)
    {
        takes_.server.answer(status, reply);
        try {
            service_->balance({});
        } catch (const Error& error) {
            return error.code();
        }
        ADD_FAILURE() << reply << " tells a balance";
        return Errc::internal;
    }

    remote::wavespeed::Quote quote(const std::string& reply, int status = 200)
    {
        takes_.server.answer(status, reply);
        return service_->quote("kwaivgi/m", {{"duration", 5}}, {});
    }

    const ProviderFacts& facts() const { return takes_.settings.facts; }

    const Route& route(const std::string& slug) const
    {
        for (const Route& route : facts().routes) {
            if (route.slug == slug) {
                return route;
            }
        }
        throw std::out_of_range(slug);
    }

    Members members(const Route& of) const
    {
        const auto model = catalog_.models.find(of.model);
        return remote::wavespeed::members_of(of, model == catalog_.models.end() ? nullptr : &model->second);
    }
    Members members(const std::string& slug) const { return members(route(slug)); }

    /// As a service that takes just what we send would describe itself.
    std::map<std::string, Schema> own_schemas() const
    {
        std::map<std::string, Schema> schemas;
        for (const Route& each : facts().routes) {
            Members ours = members(each);
            schemas[each.slug].known.merge(ours.may);
            schemas[each.slug].required = ours.always;
        }
        return schemas;
    }

    std::vector<std::string> differences(const std::map<std::string, Schema>& theirs) const
    {
        return remote::wavespeed::differences(catalog_, facts(), theirs);
    }

    RemoteTakes takes_;
    std::unique_ptr<remote::WavespeedProvider> service_;
    const ModelCatalog catalog_ = load_models({LONGTAKE_SOURCE_DIR "/presets"});
};

TEST_F(WavespeedOnlineTest, AsksForTheBalance)
{
    takes_.server.answer(R"({"code":200,"message":"success","data":{"balance":12.5}})");
    EXPECT_EQ(service_->balance({}), 12.5);
    EXPECT_EQ(takes_.server.last().method, "GET");
    EXPECT_EQ(takes_.server.last().target, "/api/v3/balance");
    EXPECT_EQ(takes_.server.last().header("Authorization"), "Bearer key-of-tests");

    takes_.server.answer(R"({"code":"200","data":{"balance":"0.75"}})");
    EXPECT_EQ(service_->balance({}), 0.75) << "a number as text";
}

TEST_F(WavespeedOnlineTest, SaysWhyThereIsNoBalance)
{
    EXPECT_EQ(balance_fails(200, R"({"code":200,"data":{}})"), Errc::provider);
    EXPECT_EQ(balance_fails(200, R"({"code":200,"data":{"balance":null}})"), Errc::provider);
    EXPECT_EQ(balance_fails(200, R"({"code":401,"message":"invalid api key"})"), Errc::credentials);
    EXPECT_EQ(balance_fails(401, ""), Errc::credentials);
    EXPECT_EQ(balance_fails(404, R"({"code":404,"message":"not found","error_code":"gone"})"), Errc::provider);
}

TEST_F(WavespeedOnlineTest, AsksForAPriceWithoutAskingForATake)
{
    takes_.server.answer(R"({"code":200,"data":{"model_id":"kwaivgi/kling-v4.0/text-to-video","price":0.785,
        "discounted_price":"0.7","discount_rate":0.9,"currency":"EUR"}})");
    const auto quote =
        service_->quote("kwaivgi/kling-v4.0/text-to-video", {{"duration", 5}, {"resolution", "720p"}}, {});
    EXPECT_EQ(quote.price, 0.785);
    EXPECT_EQ(quote.discounted, 0.7);
    EXPECT_EQ(quote.currency, "EUR");
    EXPECT_EQ(quote.why_not, "");
    const auto seen = takes_.server.seen();
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].method, "POST");
    EXPECT_EQ(seen[0].target, "/api/v3/model/price");
    EXPECT_EQ(seen[0].json(), json::parse(R"({"model_id":"kwaivgi/kling-v4.0/text-to-video",
        "inputs":{"duration":5,"resolution":"720p"}})"));
}

TEST_F(WavespeedOnlineTest, APriceMayBeUnknownAndARefusedKeyIsRefusedForAll)
{
    EXPECT_EQ(quote(R"({"code":200,"data":{"price":0.25}})").currency, "USD") << "not said";
    EXPECT_FALSE(quote(R"({"code":200,"data":{"price":0.25}})").discounted);
    EXPECT_NE(quote(R"({"code":200,"data":{"price":"free"}})").why_not, "");
    EXPECT_NE(quote(R"({"code":200,"data":null})").why_not, "");
    EXPECT_NE(quote(R"({"code":404,"message":"model gone"})").why_not.find("model gone"), std::string::npos);
    EXPECT_NE(quote("<html>busy</html>", 429).why_not, "");
    EXPECT_THROW(quote(R"({"code":401,"message":"invalid api key"})"), Error);
}

TEST_F(WavespeedOnlineTest, ReadsWhatModelsTake)
{
    takes_.server.answer(R"({"code":200,"data":[
        {"model_id":"a","api_schema":{"api_schemas":[
            {"type":"other"},
            {"request_schema":{"properties":{"prompt":{},"image":{}},"required":["image"]}},
            {"request_schema":{"properties":{"id":{}},"required":["id"]}}]}},
        {"model_id":"b","api_schema":null}, {"name":"no id"}, 7,
        {"model_id":"c","api_schema":{"api_schemas":[{"request_schema":{"properties":{"x":{}},"required":"x"}}]}}]})");
    const auto schemas = service_->schemas({});
    EXPECT_EQ(takes_.server.last().method, "GET");
    EXPECT_EQ(takes_.server.last().target, "/api/v3/models");
    ASSERT_EQ(schemas.size(), 3U);
    EXPECT_EQ(schemas.at("a").known, (std::set<std::string>{"image", "prompt"}));
    EXPECT_EQ(schemas.at("a").required, std::set<std::string>{"image"});
    EXPECT_TRUE(schemas.at("b").known.empty());
    EXPECT_TRUE(schemas.at("c").required.empty());

    takes_.server.answer(R"({"code":200,"data":{"models":[]}})");
    EXPECT_THROW(service_->schemas({}), Error);
}

TEST_F(WavespeedOnlineTest, KnowsTheMembersOfItsOwnRequests)
{
    const Members image = members("kwaivgi/kling-v1.6-i2v-pro");
    EXPECT_EQ(image.always, (std::set<std::string>{"duration", "guidance_scale", "image", "prompt"}));
    EXPECT_EQ(image.may,
              (std::set<std::string>{"duration", "end_image", "guidance_scale", "image", "negative_prompt", "prompt"}));
    EXPECT_TRUE(members("kwaivgi/kling-v2.1-i2v-pro/start-end-frame").always.contains("end_image"));
    const Members parts = members("kwaivgi/kling-v3.0-std/text-to-video");
    EXPECT_TRUE(parts.may.contains("multi_prompt"));
    EXPECT_FALSE(parts.always.contains("prompt")) << "several shots have prompts of their own";
    EXPECT_EQ(members("kwaivgi/kling-lipsync/text-to-video").always,
              (std::set<std::string>{"text", "video", "voice_id", "voice_language", "voice_speed"}));
    EXPECT_EQ(members("kwaivgi/kling-effects").may, (std::set<std::string>{"effect_scene", "image"}));
    EXPECT_EQ(
        members("kwaivgi/kling-v4.0/reference-to-video").may,
        (std::set<std::string>{"aspect_ratio", "audios", "duration", "images", "prompt", "resolution", "videos"}));
}

/// What is sent has no member that members_of() does not name.
TEST_F(WavespeedOnlineTest, AWholeRequestHasTheMembersItSays)
{
    TakeRequest request = RemoteTakes::text_take("a boat");
    request.model = "kling-v2-6";
    request.settings.mode = "pro";
    request.settings.negative_prompt = "rain";
    request.settings.sound = true;
    const json body = remote::wavespeed::body_of(request, route("kwaivgi/kling-v2.6-pro/text-to-video"));
    const Members ours = members("kwaivgi/kling-v2.6-pro/text-to-video");
    std::set<std::string> sent;
    for (const auto& [name, value] : body.items()) {
        sent.insert(name);
    }
    EXPECT_EQ(sent, ours.may);
}

TEST_F(WavespeedOnlineTest, FindsWhereTheServiceNamesThingsOtherwise)
{
    auto theirs = own_schemas();
    EXPECT_EQ(differences(theirs), std::vector<std::string>{});

    Schema& renamed = theirs.at("kwaivgi/kling-v2.6-pro/image-to-video");
    renamed.known.erase("last_image");
    renamed.known.insert("end_image");
    theirs.at("kwaivgi/kling-effects").required.insert("seed");
    theirs.at("kwaivgi/kling-v3.0-std/text-to-video").required.insert("prompt");
    theirs.at("kwaivgi/kling-v4.0/video-edit").known.clear();
    theirs.erase("kwaivgi/kling-v1.6-t2v-standard");
    EXPECT_EQ(differences(theirs), (std::vector<std::string>{
                                       "there is no kwaivgi/kling-v1.6-t2v-standard",
                                       "kwaivgi/kling-effects requires seed, which is not sent",
                                       "kwaivgi/kling-v2.6-pro/image-to-video does not know last_image",
                                       "kwaivgi/kling-v3.0-std/text-to-video requires prompt, which is not always sent",
                                       "kwaivgi/kling-v4.0/video-edit does not say what it takes"}))
        << "each once, though three routes lead to the last";
}

} // namespace
} // namespace longtake
