#include "pipeline/app/app.h"

#include "tests/providers/recording_server.h"
#include "tests/sandbox/sandbox_client.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

namespace longtake {
namespace {

using nlohmann::json;

/// The program's commands beside a sandbox.
class OnlineRun {
public:
    OnlineRun() : sandbox_(test::quick_sandbox()), variables_(sandbox_.environment())
    {
        variables_["XDG_CONFIG_HOME"] = dir_.path();
        std::filesystem::create_directories(dir_ / "longtake");
        std::ofstream(dir_ / "longtake/config.json")
            << R"({"providers":{"wavespeed":{"prices":{"kling-v1-6":{"pro":0.098}}}}})";
    }

    int run(const std::vector<std::string>& arguments)
    {
        std::vector<const char*> argv = {"longtake"};
        for (const std::string& argument : arguments) {
            argv.push_back(argument.c_str());
        }
        app::Environment environment;
        environment.variable = [this](const std::string& name) {
            const auto found = variables_.find(name);
            return found == variables_.end() ? std::nullopt : std::optional(found->second);
        };
        std::ostringstream out;
        std::ostringstream err;
        const int status = app::run(static_cast<int>(argv.size()), argv.data(), out, err, environment);
        out_ = out.str();
        said_ = out_ + err.str();
        return status;
    }

    /// Of a command with --json.
    json result() const { return json::parse(out_); }

    /// One line of doctor's; null: it is not there.
    json check(const std::string& name) const
    {
        const json whole = result();
        for (const json& one : whole.at("checks")) {
            if (one["name"] == name) {
                return one;
            }
        }
        return {};
    }

    void forget_key() { variables_.erase("WAVESPEED_API_KEY"); }
    void set(const std::string& name, const std::string& value) { variables_[name] = value; }
    const std::string& said() const { return said_; }
    const sandbox::Sandbox& sandbox() const { return sandbox_; }
    int requests() const { return sandbox_.state()["requests_total"]; }

