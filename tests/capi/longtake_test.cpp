#include "pipeline/capi/longtake.h"

#include "tests/support/photos.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <string>
#include <thread>
#include <vector>

extern "C" int status_of_version_command(void);

namespace longtake {
namespace {

/// What a command said.
struct Said {
    std::vector<std::string> out;
    std::vector<std::string> err;

    static void hear(longtake_stream stream, const char* line, void* user)
    {
        Said& said = *static_cast<Said*>(user);
        (stream == LONGTAKE_OUT ? said.out : said.err).emplace_back(line);
    }
};

class CApiTest : public ::testing::Test {
protected:
    int run(std::vector<std::string> arguments, longtake_stop* stop = nullptr)
    {
        std::vector<const char*> words;
        for (const std::string& argument : arguments) {
            words.push_back(argument.c_str());
        }
        return longtake_run(words.size(), words.data(), Said::hear, &said_, stop);
    }

    std::string board(double seconds)
    {
        const std::string file = dir_ / "board.json";
        std::ofstream(file) << nlohmann::json{{"schema", "longtake/storyboard/1"},
                                              {"size", "160x90"},
                                              {"fps", 24},
                                              {"shots",
                                               {{{"id", "cup"},
                                                 {"image", test::photo("coffee.png").string()},
                                                 {"prompt", "steam"},
                                                 {"seconds", seconds}}}}};
        return file;
    }

    test::TempDir dir_;
    Said said_;
};

TEST_F(CApiTest, IsC)
{
    EXPECT_EQ(status_of_version_command(), LONGTAKE_DONE);
}

TEST_F(CApiTest, RunsACommandAndSaysItsLines)
{
    EXPECT_EQ(run({"--version"}), LONGTAKE_DONE);
    ASSERT_EQ(said_.out.size(), 1U);
    EXPECT_EQ(said_.out[0], std::string("longtake ") + longtake_version());
}

TEST_F(CApiTest, MakesAFilmAndTellsOfItInJson)
{
    EXPECT_EQ(run({"run", board(0.5), "-p", "preview/360p", "-o", dir_ / "film.mp4", "--json", "--no-report"}),
              LONGTAKE_DONE);
    const auto result = nlohmann::json::parse(said_.out.back());
    EXPECT_EQ(result.at("ok"), true);
    EXPECT_TRUE(std::filesystem::exists(dir_ / "film.mp4"));
    EXPECT_GT(said_.out.size(), 2U) << "progress comes as lines, too";
}

TEST_F(CApiTest, WhatIsWrongIsAStatusAndALine)
{
    EXPECT_EQ(run({"run", dir_ / "missing.json"}), LONGTAKE_USAGE);
    ASSERT_FALSE(said_.err.empty());
    EXPECT_NE(said_.err.back().find("missing.json"), std::string::npos);
    EXPECT_EQ(run({"nonsense"}), LONGTAKE_USAGE);
    EXPECT_EQ(longtake_run(0, nullptr, nullptr, nullptr, nullptr), LONGTAKE_USAGE);
}

TEST_F(CApiTest, IsStoppedFromAnotherThread)
{
    longtake_stop* const stop = longtake_stop_new();
    ASSERT_NE(stop, nullptr);
    std::jthread soon([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        longtake_stop_request(stop);
    });
    EXPECT_EQ(run({"run", board(120), "-p", "preview/360p", "-o", dir_ / "film.mp4"}, stop), LONGTAKE_INTERRUPTED);
    EXPECT_FALSE(std::filesystem::exists(dir_ / "film.mp4"));
    soon.join();
    longtake_stop_free(stop);
    longtake_stop_free(nullptr);
}

TEST_F(CApiTest, ThreadsRunCommandsAtOnce)
{
    std::vector<std::jthread> threads;
    std::vector<int> statuses(4, -1);
    for (int& status : statuses) {
        threads.emplace_back([&status] {
            const char* const words[] = {"presets", "--json"};
            status = longtake_run(2, words, nullptr, nullptr, nullptr);
        });
    }
    threads.clear();
    EXPECT_EQ(statuses, std::vector<int>(4, LONGTAKE_DONE));
}

} // namespace
} // namespace longtake
