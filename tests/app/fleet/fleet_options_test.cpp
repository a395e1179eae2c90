// The commands of many machines, typed as a user types them.
#include "tests/app/command_line.h"

#include "pipeline/base/files.h"
#include "tests/support/postgres.h"

namespace longtake {
namespace {

using test::Outcome;

class FleetOptionsTest : public test::CommandLine {
protected:
    void SetUp() override
    {
        for (const char* name : {"CONFIG", "STATE", "CACHE"}) {
            variables_[std::string("XDG_") + name + "_HOME"] = dir_ / name;
        }
        board({{"schema", "longtake/storyboard/1"},
               {"title", "Film"},
               {"size", "160x90"},
               {"fps", 24},
               {"shots", {{{"id", "card"}, {"card", {{"text", "none"}}}, {"seconds", 0.25}}}}});
        write_atomic(dir_ / "rows.csv", "name,shots.card.card.text\ncup,Cup\nmug,Mug\n");
    }

    Outcome batch(std::vector<std::string> more)
    {
        std::vector<std::string> command = {"batch", dir_ / "rows.csv", "-s", dir_ / "board.json", "-o", dir_ / "out",
                                            "-p",    "preview/360p",    "-y"};
        command.insert(command.end(), more.begin(), more.end());
        return run(command);
    }
};

TEST_F(FleetOptionsTest, RowsAreQueuedMadeByAWorkerAndBroughtHome)
{
    const std::string ledger = test::postgres_of(dir_.path());
    const std::string store = dir_ / "store";
    const Outcome queued = batch({"--ledger", ledger, "--store", store, "--no-work"});
    EXPECT_EQ(queued.status, 0) << queued.err;
    EXPECT_NE(queued.out.find("2 rows are queued"), std::string::npos) << queued.out;

    const Outcome open = run({"status", "--ledger", ledger, "--json"});
    EXPECT_EQ(open.status, 0) << open.err;
    EXPECT_EQ(open.result().at("batches").at(0).at("counts").at("open"), 2);

    variables_["LONGTAKE_LEDGER"] = ledger;
    variables_["LONGTAKE_STORE"] = store;
    const Outcome worked = run({"worker", "--until-done", "-j", "1"});
    EXPECT_EQ(worked.status, 0) << worked.err;
    EXPECT_NE(worked.out.find("2 films made"), std::string::npos) << worked.out;

    const Outcome home = batch({});
    EXPECT_EQ(home.status, 0) << home.err;
    EXPECT_TRUE(std::filesystem::exists(dir_ / "out/cup-preview-360p.mp4"));
    EXPECT_TRUE(std::filesystem::exists(dir_ / "out/index.html"));
    EXPECT_NE(run({"status", "--ledger", ledger, "out"}).out.find("2 rows: 2 done"), std::string::npos);
    EXPECT_EQ(run({"status", "--ledger", ledger, "oat"}).status, 2);
}

TEST_F(FleetOptionsTest, WhatIsMissingIsSaid)
{
    const Outcome worker = run({"worker"});
    EXPECT_EQ(worker.status, 2);
    EXPECT_NE(worker.err.find("--ledger"), std::string::npos) << worker.err;
    const Outcome store = run({"worker", "--ledger", dir_ / "rows.db"});
    EXPECT_EQ(store.status, 2);
    EXPECT_NE(store.err.find("--store"), std::string::npos) << store.err;
    EXPECT_EQ(batch({"--no-work"}).status, 2);
    EXPECT_EQ(batch({"--ledger", dir_ / "rows.db", "--store", dir_ / "store", "--sandbox"}).status, 2);
    EXPECT_EQ(run({"worker", "--ledger", dir_ / "rows.db", "--store", "s3://Bucket"}).status, 2);
    const Outcome keys = run({"worker", "--ledger", dir_ / "rows.db", "--store", "s3://bucket/films"});
    EXPECT_EQ(keys.status, 4);
    EXPECT_NE(keys.err.find("AWS_ACCESS_KEY_ID"), std::string::npos) << keys.err;
}

TEST_F(FleetOptionsTest, TheUsersConfigurationNamesBothAndAProjectsNeither)
{
    const std::filesystem::path own = dir_ / "CONFIG/longtake/config.json";
    std::filesystem::create_directories(own.parent_path());
    write_atomic(own, nlohmann::json{{"ledger", dir_ / "rows.db"}, {"store", dir_ / "store"}}.dump());
    const Outcome queued = batch({"--no-work"});
    EXPECT_EQ(queued.status, 0) << queued.err;
    EXPECT_NE(queued.out.find("2 rows are queued"), std::string::npos) << queued.out;

    write_atomic(dir_ / "longtake.json", R"({"store": "/anywhere"})");
    const Outcome refused = batch({"--no-work", "--trust-project"});
    EXPECT_EQ(refused.status, 2) << refused.out;
    EXPECT_NE(refused.err.find("/store"), std::string::npos) << refused.err;
    EXPECT_NE(refused.err.find(own.string()), std::string::npos) << refused.err;

    std::filesystem::remove(dir_ / "longtake.json");
    write_atomic(own, R"({"ledger": 7})");
    EXPECT_EQ(batch({"--no-work"}).status, 2);
}

TEST_F(FleetOptionsTest, DoctorExaminesBoth)
{
    const Outcome good = run({"doctor", "--ledger", test::postgres_of(dir_.path()), "--store", dir_ / "store"});
    EXPECT_NE(good.out.find("PostgreSQL"), std::string::npos) << good.out;
    EXPECT_NE(good.out.find("gives back what is put there"), std::string::npos) << good.out;
    const Outcome bad = run({"doctor", "--ledger", "postgresql://127.0.0.1:1/films", "--store", "s3://bucket"});
    EXPECT_NE(bad.status, 0);
    EXPECT_NE(bad.out.find("cannot be reached"), std::string::npos) << bad.out;
}

} // namespace
} // namespace longtake
