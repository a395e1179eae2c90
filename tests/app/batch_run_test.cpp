#include "tests/app/command_line.h"

#include "pipeline/base/files.h"

#include <algorithm>

namespace longtake {
namespace {

using test::Outcome;
using Json = nlohmann::json;

/// Batches as a user types them, of a plain storyboard and of a campaign.
class BatchRunTest : public test::CommandLine {
protected:
    void SetUp() override
    {
        variables_["XDG_CONFIG_HOME"] = dir_ / "config";
        variables_["XDG_STATE_HOME"] = dir_ / "state";
        board(
            {{"schema", "longtake/storyboard/1"},
             {"title", "Film"},
             {"size", "320x180"},
             {"fps", 24},
             {"defaults", {{"model", "kling-v1-6"}}},
             {"shots",
              {{{"id", "intro"}, {"image", test::photo("coffee.png")}, {"prompt", "steam"}, {"seconds", 5}},
               {{"id", "card"}, {"card", {{"text", "none"}}}, {"seconds", 0.5}, {"transition", {{"type", "cut"}}}}}}});
    }

    Outcome batch(const std::string& rows, std::vector<std::string> more = {})
    {
        write_atomic(dir_ / "rows.csv", rows);
        std::vector<std::string> command = {"batch",      dir_ / "rows.csv", "-s", dir_ / "board.json", "-o",
                                            dir_ / "out", "--crf",           "40", "--encoder-preset",  "ultrafast"};
        command.insert(command.end(), more.begin(), more.end());
        return run(command);
    }

    std::string written(const char* name) const { return read_text(dir_ / "out" / name); }
};

TEST_F(BatchRunTest, AStoryboardTakesItsColumnsAsPlaces)
{
    const Outcome outcome = batch("name,shots.card.card.text,shots.intro.seconds\nmug,Mug,0.5\ncup,Cup,0.25\n");
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_NE(outcome.out.find("mug-master.mp4"), std::string::npos) << outcome.out;
    EXPECT_NE(outcome.err.find("2 of 2 films"), std::string::npos) << outcome.err;
    EXPECT_TRUE(std::filesystem::exists(dir_ / "out/contact-sheet.png"));
    const Outcome again =
        batch("name,shots.card.card.text,shots.intro.seconds\nmug,Mug,0.5\ncup,Cup,0.25\n", {"--json"});
    EXPECT_EQ(again.status, 0) << again.err;
    EXPECT_EQ(again.result().at("films"), 2);
}

TEST_F(BatchRunTest, BrokenRowsAreToldTogetherAndTheRestIsMade)
{
    const Outcome outcome =
        batch("name,shots.intro.seconds,shots.intro.image\nmug,0.25,\ncup,never,\njar,0.25,none.png\n");
    EXPECT_EQ(outcome.status, 8) << outcome.err;
    EXPECT_NE(outcome.err.find("row 2 (cup): "), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find("row 3 (jar): "), std::string::npos) << outcome.err;
    EXPECT_EQ(std::ranges::count(written("errors.csv"), '\n'), 3) << written("errors.csv");
    EXPECT_TRUE(std::filesystem::exists(dir_ / "out/mug-master.mp4"));
    EXPECT_EQ(batch("name,shots.intro.seconds\ncup,never\n").status, 2);
}

TEST_F(BatchRunTest, ADryRunWritesNothing)
{
    const Outcome outcome = batch("name\nmug\ncup\n", {"--dry-run", "--provider", "kling"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_NE(outcome.out.find("2 films, 11.0 s in all; 1 takes, up to $"), std::string::npos) << outcome.out;
    EXPECT_FALSE(std::filesystem::exists(dir_ / "out"));
}

TEST_F(BatchRunTest, WhatAllFilmsBeginWithIsPaidOnce)
{
    const Outcome refused = batch("name,shots.card.card.text\nmug,Mug\ncup,Cup\n", {"--provider", "kling"});
    EXPECT_EQ(refused.status, 6) << refused.err;
    const Outcome outcome = batch("name,shots.card.card.text\nmug,Mug\ncup,Cup\njar,Jar\n",
                                  {"--provider", "kling", "--sandbox", "-j", "2", "--json"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    const Json result = outcome.result();
    EXPECT_EQ(result.at("films"), 3);
    const Outcome plan =
        batch("name,shots.card.card.text\nmug,Mug\ncup,Cup\njar,Jar\n", {"--provider", "kling", "--dry-run", "--json"});
    EXPECT_EQ(plan.result().at("takes"), 1);
    const Outcome status = run({"status", dir_ / "out"});
    EXPECT_NE(status.out.find("3 rows were run: 3 done; $0.00 spent, $0.28 rehearsed"), std::string::npos)
        << status.out;
    EXPECT_NEAR(result.at("spent").get<double>(), plan.result().at("cost").at("amount").get<double>(), 1e-6);
}

TEST_F(BatchRunTest, VariationsAreMadeOfAMatrix)
{
    write_atomic(dir_ / "texts.txt", "One\nTwo\n");
    const Outcome outcome = batch("name,shots.intro.seconds\nmug,0.25\n",
                                  {"--matrix", "shots.card.card.text=@" + (dir_ / "texts.txt").string()});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_NE(written("results.csv").find("shots.card.card.text=Two"), std::string::npos) << written("results.csv");
    EXPECT_NE(outcome.out.find("mug-shots-card-card-text2-master.mp4"), std::string::npos) << outcome.out;
}

} // namespace
} // namespace longtake
