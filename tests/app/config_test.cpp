#include "pipeline/app/config.h"

#include "pipeline/app/app.h"
#include "pipeline/sandbox/sandbox.h"
#include "tests/support/boards.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include <fstream>
#include <map>
#include <sstream>
#include <vector>

namespace longtake {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// A project folder as it may come from somebody else, and the user's own configuration.
class ConfigTest : public ::testing::Test {
protected:
    ConfigTest()
    {
        variables_["XDG_CONFIG_HOME"] = dir_ / "home/config";
        variables_["XDG_STATE_HOME"] = dir_ / "home/state";
        std::filesystem::create_directories(dir_ / "home/config/longtake");
        std::filesystem::create_directories(dir_ / "project");
        board("kling");
    }

    void board(const std::string& provider, const json& more = json::object())
    {
        json film = {{"schema", "longtake/storyboard/1"},
                     {"provider", provider},
                     {"size", "320x180"},
                     {"fps", 24},
                     {"shots",
                      {{{"id", "cup"},
                        {"image", test::photo("coffee.png")},
                        {"prompt", "steam rises"},
                        {"seconds", 5},
                        {"transition", {{"type", "cut"}}}}}}};
        film.update(more);
        test::write_board(dir_ / "project/board.json", film);
    }

    void project(const json& config) { write(dir_ / "project/longtake.json", config); }
    void own(const json& config) { write(dir_ / "home/config/longtake/config.json", config); }

    int run(std::vector<std::string> arguments)
    {
        arguments.insert(arguments.begin(), "longtake");
        std::vector<const char*> argv;
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
        said_ = err.str();
        return status;
    }

