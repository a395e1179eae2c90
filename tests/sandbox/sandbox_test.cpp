#include "pipeline/sandbox/sandbox.h"

#include "pipeline/av/clip/video_reader.h"
#include "pipeline/av/probe.h"
#include "pipeline/base/error.h"
#include "tests/sandbox/sandbox_client.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <atomic>
#include <numeric>

namespace longtake {
namespace {

using nlohmann::json;
using sandbox::Sandbox;
using test::SandboxClient;

double mean_luma(const av::Frame& frame)
{
    double sum = 0;
    for (int y = 0; y < frame.size().height; ++y) {
        const std::uint8_t* row = frame.plane(0) + y * frame.stride(0);
        sum = std::accumulate(row, row + frame.size().width, sum);
    }
    return sum / frame.size().width / frame.size().height;
}

class SandboxTest : public ::testing::Test {
protected:
    void start(sandbox::Settings settings = test::quick_sandbox()) { sandbox_ = std::make_unique<Sandbox>(settings); }

    SandboxClient client(const std::string& provider) { return {*sandbox_, provider}; }

    /// Downloads and decodes a result to its end.
    av::Measured film(const std::string& url)
    {
        SandboxClient any = client("kling");
        const auto answer = any.fetch(url);
        EXPECT_EQ(answer.status, 200) << url;
        std::ofstream(dir_ / "film.mp4", std::ios::binary) << answer.body;
        return av::measure(dir_ / "film.mp4");
    }

    double billed() const { return sandbox_->state()["total"]["amount"]; }
    std::size_t bills() const { return sandbox_->state()["bills"].size(); }