    /// The sandbox's own list of models.
    json models()
    {
        test::SandboxClient client(sandbox_, "wavespeed");
        return client.get("/api/v3/models").json;
    }

private:
    test::TempDir dir_;
    sandbox::Sandbox sandbox_;
    std::map<std::string, std::string> variables_;
    std::string out_;
    std::string said_;
};

json& request_schema(json& models, const std::string& slug)
{
    for (json& model : models["data"]) {
        if (model["model_id"] == slug) {
            return model["api_schema"]["api_schemas"][0]["request_schema"];
        }
    }
    throw std::out_of_range(slug);
}

TEST(OnlineTest, ShowsTheBalanceAndEveryRoutesPriceBesideOurs)
{
    OnlineRun run;
    ASSERT_EQ(run.run({"providers", "show", "wavespeed", "--online", "--json"}), 0) << run.said();
    const json shown = run.result();
    EXPECT_EQ(shown["provider"], "wavespeed");
    EXPECT_EQ(shown["balance"], 100.0);
    EXPECT_EQ(shown["quotes"].size(), 63U);
    for (const json& quote : shown["quotes"]) {
        EXPECT_EQ(quote["currency"], "USD");
        if (quote["slug"] == "kwaivgi/kling-v4.0/text-to-video" && quote["mode"] == "pro") {
            EXPECT_EQ(quote["inputs"], (json{{"duration", 5}, {"resolution", "1080p"}}));
            EXPECT_NEAR(quote["price"].get<double>(), 5 * 0.235, 1e-9);
            EXPECT_NEAR(quote["ours"].get<double>(), 5 * 0.235, 1e-9);
        }
        if (quote["slug"] == "kwaivgi/kling-v3.0-4k/text-to-video") {
            EXPECT_TRUE(quote["ours"].is_null()) << "not known here";
            EXPECT_TRUE(quote["price"].is_number());
        }
        if (quote["slug"] == "kwaivgi/kling-v1.6-i2v-pro") {
            EXPECT_NEAR(quote["ours"].get<double>(), 5 * 0.098, 1e-9) << "the user's own price";
        }
    }
    ASSERT_EQ(run.run({"providers", "show", "wavespeed", "--online"}), 0) << run.said();
    for (const char* words : {"balance   $100", "kwaivgi/kling-v2.6-pro/text-to-video", "ours $0.35", "ours unknown"}) {
        EXPECT_NE(run.said().find(words), std::string::npos) << words << " is not in:\n" << run.said();
    }
    EXPECT_EQ(run.sandbox().state()["submits"], 0) << "nothing was asked to be made";
}

TEST(OnlineTest, AsksWavespeedAlone)
{
    OnlineRun run;
    EXPECT_EQ(run.run({"providers", "show", "kling", "--online"}), 2);
    EXPECT_NE(run.said().find("only wavespeed can be asked"), std::string::npos) << run.said();
    EXPECT_EQ(run.run({"providers", "show", "klign", "--online"}), 2);
    EXPECT_EQ(run.run({"providers", "list", "--online"}), 2);
    run.forget_key();
    EXPECT_EQ(run.run({"providers", "show", "wavespeed", "--online"}), 4) << run.said();
    EXPECT_EQ(run.requests(), 0);
}

TEST(OnlineTest, ARefusedKeyIsSaidAndTheRestOfTheListingStands)
{
    OnlineRun run;
    run.set("WAVESPEED_API_KEY", "somebody-elses");
    EXPECT_EQ(run.run({"providers", "show", "wavespeed", "--online"}), 4) << run.said();
    EXPECT_NE(run.said().find("asking wavespeed for the balance"), std::string::npos) << run.said();
    EXPECT_EQ(run.run({"doctor", "--online", "--json"}), 1);
    EXPECT_EQ(run.check("wavespeed")["ok"], false);
    EXPECT_EQ(run.said().find("somebody-elses"), std::string::npos);
}

TEST(OnlineTest, TheDoctorFindsTheSandboxToTakeWhatWeSend)
{
    OnlineRun run;
    EXPECT_EQ(run.run({"doctor", "--online", "--json"}), 0) << run.said();
    EXPECT_EQ(run.check("wavespeed")["ok"], true) << run.said();

    const int asked = run.requests();
    run.run({"doctor", "--json"});
    EXPECT_TRUE(run.check("wavespeed").is_null());
    run.forget_key();
    EXPECT_EQ(run.run({"doctor", "--online", "--json"}), 0) << run.said();
    EXPECT_EQ(run.check("wavespeed")["says"], "not asked: WAVESPEED_API_KEY is not set");
    EXPECT_EQ(run.requests(), asked);
}

TEST(OnlineTest, TheDoctorNamesSlugAndMemberOfADifference)
{
    OnlineRun run;
    json models = run.models();
    json& properties = request_schema(models, "kwaivgi/kling-v2.6-pro/image-to-video")["properties"];
    properties.erase("last_image");
    properties["end_image"] = {{"type", "string"}};
    request_schema(models, "kwaivgi/kling-video-o1/text-to-video")["required"].push_back("seed");
    test::RecordingServer service;
    service.answer(models.dump());
    run.set("LONGTAKE_WAVESPEED_BASE_URL", service.base());
    EXPECT_EQ(run.run({"doctor", "--online", "--json"}), 1);
    EXPECT_EQ(run.check("wavespeed")["ok"], false);
    EXPECT_EQ(run.check("wavespeed")["says"], "kwaivgi/kling-v2.6-pro/image-to-video does not know last_image; "
                                              "kwaivgi/kling-video-o1/text-to-video requires seed, which is not sent");
}

TEST(OnlineTest, TheDoctorAlwaysSaysWhichModelsWereToBeRetired)
{
    OnlineRun run;
    EXPECT_EQ(run.run({"doctor", "--json"}), 0) << run.said();
    EXPECT_EQ(run.check("models")["ok"], true);
    EXPECT_EQ(run.check("models")["says"],
              "kling-v1-5, kling-v1-6, kling-v2-1, kling-v2-1-master, kling-v2-master were to be retired on "
              "2026-09-15: kling-v2-6 is their successor");
}

TEST(OnlineTest, TheSandboxTellsForNothingAndBillsTheBalance)
{
    sandbox::Settings settings = test::quick_sandbox();
    settings.balance = 3;
    const sandbox::Sandbox sandbox(settings);
    test::SandboxClient client(sandbox, "wavespeed");
    EXPECT_EQ(client.get("/api/v3/balance").json["data"]["balance"], 3.0);
    const json text = {{"prompt", "a boat"}, {"duration", 5}, {"aspect_ratio", "16:9"}};
    EXPECT_EQ(client.post("/api/v3/kwaivgi/kling-v2.6-std/text-to-video", text).status, 200);
    const auto price = client.post(
        "/api/v3/model/price", {{"model_id", "kwaivgi/kling-v2.6-std/text-to-video"}, {"inputs", {{"duration", 5}}}});
    EXPECT_NEAR(price.json["data"]["price"].get<double>(), 0.21, 1e-9);
    EXPECT_NEAR(client.get("/api/v3/balance").json["data"]["balance"].get<double>(), 2.79, 1e-9);
    EXPECT_EQ(client.post("/api/v3/model/price", {{"model_id", "kwaivgi/none"}}).status, 404);
    EXPECT_EQ(client.post("/api/v3/model/price", {{"inputs", json::object()}}).status, 400);
    client.use_key("");
    EXPECT_EQ(client.get("/api/v3/models").status, 401);
    EXPECT_EQ(sandbox.state()["submits"], 1);
}

} // namespace
} // namespace longtake