    int plan(const std::vector<std::string>& more = {})
    {
        std::vector<std::string> arguments = {"plan", dir_ / "project/board.json"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run(arguments);
    }

    int film(const std::vector<std::string>& more = {})
    {
        std::vector<std::string> arguments = {"run", dir_ / "project/board.json", "--yes", "-o", dir_ / "out"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run(arguments);
    }

    /// What the plan costs; -1 if that is unknown.
    double cost(const std::vector<std::string>& more = {})
    {
        std::vector<std::string> arguments = {"--json"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        EXPECT_EQ(plan(arguments), 0) << said_;
        const json amount = json::parse(out_)["cost"]["amount"];
        return amount.is_number() ? amount.get<double>() : -1;
    }

    bool wrote_something() const
    {
        return std::filesystem::exists(dir_ / "project/board.longtake") || std::filesystem::exists(dir_ / "out");
    }

    static json service(const std::string& provider, const json& members)
    {
        return {{"providers", {{provider, members}}}};
    }

    static void write(const std::filesystem::path& file, const json& config) { std::ofstream(file) << config; }

    test::TempDir dir_;
    std::map<std::string, std::string> variables_;
    std::string out_;
    std::string said_;
};

struct Hostile {
    const char* name;
    json members;
    const char* says;
    friend void PrintTo(const Hostile& hostile, std::ostream* out) { *out << hostile.name; }
};

class HostileProjectTest : public ConfigTest, public ::testing::WithParamInterface<Hostile> {};

/// Named with its place, value and effect, before anything is sent or written, with both ways on.
TEST_P(HostileProjectTest, IsNamedAndStopsEverything)
{
    own(service("kling", {{"daily_cap", 5}, {"concurrency", 2}}));
    project(service("kling", GetParam().members));
    EXPECT_EQ(film(), 2) << said_;
    EXPECT_THAT(said_, AllOf(HasSubstr("project/longtake.json"), HasSubstr(GetParam().says),
                             HasSubstr("home/config/longtake/config.json"), HasSubstr("--trust-project")));
    EXPECT_EQ(plan(), 2) << said_;
    EXPECT_EQ(run({"validate", dir_ / "project/board.json"}), 2) << said_;
    EXPECT_FALSE(wrote_something());
    EXPECT_EQ(plan({"--trust-project"}), 0) << said_;
    EXPECT_EQ(run({"validate", "--trust-project", dir_ / "project/board.json"}), 0) << said_;
    EXPECT_EQ(plan({"--provider", "wavespeed"}), 0) << said_;
    EXPECT_THAT(said_, AllOf(HasSubstr("warning: "), HasSubstr("left out"), HasSubstr(GetParam().says)));
}

const Hostile k_hostile[] = {
    {"address",
     {{"base_url", "https://evil.example/kling"}},
     R"(/providers/kling/base_url "https://evil.example/kling": would send your keys, pictures and prompts there)"},
    {"price",
     {{"prices", {{"kling-v1-6", {{"std", 0.0001}}}}}},
     "/providers/kling/prices/kling-v1-6/std 0.0001: would change the prices that plans and caps count with"},
    {"submit", {{"submit_timeout", 0.01}}, "/providers/kling/submit_timeout 0.01: would change"},
    {"task", {{"task_timeout", 1}}, "/providers/kling/task_timeout 1: would change"},
    {"reconcile", {{"reconcile_seconds", 0}}, "/providers/kling/reconcile_seconds 0: would change"},
    {"cap", {{"daily_cap", 5.01}}, "/providers/kling/daily_cap 5.01: would raise your daily cap of $5"},
    {"concurrency", {{"concurrency", 3}}, "/providers/kling/concurrency 3: would have more than 2 takes made at once"},
};

INSTANTIATE_TEST_SUITE_P(All, HostileProjectTest, ::testing::ValuesIn(k_hostile),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_F(ConfigTest, AProjectDoesNotSayHowAGatewayIsSpokenTo)
{
    board("newapi");
    variables_["LONGTAKE_NEWAPI_BASE_URL"] = "https://gateway.example";
    project(service("newapi", {{"shape", "passthrough"}, {"base_url", "https://other.example"}}));
    EXPECT_EQ(plan(), 2);
    EXPECT_THAT(said_, AllOf(HasSubstr(R"(/providers/newapi/shape "passthrough": would change how)"),
                             Not(HasSubstr("other.example"))))
        << "the environment overrules the address";
    EXPECT_EQ(plan({"--trust-project"}), 0) << said_;
}

TEST_F(ConfigTest, AnAddressInLettersThatLookLikeOthersIsShownInAscii)
{
    project(service("kling", {{"base_url", "https://\u0430pi.klingai.com/\u202E" + std::string(300, 'x') + "end"}}));
    EXPECT_EQ(plan(), 2);
    EXPECT_THAT(said_, AllOf(HasSubstr("https://\\u0430pi.klingai.com/\\u202e"), HasSubstr("xend\"")));
}

TEST_F(ConfigTest, NoKeyLeavesForAnAddressOfTheProject)
{
    sandbox::Settings settings;
    settings.preset_dirs = {std::filesystem::path(LONGTAKE_SOURCE_DIR) / "presets"};
    settings.size = Size{64, 36};
    settings.queue_seconds = 0;
    settings.take_seconds = 0.02;
    const sandbox::Sandbox services(settings);
    for (const auto& [name, value] : services.environment()) {
        variables_[name] = value;
    }
    const std::string address = variables_["LONGTAKE_KLING_BASE_URL"];
    variables_.erase("LONGTAKE_KLING_BASE_URL");
    variables_["LONGTAKE_POLL_SECONDS"] = "0.02";
    project(service("kling", {{"base_url", address}}));
    EXPECT_EQ(film(), 2);
    EXPECT_EQ(services.state()["requests_total"], 0);
    EXPECT_FALSE(wrote_something());
    variables_["LONGTAKE_KLING_BASE_URL"] = address; // the user's own word overrules the project's
    EXPECT_EQ(plan(), 0) << said_;
    variables_.erase("LONGTAKE_KLING_BASE_URL");
    EXPECT_EQ(film({"--trust-project"}), 0) << said_;
    EXPECT_GT(services.state()["requests_total"], 0);
}

TEST_F(ConfigTest, AProjectMayLowerCapsAndSetWhatCostsNothing)
{
    own({{"max_cost", 20}});
    project({{"jobs", 3}, {"max_cost", 0.01}, {"providers", {{"kling", {{"concurrency", 1}, {"daily_cap", 1}}}}}});
    EXPECT_EQ(plan(), 0) << said_;
    variables_["KLING_API_KEY"] = "sk-of-a-test";
    EXPECT_EQ(film(), 6) << said_;
    EXPECT_THAT(said_, HasSubstr("0.01"));
    own(json::object());
    EXPECT_EQ(film(), 6) << "where the user has no cap the project's counts: " << said_;
    EXPECT_FALSE(wrote_something());
}

TEST_F(ConfigTest, AProjectsJobsAreNoMoreTakesAtOnceThanTheServiceIsKnownToTake)
{
    app::Environment environment;
    environment.variable = [this](const std::string& name) {
        const auto found = variables_.find(name);
        return found == variables_.end() ? std::nullopt : std::optional(found->second);
    };
    std::ostringstream out;
    std::ostringstream err;
    app::Console console(out, err);
    const app::Session session{console, environment};
    project({{"jobs", 64}});
    const app::Config config = app::load_config({dir_ / "project", "kling"}, session);
    EXPECT_EQ(config.jobs, config.catalog.provider("kling").concurrency);
    EXPECT_EQ(app::load_config({dir_ / "project", "local"}, session).jobs, 64);
    EXPECT_EQ(app::load_config({dir_ / "project", "kling", true}, session).jobs, 64);
    own({{"jobs", 20}});
    EXPECT_EQ(app::load_config({dir_ / "project", "kling"}, session).jobs, 20);
}

TEST_F(ConfigTest, AProjectDoesNotRaiseTheCapOfAFilm)
{
    own({{"max_cost", 0.1}});
    project({{"max_cost", 50}});
    EXPECT_EQ(film(), 2);
    EXPECT_THAT(said_, HasSubstr("/max_cost 50: would raise your cap of $0.1 a film"));
    board("local");
    EXPECT_EQ(film({"--dry-run"}), 0) << "a film that costs nothing needs no agreement: " << said_;
}

TEST_F(ConfigTest, WhatTheUserHasToo)
{
    const json same = service("kling", {{"task_timeout", 60}, {"prices", {{"kling-v1-6", {{"std", 0.5}}}}}});
    own(same);
    project(same);
    EXPECT_DOUBLE_EQ(cost({"--set", "defaults.model=kling-v1-6", "--set", "defaults.mode=std"}), 2.5);
    EXPECT_THAT(said_, Not(HasSubstr("longtake.json")));
}

TEST_F(ConfigTest, TrustedPricesOfAProjectCount)
{
    own(service("kling", {{"prices", {{"kling-v1-6", {{"std", 0.5}}}}}}));
    project(service("kling", {{"prices", {{"kling-v1-6", {{"std", 0.1}}}}}}));
    EXPECT_DOUBLE_EQ(cost({"--trust-project", "--set", "defaults.model=kling-v1-6", "--set", "defaults.mode=std"}),
                     0.5);
}

TEST_F(ConfigTest, APresetFileThatTheStoryboardNamesNeedsAWord)
{
    std::ofstream(dir_ / "project/own.json") << R"({"schema":"longtake/delivery/1","extends":"preview/360p"})";
    const std::string preset = dir_ / "project/own.json";
    board("local", {{"deliver", {preset}}});
    EXPECT_EQ(film(), 2);
    EXPECT_THAT(said_, AllOf(HasSubstr(preset), HasSubstr("-p"), HasSubstr("--trust-project")));
    EXPECT_FALSE(wrote_something());
    board("local", {{"deliver", {preset}}, {"shots", {{{"id", "a"}, {"card", {{"text", "hi"}}}, {"seconds", 0.5}}}}});
    EXPECT_EQ(film({"-p", preset}), 0) << said_;
    EXPECT_EQ(film({"--trust-project"}), 0) << said_;
}

TEST_F(ConfigTest, APlanSaysWhoWouldBeTold)
{
    board("kling", {{"defaults", {{"callback_url", "https://hook.example/x"}}}});
    EXPECT_EQ(plan(), 0) << said_;
    EXPECT_THAT(out_, HasSubstr("https://hook.example/x"));
    EXPECT_EQ(plan({"--json"}), 0) << said_;
    EXPECT_THAT(json::parse(out_)["notes"].dump(), HasSubstr("https://hook.example/x"));
}

struct BadNumber {
    const char* key;
    const char* value;
};

TEST_F(ConfigTest, NumbersThatAreNoneAreRefusedByFileAndPlace)
{
    const BadNumber cases[] = {
        {"max_cost", "-1"},         {"max_cost", "\"5\""},  {"max_cost", "null"},      {"max_cost", "1e999"},
        {"max_cost", "NaN"},        {"max_cost", "0x10"},   {"jobs", "2.5"},           {"jobs", "0"},
        {"daily_cap", "-0.01"},     {"daily_cap", "\"1\""}, {"daily_cap", "null"},     {"concurrency", "1e300"},
        {"concurrency", "0"},       {"task_timeout", "0"},  {"task_timeout", "1e300"}, {"submit_timeout", "-3"},
        {"reconcile_seconds", "-1"}};
    for (const auto& [key, value] : cases) {
        SCOPED_TRACE(std::string(key) + " " + value);
        const bool top = std::string(key) == "max_cost" || std::string(key) == "jobs";
        const std::string member = std::string("{\"") + key + "\":" + value + "}";
        std::ofstream(dir_ / "home/config/longtake/config.json")
            << (top ? member : "{\"providers\":{\"kling\":" + member + "}}");
        EXPECT_EQ(plan(), 2);
        EXPECT_THAT(said_, HasSubstr("config.json: "));
    }
}

TEST_F(ConfigTest, PricesThatAreNoneAreRefusedByFileAndPlace)
{
    for (const char* price : {"-0.01", "\"free\"", "null", "true", "[]", "1e999"}) {
        std::ofstream(dir_ / "home/config/longtake/config.json")
            << R"({"providers":{"kling":{"prices":{"kling-v1-6":{"std":)" << price << "}}}}}";
        EXPECT_EQ(plan(), 2) << price;
        EXPECT_THAT(said_, HasSubstr("config.json: ")) << price;
    }
    own(service("kling", {{"prices", {{"kling-v1-6", nullptr}}}}));
    EXPECT_EQ(plan(), 2);
    EXPECT_THAT(said_, HasSubstr("/providers/kling/prices/kling-v1-6: found null"));
}

TEST_F(ConfigTest, NumbersOfFlagsAndVariablesAreDecimal)
{
    for (const char* text : {"nan", "inf", "-inf", "0x10", "-1", "1e999", "", "5usd", " 5"}) {
        EXPECT_EQ(film({std::string("--max-cost=") + text}), 2) << text;
        EXPECT_EQ(run({"sandbox", std::string("--balance=") + text}), 2) << text;
        variables_["LONGTAKE_POLL_SECONDS"] = text;
        EXPECT_EQ(plan(), 2) << text;
        EXPECT_THAT(said_, HasSubstr("LONGTAKE_POLL_SECONDS")) << text;
        variables_.erase("LONGTAKE_POLL_SECONDS");
    }
    EXPECT_FALSE(wrote_something());
}

TEST_F(ConfigTest, APipeAsConfigurationIsRefusedAndNotWaitedFor)
{
    ASSERT_EQ(::mkfifo((dir_ / "project/longtake.json").c_str(), 0600), 0);
    EXPECT_EQ(plan(), 2);
    EXPECT_THAT(said_, HasSubstr("longtake.json: is a pipe (FIFO), not a regular file"));
    std::filesystem::remove(dir_ / "project/longtake.json");
    ASSERT_EQ(::mkfifo((dir_ / "home/config/longtake/config.json").c_str(), 0600), 0);
    EXPECT_EQ(plan(), 2);
    EXPECT_THAT(said_, HasSubstr("config.json: is a pipe (FIFO), not a regular file"));
}

} // namespace
} // namespace longtake
