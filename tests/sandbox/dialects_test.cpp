#include "pipeline/av/probe.h"
#include "pipeline/base/hash.h"
#include "pipeline/providers/catalog.h"
#include "tests/sandbox/sandbox_client.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <optional>

namespace longtake {
namespace {

/// The program's own clients against the sandbox: what one says the other has to understand.
class SandboxDialectsTest : public ::testing::TestWithParam<const char*> {
protected:
    void start(const sandbox::Settings& settings = test::quick_sandbox(), const std::string& shape = {})
    {
        sandbox_.emplace(settings);
        const ModelCatalog catalog = load_models(settings.preset_dirs);
        ProviderSettings client;
        client.facts = catalog.provider(GetParam());
        if (!shape.empty()) {
            set_shape(client.facts, shape);
        }
        client.keys = sandbox_->keys();
        client.base_url = sandbox_->base_url(GetParam());
        client.shape = shape;
        provider_ = make_provider(GetParam(), client);
    }

    static Still picture(const std::string& name, Size size)
    {
        Still still;
        still.file = test::photo(name);
        still.sha256 = sha256_of_file(still.file);
        still.size = size;
        still.format = "png";
        return still;
    }

    /// A take of 5 s from a picture that the default model makes.
    TakeRequest opening()
    {
        TakeRequest request;
        request.shot = "cup";
        request.model = "kling-v1-6";
        request.take.seconds = 5;
        request.take.prompt = "steam rises";
        request.size = {1280, 720};
        request.stills.image = picture("coffee.png", {600, 400});
        request.own_id = "take-" + std::to_string(++takes_);
        return request;
    }