    test::TempDir dir_;
    std::unique_ptr<Sandbox> sandbox_;
    const std::string picture_ = test::base64_of(test::photo_bytes("coffee.png"));
    const json open_ = {{"model_name", "kling-v1-6"},
                        {"image", picture_},
                        {"prompt", "she turns to the window"},
                        {"mode", "std"},
                        {"duration", "5"},
                        {"cfg_scale", 0.5}};
};

TEST_F(SandboxTest, ListensOnLoopbackWithAnAddressAndAKeyForEachService)
{
    start();
    EXPECT_GT(sandbox_->port(), 0);
    EXPECT_EQ(sandbox_->base_url("dmxapi"), "http://127.0.0.1:" + std::to_string(sandbox_->port()) + "/dmxapi");
    EXPECT_EQ(sandbox_->keys().size(), 7U);
    EXPECT_EQ(sandbox_->environment().at("LONGTAKE_AI302_BASE_URL"), sandbox_->base_url("302ai"));
    sandbox::Settings second = test::quick_sandbox();
    second.port = sandbox_->port();
    EXPECT_THROW(Sandbox{second}, Error);
}

TEST_F(SandboxTest, KlingMakesAPictureMoveAndExtendsIt)
{
    start();
    SandboxClient kling = client("kling");
    json request = open_;
    request["external_task_id"] = "film7-shot03-take1";
    const auto created = kling.post("/v1/videos/image2video", request);
    ASSERT_EQ(created.code(), 0) << created.body;
    EXPECT_EQ(created.json["data"]["task_status"], "submitted");

    const json done = kling.official_result("", "image2video", "film7-shot03-take1");
    EXPECT_EQ(done["task_id"], created.json["data"]["task_id"]);
    EXPECT_EQ(done["final_unit_deduction"], "2");
    const json video = done["task_result"]["videos"][0];
    EXPECT_NE(video["id"], done["task_id"]);
    EXPECT_EQ(video["duration"], "5.100");
    EXPECT_EQ(film(video["url"]).frames, 153);

    const auto extended =
        kling.post("/v1/videos/video-extend", {{"video_id", video["id"]}, {"prompt", "and goes out"}});
    ASSERT_EQ(extended.code(), 0) << extended.body;
    const json longer = kling.official_result("", "video-extend", extended.json["data"]["task_id"]);
    EXPECT_EQ(longer["task_info"]["parent_video"]["id"], video["id"]);
    const double seconds = film(longer["task_result"]["videos"][0]["url"]).seconds;
    EXPECT_GE(seconds, 5.1 + 4 - 0.01);
    EXPECT_LE(seconds, 5.1 + 5 + 0.01);
    EXPECT_EQ(bills(), 2U);
    EXPECT_NEAR(billed(), 0.56, 1e-9);
}

TEST_F(SandboxTest, AnExtensionMayBeTheTailAlone)
{
    sandbox::Settings settings = test::quick_sandbox();
    settings.cumulative = false;
    start(settings);
    SandboxClient dmx = client("dmxapi");
    const std::string id = dmx.post("/kling/v1/videos/image2video", open_).json["data"]["task_id"];
    const json video = dmx.official_result("/kling", "image2video", id)["task_result"]["videos"][0];
    const json request = {{"video_id", video["id"]}};
    EXPECT_EQ(dmx.post("/kling/v1/videos/video-extend", request).code(), 1201); // wants the task's id as well
    const auto extended = dmx.post("/kling/v1/videos/video-extend", {{"video_id", video["id"]}, {"task_id", id}});
    ASSERT_EQ(extended.code(), 0) << extended.body;
    const json tail = dmx.official_result("/kling", "video-extend", extended.json["data"]["task_id"]);
    const double seconds = film(tail["task_result"]["videos"][0]["url"]).seconds;
    EXPECT_GE(seconds, 3.99);
    EXPECT_LE(seconds, 5.01);
}

TEST_F(SandboxTest, StatusWordsAgeInOrder)
{
    sandbox::Settings settings = test::quick_sandbox();
    settings.queue_seconds = 0.15;
    settings.take_seconds = 0.15;
    start(settings);
    SandboxClient kling = client("kling");
    const std::string id = kling.post("/v1/videos/text2video", {{"prompt", "a boat"}}).json["data"]["task_id"];
    std::vector<std::string> words;
    for (int i = 0; i < 300 && (words.empty() || words.back() != "succeed"); ++i) {
        const std::string word = kling.get("/v1/videos/text2video/" + id).json["data"]["task_status"];
        if (words.empty() || words.back() != word) {
            words.push_back(word);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_EQ(words, (std::vector<std::string>{"submitted", "processing", "succeed"}));
}

TEST_F(SandboxTest, ApiTwoTakesTypedContentsAndAnswersWithLists)
{
    start();
    SandboxClient kling = client("kling");
    const json request = {
        {"contents",
         {{{"type", "prompt"}, {"text", "the curtain lifts"}},
          {{"type", "first_frame"}, {"url", picture_}},
          {{"type", "last_frame"}, {"url", "https://assets.example.com/b.png"}}}},
        {"settings", {{"resolution", "1080p"}, {"duration", 3}, {"audio", "native"}, {"multi_shot", false}}},
        {"options", {{"external_task_id", "s5"}, {"watermark_info", {{"enabled", false}}}}}};
    EXPECT_EQ(kling.get("/tasks?external_task_ids=s5").json["data"], json::array());
    const auto created = kling.post("/image-to-video/kling-3.0", request);
    ASSERT_EQ(created.code(), 0) << created.body;
    EXPECT_EQ(created.json["data"]["external_id"], "s5");
    const auto done = kling.wait_for("/tasks?external_task_ids=s5",
                                     [](const json& body) { return body["data"][0]["status"] == "succeeded"; });
    const json output = done.json["data"][0]["outputs"][0];
    EXPECT_EQ(output["duration"], "3.042");
    film(output["url"]);
    EXPECT_TRUE(av::probe(dir_ / "film.mp4").audio.has_value());
    EXPECT_EQ(done.json["data"][0]["billing"][0]["amount"], "3.60"); // 3 s at 0.168

    json wrong = request;
    wrong["settings"]["duration"] = "3";
    EXPECT_EQ(kling.post("/image-to-video/kling-3.0", wrong).code(), 1201);
    wrong = request;
    wrong["contents"].erase(1);
    EXPECT_EQ(kling.post("/image-to-video/kling-3.0", wrong).code(), 1201); // a last frame alone
    EXPECT_EQ(kling.post("/image-to-video/kling-3.0-turbo", request).code(), 1201);
    EXPECT_EQ(kling.get("/tasks?task_ids=1&external_task_ids=2").code(), 1201);
    EXPECT_EQ(bills(), 1U);
}

TEST_F(SandboxTest, ATokenDoesNotOpenApiTwo)
{
    start();
    SandboxClient kling = client("kling");
    const long now = std::time(nullptr);
    kling.use_key(test::signed_token(sandbox_->keys().at("KLING_ACCESS_KEY"), sandbox_->keys().at("KLING_SECRET_KEY"),
                                     now + 1800, now - 5));
    EXPECT_EQ(kling.get("/v1/videos/text2video").code(), 0);
    EXPECT_EQ(kling.get("/tasks?task_ids=1").code(), 1002);
}

TEST_F(SandboxTest, VanillaNewApiWrapsDropsAndLags)
{
    start();
    SandboxClient gateway = client("newapi");
    json request = open_;
    request["voice_list"] = "dropped without a look";
    const auto created = gateway.post("/kling/v1/videos/image2video", request);
    ASSERT_EQ(created.status, 200) << created.body;
    EXPECT_EQ(created.json["status"], "queued");
    const std::string id = created.json["task_id"];
    const auto done = gateway.wait_for("/kling/v1/videos/image2video/" + id,
                                       [](const json& body) { return body["data"]["status"] == "SUCCESS"; });
    EXPECT_EQ(done.json["code"], "success");
    EXPECT_EQ(done.json["data"]["progress"], "100%");
    EXPECT_EQ(done.json["data"]["data"]["data"]["task_result"]["videos"][0]["url"], done.json["data"]["result_url"]);
    EXPECT_EQ(film(done.json["data"]["result_url"]).frames, 153);

    request.erase("voice_list");
    request["image"] = "";
    EXPECT_EQ(gateway.post("/kling/v1/videos/image2video", request).status, 200);
    EXPECT_EQ(sandbox_->state()["tasks"][1]["kind"], "text2video");
    request["duration"] = 5;
    EXPECT_EQ(gateway.post("/kling/v1/videos/image2video", request).json["code"], "invalid_request");
    EXPECT_EQ(gateway.post("/kling/v1/videos/video-extend", {{"video_id", "1"}, {"prompt", "x"}}).status, 404);
}

TEST_F(SandboxTest, VanillaNewApiHidesTheBusinessCodeInAString)
{
    start();
    SandboxClient gateway = client("newapi");
    sandbox_->order_fault("code:1303");
    const auto full = gateway.post("/kling/v1/videos/image2video", open_);
    EXPECT_EQ(full.status, 429);
    EXPECT_EQ(full.json["code"], "fail_to_fetch_task");
    EXPECT_EQ(json::parse(full.json["message"].get<std::string>())["code"], 1303);
    gateway.use_key("somebody-else");
    const auto refused = gateway.post("/kling/v1/videos/image2video", open_);
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(refused.json["error"]["type"], "new_api_error");
}

TEST_F(SandboxTest, APassThroughGatewayExtends)
{
    sandbox::Settings settings = test::quick_sandbox();
    settings.newapi_passthrough = true;
    start(settings);
    SandboxClient gateway = client("newapi");
    const std::string id = gateway.post("/kling/v1/videos/image2video", open_).json["data"]["task_id"];
    const json video = gateway.official_result("/kling", "image2video", id)["task_result"]["videos"][0];
    const std::string extend = "/kling/v1/videos/video-extend";
    EXPECT_EQ(gateway.post(extend, {{"video_id", video["id"]}}).code(), 1201); // prompt is required here
    EXPECT_EQ(gateway.post(extend, {{"video_id", video["id"]}, {"task_id", id}, {"prompt", "on"}}).code(), 0);
}

TEST_F(SandboxTest, WaveSpeedTakesUploadsAndIntegers)
{
    start();
    SandboxClient wavespeed = client("wavespeed");
    const std::string bytes = test::photo_bytes("coffee.png");
    const auto promised = wavespeed.post(
        "/api/v3/media/uploads", {{"filename", "a.png"}, {"size", bytes.size()}, {"content_type", "image/png"}});
    ASSERT_EQ(promised.code(), 200) << promised.body;
    const std::string upload = promised.json["data"]["upload"]["url"];
    EXPECT_EQ(wavespeed.put(upload, bytes.substr(1), "image/png").status, 400);
    EXPECT_EQ(wavespeed.put(upload, bytes, "image/png").status, 200);
    const auto binary = wavespeed.post_form("/api/v2/media/upload/binary", {{"file", bytes, "b.png", "image/png"}});
    EXPECT_EQ(binary.code(), 200) << binary.body;

    const std::string slug = "/api/v3/kwaivgi/kling-v2.0-i2v-master";
    const json request = {{"image", promised.json["data"]["download_url"]},
                          {"end_image", binary.json["data"]["download_url"]},
                          {"prompt", "the two friends share the umbrella"},
                          {"guidance_scale", 0.5},
                          {"duration", 5}};
    const auto created = wavespeed.post(slug, request);
    ASSERT_EQ(created.code(), 200) << created.body;
    EXPECT_EQ(created.json["data"]["status"], "created");
    EXPECT_EQ(created.json["data"]["outputs"], json::array());
    const std::string id = created.json["data"]["id"];
    EXPECT_EQ(created.json["data"]["urls"]["get"],
              sandbox_->base_url("wavespeed") + "/api/v3/predictions/" + id + "/result");
    const auto done = wavespeed.wait_for("/api/v3/predictions/" + id,
                                         [](const json& body) { return body["data"]["status"] == "completed"; });
    EXPECT_EQ(film(done.json["data"]["outputs"][0]).frames, 121);
    EXPECT_NEAR(billed(), 1.30, 1e-9);

    for (const json& patch :
         {json{{"duration", "5"}}, json{{"duration", 7}}, json{{"image", nullptr}}, json{{"prompt", nullptr}},
          json{{"image", picture_}}, json{{"cfg_scale", 0.5}}, json{{"guidance_scale", 1.5}}}) {
        json wrong = request;
        wrong.merge_patch(patch);
        EXPECT_EQ(wavespeed.post(slug, wrong).code(), 400) << patch;
    }
    EXPECT_EQ(wavespeed.post("/api/v3/kwaivgi/kling-v9", request).code(), 404);
    EXPECT_EQ(bills(), 1U);
}

TEST_F(SandboxTest, WaveSpeedTakesUpToFourReferencePictures)
{
    start();
    SandboxClient wavespeed = client("wavespeed");
    const std::string url = "https://assets.example.com/a.png";
    json request = {{"prompt", "p"}, {"images", {url, url}}, {"duration", 5}, {"aspect_ratio", "16:9"}};
    const std::string slug = "/api/v3/kwaivgi/kling-v1.6-multi-i2v-standard";
    EXPECT_EQ(wavespeed.post(slug, request).code(), 200);
    request["images"] = {url, url, url, url, url};
    EXPECT_EQ(wavespeed.post(slug, request).code(), 400);
}

TEST_F(SandboxTest, WaveSpeedLaysSpeechOnAnUploadedFilmAndPlaysEffects)
{
    start();
    SandboxClient wavespeed = client("wavespeed");
    const auto run = [&](const std::string& slug, const json& request) {
        const auto created = wavespeed.post("/api/v3/kwaivgi/" + slug, request);
        EXPECT_EQ(created.code(), 200) << created.body;
        const std::string id = created.json["data"]["id"];
        const auto done = wavespeed.wait_for("/api/v3/predictions/" + id + "/result", [](const json& body) {
            return body["data"]["status"] == "completed" || body["data"]["status"] == "failed";
        });
        return done.json["data"]["outputs"][0].get<std::string>();
    };
    const std::string silent =
        run("kling-effects", {{"image", "https://assets.example.com/a.png"}, {"effect_scene", "squish"}});
    const std::string bytes = wavespeed.fetch(silent).body;
    const auto promised = wavespeed.post(
        "/api/v3/media/uploads", {{"filename", "a.mp4"}, {"size", bytes.size()}, {"content_type", "video/mp4"}});
    wavespeed.put(promised.json["data"]["upload"]["url"], bytes, "video/mp4");
    const std::string speaking = run("kling-lipsync/text-to-video", {{"video", promised.json["data"]["download_url"]},
                                                                     {"text", "good morning"},
                                                                     {"voice_id", "girl"},
                                                                     {"voice_language", "en"},
                                                                     {"voice_speed", 1.0}});
    EXPECT_EQ(film(silent).samples, 0);
    EXPECT_EQ(film(speaking).frames, film(silent).frames);
    EXPECT_GT(film(speaking).samples, 0);
}

TEST_F(SandboxTest, Ai302TakesFormsAndSpeaksInNumbers)
{
    start();
    SandboxClient client302 = client("302ai");
    const std::string bytes = test::photo_bytes("coffee.png");
    const httplib::MultipartFormDataItems form = {{"input_image", bytes, "a.png", "image/png"},
                                                  {"prompt", "p", "", ""},
                                                  {"negative_prompt", "", "", ""},
                                                  {"cfg", "0.5", "", ""}};
    const auto created = client302.post_form("/klingai/m2v_16_img2video_5s", form);
    ASSERT_EQ(created.status, 200) << created.body;
    const std::string id = created.json["data"]["task"]["id"];
    EXPECT_TRUE(id.starts_with("kling_"));
    const std::string fetch = "/fetch?geo=global";
    const auto is_done = [](const json& body) { return body["data"]["status"] == 99; };
    const auto done = client302.wait_for("/klingai/task/" + id + fetch, is_done);
    EXPECT_EQ(film(done.json["data"]["works"][0]["resource"]["resource"]).frames, 153);

    const auto extended =
        client302.post_form("/klingai/m2v_16_extend_video", {{"task_id", id, "", ""}, {"prompt", "on", "", ""}});
    ASSERT_EQ(extended.status, 200) << extended.body;
    const std::string longer = extended.json["data"]["task"]["id"];
    EXPECT_GT(film(client302.wait_for("/klingai/task/" + longer + fetch, is_done)
                       .json["data"]["works"][0]["resource"]["resource"])
                  .seconds,
              9);

    EXPECT_EQ(client302.post_form("/klingai/m2v_16_img2video_5s", {{"prompt", "p", "", ""}}).json["error"]["err_code"],
              -10011);
    EXPECT_EQ(client302.post("/klingai/m2v_16_img2video_5s", open_).json["error"]["err_code"], -10011);
    EXPECT_EQ(client302.get("/klingai/task/kling_1" + fetch).json["error"]["err_code"], -10010);
    sandbox_->order_fault("code:1102");
    EXPECT_EQ(client302.post_form("/klingai/m2v_16_img2video_5s", form).json["error"]["err_code"], -10004);
    EXPECT_EQ(bills(), 2U);
}

TEST_F(SandboxTest, Ai302TakesReferencePicturesInOneOperationAlone)
{
    start();
    SandboxClient client302 = client("302ai");
    const std::string bytes = test::photo_bytes("coffee.png");
    const httplib::MultipartFormDataItems form = {{"input_image", bytes, "a.png", "image/png"},
                                                  {"image_list", bytes, "b.png", "image/png"},
                                                  {"image_list", bytes, "c.png", "image/png"},
                                                  {"prompt", "p", "", ""}};
    EXPECT_EQ(client302.post_form("/klingai/m2v_16_img2video_5s", form).status, 200);
    EXPECT_EQ(sandbox_->state()["tasks"][0]["kind"], "multi-image2video");
    EXPECT_EQ(client302.post_form("/klingai/m2v_16_img2video_10s", form).status, 400);
}

TEST_F(SandboxTest, FilesTakeRangesAndReportCredentials)
{
    start();
    SandboxClient kling = client("kling");
    const std::string id = kling.post("/v1/videos/text2video", {{"prompt", "a boat"}}).json["data"]["task_id"];
    const std::string url = kling.official_result("", "text2video", id)["task_result"]["videos"][0]["url"];
    const std::string whole = kling.fetch(url).body;
    const auto part = kling.fetch(url, {{"Range", "bytes=100-"}});
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.body, whole.substr(100));
    EXPECT_TRUE(sandbox_->state()["leaks"].empty());
    kling.fetch(url, {{"Authorization", "Bearer x"}});
    EXPECT_EQ(sandbox_->state()["leaks"].size(), 1U);
    std::string forged = url;
    forged.back() = forged.back() == '0' ? '1' : '0';
    EXPECT_EQ(kling.fetch(forged).status, 403);
}

TEST_F(SandboxTest, AFullAccountABusyOneAndAPoorOneAreTold)
{
    sandbox::Settings settings = test::quick_sandbox();
    settings.take_seconds = 60;
    settings.slots = 2;
    settings.balance = 0.30;
    start(settings);
    SandboxClient kling = client("kling");
    const json cheap = {{"prompt", "a boat"}}; // 0.14
    EXPECT_EQ(kling.post("/v1/videos/text2video", cheap).code(), 0);
    EXPECT_EQ(kling.post("/v1/videos/image2video", open_).code(), 1102); // 0.28
    EXPECT_EQ(kling.post("/v1/videos/text2video", cheap).code(), 0);
    const auto full = kling.post("/v1/videos/text2video", cheap);
    EXPECT_EQ(full.code(), 1303);
    EXPECT_EQ(full.status, 429);
    EXPECT_NEAR(billed(), 0.28, 1e-9);
}

TEST_F(SandboxTest, SubmitsComingTooFastAreTold)
{
    sandbox::Settings settings = test::quick_sandbox();
    settings.rate = 2;
    start(settings);
    SandboxClient kling = client("kling");
    std::vector<int> codes;
    for (int i = 0; i < 3; ++i) {
        codes.push_back(kling.post("/v1/videos/text2video", {{"prompt", "a boat"}}).code());
    }
    EXPECT_EQ(codes, (std::vector<int>{0, 0, 1302}));
}

TEST_F(SandboxTest, AProxyInFrontTakesOnlySoMuch)
{
    sandbox::Settings settings = test::quick_sandbox();
    settings.max_request = 1000;
    start(settings);
    SandboxClient kling = client("kling");
    const auto large = kling.post("/v1/videos/image2video", open_);
    EXPECT_EQ(large.status, 413);
    EXPECT_EQ(large.header("Content-Type"), "text/html");
    EXPECT_NE(large.body.find("413 Request Entity Too Large"), std::string::npos);
    EXPECT_EQ(kling.post("/v1/videos/text2video", {{"prompt", "a boat"}}).code(), 0);
    EXPECT_EQ(bills(), 1U);
}

TEST_F(SandboxTest, TheSamePictureIsRenderedOnceHoweverOftenItIsAsked)
{
    start();
    std::atomic<int> accepted = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 40; ++i) {
            threads.emplace_back([&] {
                SandboxClient kling = client("kling");
                accepted += kling.post("/v1/videos/image2video", open_).code() == 0 ? 1 : 0;
            });
        }
    }
    EXPECT_EQ(accepted, 40);
    EXPECT_EQ(bills(), 40U);
    SandboxClient kling = client("kling");
    const json state = sandbox_->state();
    for (const json& task : state["tasks"]) {
        kling.official_result("", "image2video", task["id"]);
    }
    EXPECT_EQ(sandbox_->state()["rendered"], 1);
}

TEST_F(SandboxTest, ColoursDriftFromThePictureAsFarAsAsked)
{
    const auto luma_of_last = [&](double drift) {
        sandbox::Settings settings = test::quick_sandbox();
        settings.drift = drift;
        start(settings);
        SandboxClient kling = client("kling");
        const std::string id = kling.post("/v1/videos/image2video", open_).json["data"]["task_id"];
        film(kling.official_result("", "image2video", id)["task_result"]["videos"][0]["url"]);
        av::VideoReader reader(dir_ / "film.mp4");
        double luma = 0;
        while (const auto shown = reader.next()) {
            luma = mean_luma(shown->frame);
        }
        return luma;
    };
    EXPECT_NEAR(luma_of_last(20) - luma_of_last(0), 20, 1);
}

TEST_F(SandboxTest, ThePageShowsTasksAndEscapesWhatClientsSay)
{
    start();
    SandboxClient kling = client("kling");
    kling.post("/v1/videos/text2video", {{"prompt", "<script>alert(1)</script>"}});
    const auto page = kling.fetch(sandbox_->base_url(""));
    EXPECT_EQ(page.status, 200);
    EXPECT_NE(page.body.find("&lt;script&gt;alert(1)"), std::string::npos);
    EXPECT_EQ(page.body.find("<script>alert"), std::string::npos);
}

} // namespace
} // namespace longtake
