#include "pipeline/app/app.h"

#include "tests/sandbox/sandbox_client.h"

#include <gtest/gtest.h>

#include <sstream>

namespace longtake {
namespace {

/// Runs `longtake sandbox ARGUMENTS` until it is stopped, at once.
struct SandboxRun {
    int status = -1;
    std::string out;
    std::string err;

    explicit SandboxRun(std::vector<std::string> arguments)
    {
        arguments.insert(arguments.begin(), {"longtake", "sandbox"});
        std::vector<const char*> argv;
        for (const std::string& argument : arguments) {
            argv.push_back(argument.c_str());
        }
        std::stop_source stop;
        stop.request_stop();
        app::Environment environment;
        environment.variable = [](const std::string&) { return std::nullopt; };
        environment.stop = stop.get_token();
        std::ostringstream told;
        std::ostringstream complained;
        status = app::run(static_cast<int>(argv.size()), argv.data(), told, complained, environment);
        out = told.str();
        err = complained.str();
    }
};

TEST(SandboxCommandTest, PrintsWhatAShellNeedsAndEndsWell)
{
    const SandboxRun run({"--size", "64x36"});
    EXPECT_EQ(run.status, 0) << run.err;
    EXPECT_NE(run.out.find("export LONGTAKE_KLING_BASE_URL=http://127.0.0.1:"), std::string::npos) << run.out;
    EXPECT_NE(run.out.find("export AI302_API_KEY=sandbox-302ai-"), std::string::npos);
    EXPECT_NE(run.err.find("0 submits, 0 billed"), std::string::npos) << run.err;
}

TEST(SandboxCommandTest, SpeaksJson)
{
    const SandboxRun run({"--json"});
    std::istringstream lines(run.out);
    std::string first;
    std::string second;
    std::getline(lines, first);
    std::getline(lines, second);
    const auto listening = nlohmann::json::parse(first);
    EXPECT_EQ(listening["event"], "listening");
    EXPECT_EQ(listening["environment"].size(), 12U);
    EXPECT_EQ(nlohmann::json::parse(second)["state"]["submits"], 0);
}

TEST(SandboxCommandTest, AFaultThatIsNoneIsUsageAndHelpListsThemAll)
{
    EXPECT_EQ(SandboxRun({"--fault", "drop-after-acept"}).status, 2);
    EXPECT_EQ(SandboxRun({"--size", "63x36"}).status, 2);
    EXPECT_NE(SandboxRun({"--help"}).out.find("drop-after-accept"), std::string::npos);
}

} // namespace
} // namespace longtake