    /// Submits, waits and downloads. Fails the test with the service's words where it does not come to a film.
    Ready make(const TakeRequest& request)
    {
        const Submission submission = provider_->submit(request, {});
        if (const auto* declined = std::get_if<Declined>(&submission)) {
            ADD_FAILURE() << declined->reason;
            return {};
        }
        const Job job = std::get<Accepted>(submission).job;
        for (int i = 0; i < 500; ++i) {
            const JobState state = provider_->poll(job, {});
            if (const auto* ready = std::get_if<Ready>(&state)) {
                film_ = dir_ / ("film" + std::to_string(takes_) + ".mp4");
                provider_->download(*ready, film_, {}, {});
                return *ready;
            }
            if (!std::holds_alternative<Running>(state)) {
                ADD_FAILURE() << "state " << state.index();
                return {};
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        ADD_FAILURE() << "never ready";
        return {};
    }

    /// The film of make(), decoded to its end.
    double seconds() const { return av::measure(film_).seconds; }

    void expect_bills(std::size_t count) const
    {
        const auto state = sandbox_->state();
        EXPECT_EQ(state["bills"].size(), count);
        EXPECT_EQ(state["refused"], nlohmann::json::array());
        EXPECT_EQ(state["leaks"], nlohmann::json::array());
    }

    test::TempDir dir_;
    std::optional<sandbox::Sandbox> sandbox_;
    std::unique_ptr<Provider> provider_;
    std::filesystem::path film_;
    int takes_ = 0;
};

class EveryDialectTest : public SandboxDialectsTest {};

TEST_P(EveryDialectTest, MakesTakesFromPicturesAndText)
{
    start();
    make(opening());
    EXPECT_NEAR(seconds(), 5.1, 0.01);

    TakeRequest arriving = opening();
    arriving.settings.mode = "pro";
    arriving.take.end_frame = true;
    arriving.stills.end_image = picture("astronaut.png", {512, 512});
    make(arriving);

    TakeRequest text = opening();
    text.stills.image.reset();
    text.settings.negative_prompt = "text, watermark";
    text.settings.aspect_ratio = "16:9";
    make(text);
    EXPECT_NEAR(seconds(), 5.04, 0.01);
    expect_bills(3);
}

TEST_P(EveryDialectTest, ReadsALostAnswerAsUnclearAndABusyServiceAsThat)
{
    start();
    sandbox_->order_fault("drop-after-accept");
    sandbox_->order_fault("code:1303:2");
    sandbox_->order_fault("code:1102:3");
    EXPECT_TRUE(std::holds_alternative<Unclear>(provider_->submit(opening(), {})));
    const Submission busy = provider_->submit(opening(), {});
    ASSERT_TRUE(std::holds_alternative<Declined>(busy));
    EXPECT_EQ(std::get<Declined>(busy).code, Errc::pending);
    const Submission poor = provider_->submit(opening(), {});
    ASSERT_TRUE(std::holds_alternative<Declined>(poor));
    EXPECT_EQ(std::get<Declined>(poor).then, Declined::Then::stop);
    EXPECT_EQ(std::get<Declined>(poor).code, Errc::budget);
    EXPECT_EQ(sandbox_->state()["bills"].size(), 1U);
    EXPECT_EQ(sandbox_->state()["submits"], 3);
}

INSTANTIATE_TEST_SUITE_P(Of, EveryDialectTest, ::testing::Values("kling", "newapi", "dmxapi", "wavespeed", "302ai"),
                         [](const auto& info) { return "X" + std::string(info.param); });

class ExtendingDialectTest : public SandboxDialectsTest {};

TEST_P(ExtendingDialectTest, ExtendsItsOwnTake)
{
    sandbox::Settings settings = test::quick_sandbox();
    settings.newapi_passthrough = true;
    start(settings, std::string(GetParam()) == "newapi" ? "passthrough" : "");
    const Ready parent = make(opening());
    TakeRequest more = opening();
    more.take.kind = PlannedTake::Kind::extend;
    more.stills = {};
    more.parent = parent.ref;
    make(more);
    EXPECT_GE(seconds(), 9.09);
    EXPECT_LE(seconds(), 10.11);
    expect_bills(2);
}

INSTANTIATE_TEST_SUITE_P(Of, ExtendingDialectTest, ::testing::Values("kling", "newapi", "dmxapi", "302ai"),
                         [](const auto& info) { return "X" + std::string(info.param); });

class KlingDialectTest : public SandboxDialectsTest {};

TEST_P(KlingDialectTest, AsksForEverythingTheServiceHas)
{
    start();
    TakeRequest camera = opening();
    camera.model = "kling-v1-5";
    camera.settings.mode = "pro";
    camera.settings.camera = CameraMove{.zoom = -4};
    make(camera);

    TakeRequest brush = opening();
    brush.model = "kling-v1";
    brush.stills.static_mask = picture("coffee.png", {600, 400});
    brush.stills.dynamic_masks = {picture("coffee.png", {600, 400})};
    brush.trajectories = {{"", {{120, 80}, {260, 140}}}};
    make(brush);

    TakeRequest several = opening();
    several.stills.images = {picture("coffee.png", {600, 400}), picture("chelsea.png", {451, 300})};
    several.stills.image.reset();
    make(several);

    TakeRequest parts = opening();
    parts.model = "kling-v3";
    parts.take.seconds = 8;
    parts.multi_shot = {{"wide", 3}, {"close", 5}};
    parts.settings.sound = true;
    parts.settings.voices = {"829836"};
    parts.settings.watermark = true;
    parts.settings.callback_url = "https://example.com/hook";
    make(parts);
    EXPECT_GT(av::measure(film_).samples, 0);

    TakeRequest effect = opening();
    effect.effect = Effect{"squish"};
    make(effect);

    TakeRequest newer = opening();
    newer.model = "kling-3.0-turbo";
    make(newer);
    expect_bills(6);
}

TEST_P(KlingDialectTest, SpeechIsLaidOnATake)
{
    start();
    const Ready parent = make(opening());
    TakeRequest speech = opening();
    speech.take.kind = PlannedTake::Kind::lip_sync;
    speech.stills = {};
    speech.parent = parent.ref;
    speech.parent_footage = film_;
    speech.lip_sync = LipSync{{}, "good morning", "girlfriend_1"};
    make(speech);
    EXPECT_NEAR(seconds(), 5.1, 0.01);
    EXPECT_GT(av::measure(film_).samples, 0);
    expect_bills(2);
}

TEST_P(KlingDialectTest, FindsALostSubmitByItsOwnId)
{
    start();
    sandbox_->order_fault("drop-after-accept");
    const TakeRequest lost = opening();
    ASSERT_TRUE(std::holds_alternative<Unclear>(provider_->submit(lost, {})));
    const Search found = provider_->search(lost, {});
    ASSERT_TRUE(found.job.has_value()) << found.reason;
    TakeRequest never = lost;
    never.own_id = "never-sent";
    const Search missing = provider_->search(never, {});
    EXPECT_TRUE(missing.reached);
    EXPECT_FALSE(missing.job.has_value());
}

TEST_P(KlingDialectTest, SignsAgainWhenTheServicesClockIsAnother)
{
    for (const double ahead : {-120.0, 2400.0}) {
        sandbox::Settings settings = test::quick_sandbox();
        settings.clock = ahead;
        start(settings);
        make(opening());
        EXPECT_EQ(sandbox_->state()["bills"].size(), 1U) << ahead;
    }
}

INSTANTIATE_TEST_SUITE_P(Of, KlingDialectTest, ::testing::Values("kling"), [](const auto&) { return "Xkling"; });

class WaveSpeedDialectTest : public SandboxDialectsTest {};

TEST_P(WaveSpeedDialectTest, AsksForEverythingTheServiceHas)
{
    start();
    TakeRequest several = opening();
    several.stills.images = {picture("coffee.png", {600, 400}), picture("chelsea.png", {451, 300})};
    several.stills.image.reset();
    make(several);

    TakeRequest effect = opening();
    effect.effect = Effect{"squish"};
    make(effect);

    TakeRequest sounding = opening();
    sounding.model = "kling-v2-6";
    sounding.settings.mode = "pro";
    sounding.settings.sound = true;
    make(sounding);

    const Ready parent = make(opening());
    TakeRequest speech = opening();
    speech.take.kind = PlannedTake::Kind::lip_sync;
    speech.stills = {};
    speech.parent = parent.ref;
    speech.parent_footage = film_;
    speech.lip_sync = LipSync{{}, "good morning", "girlfriend_1"};
    make(speech);
    EXPECT_GT(av::measure(film_).samples, 0);
    expect_bills(5);
}

INSTANTIATE_TEST_SUITE_P(Of, WaveSpeedDialectTest, ::testing::Values("wavespeed"),
                         [](const auto&) { return "Xwavespeed"; });

} // namespace
} // namespace longtake
