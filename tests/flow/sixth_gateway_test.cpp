#include "pipeline/flow/film.h"
#include "pipeline/providers/dialects/remote.h"
#include "pipeline/providers/dialects/request_shape.h"
#include "tests/providers/recording_server.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// A whole dialect: what is sent, and what the answers mean.
class SixthGateway final : public remote::RemoteProvider {
public:
    explicit SixthGateway(const ProviderSettings& settings)
        : RemoteProvider("sixth", settings, {{"/render"}}), key_(key())
    {
    }

    Submission submit(const TakeRequest& request, std::stop_token stop) override
    {
        const Route* route = facts().route(request.model, "text", request.settings.mode, request.take.seconds, false);
        remote::require(route != nullptr, request, "provider sixth makes takes from words alone");
        const json body = {{"engine", route->slug}, {"words", request.take.prompt}, {"length", request.take.seconds}};
        const auto answer = submit_json("/render", body, stop);
        const std::string id = remote::text_of(remote::member(answer.body, "/id"));
        if (answer.failure || id.empty()) {
            return remote::submission_of(answer, error_in(answer.body), {});
        }
        return Accepted{{id}};
    }

    JobState poll(const Job& job, std::stop_token stop) override
    {
        const auto answer = get("/render/" + job.id, stop);
        const std::string word = remote::text_of(remote::member(answer.body, "/state"));
        if (answer.failure || word.empty()) {
            return remote::state_of(answer, error_in(answer.body), {});
        }
        if (remote::phase_of(word) != remote::Phase::done) {
            return Running{};
        }
        Ready ready;
        ready.url = remote::text_of(remote::member(answer.body, "/film"));
        return ready;
    }

protected:
    std::string credential() const override { return key_; }
    std::string authorization() override { return "Bearer " + key_; }
    std::string probe_path() const override { return "/render/0"; }
    bool sends_cfg(const TakeRequest& /*request*/) const override { return false; }

private:
    static remote::ApiError error_in(const json& body)
    {
        return {remote::text_of(remote::member(body, "/code")), remote::text_of(remote::member(body, "/why")), ""};
    }

    std::string key_;
};

/// The catalog with one file more.
ModelCatalog catalog_with_sixth(const fs::path& dir)
{
    fs::create_directories(dir);
    fs::copy(fs::path(LONGTAKE_SOURCE_DIR) / "presets/models", dir / "models");
    fs::copy(fs::path(LONGTAKE_SOURCE_DIR) / "tests/data/sixth_gateway/sixth.json", dir / "models/sixth.json");
    return load_models({dir});
}

TEST(SixthGatewayTest, IsOneSourceAndOneFileOfTheCatalog)
{
    const test::TempDir dir;
    test::RecordingServer server;
    add_provider("sixth", [](const ProviderSettings& settings) { return std::make_unique<SixthGateway>(settings); });
    Account account;
    account.catalog = catalog_with_sixth(dir / "presets");
    Service& service = account.services["sixth"];
    service.keys = {{"SIXTH_API_KEY", "key-of-tests"}};
    service.base_url = server.base();

    const json board = {{"schema", "longtake/storyboard/1"},
                        {"title", "six"},
                        {"provider", "sixth"},
                        {"shots", {{{"id", "boat"}, {"prompt", "a paper boat"}, {"seconds", 5}}}}};
    const Plan plan = plan_film(storyboard_from_json(board, dir.path(), "test"), account.catalog);
    ASSERT_EQ(plan.shots.at(0).takes.size(), 1U);
    EXPECT_DOUBLE_EQ(plan.cost.value(), 0.25);

    const auto gateway = account.provider("sixth", false);
    server.answer(R"({"id":"r1"})");
    const ShotPlan& shot = plan.shots[0];
    const auto accepted = gateway->submit(request_for(plan, shot, {}, shot.takes[0]), {});
    ASSERT_TRUE(std::holds_alternative<Accepted>(accepted));
    EXPECT_EQ(server.last().target, "/render");
    EXPECT_EQ(server.last().header("Authorization"), "Bearer key-of-tests");
    EXPECT_EQ(server.last().json(), json({{"engine", "kling26"}, {"words", "a paper boat"}, {"length", 5.0}}));

    server.answer(R"({"state":"completed","film":"https://f/six.mp4"})");
    const JobState state = gateway->poll(std::get<Accepted>(accepted).job, {});
    ASSERT_TRUE(std::holds_alternative<Ready>(state));
    EXPECT_EQ(std::get<Ready>(state).url, "https://f/six.mp4");

    server.answer(402, R"({"code":"no_money","why":"balance is too low"})");
    const auto declined = gateway->submit(request_for(plan, shot, {}, shot.takes[0]), {});
    EXPECT_TRUE(std::holds_alternative<Declined>(declined));
}

} // namespace
} // namespace longtake
