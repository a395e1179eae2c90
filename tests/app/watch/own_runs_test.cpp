#include "pipeline/app/watch/own_runs.h"

#include "pipeline/base/files.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <iterator>

namespace longtake::app {
namespace {

namespace fs = std::filesystem;

class OwnRunsTest : public ::testing::Test {
protected:
    test::TempDir dir_;
    OwnRuns runs_ = OwnRuns::beside(dir_ / "state/longtake/spending.db");
    OwnRun run_{{"run", "a film.json"}, "/somewhere", dir_ / "out"};
};

TEST_F(OwnRunsTest, WhatWasRunHereIsKnownByItsFolder)
{
    EXPECT_FALSE(runs_.recall(dir_ / "film.longtake"));
    runs_.remember(dir_ / "film.longtake", run_);
    const auto known = runs_.recall(dir_ / "x/../film.longtake");
    ASSERT_TRUE(known);
    EXPECT_EQ(known->arguments, run_.arguments);
    EXPECT_EQ(known->directory, "/somewhere");
    EXPECT_EQ(known->output, dir_ / "out");
    EXPECT_FALSE(runs_.recall(dir_ / "other.longtake"));
}

TEST_F(OwnRunsTest, NobodyElseReadsIt)
{
    runs_.remember(dir_ / "film.longtake", run_);
    EXPECT_EQ(fs::status(dir_ / "state/longtake/runs").permissions(), fs::perms::owner_all);
}

TEST_F(OwnRunsTest, WithoutAHomeNothingIsRemembered)
{
    const OwnRuns nowhere = OwnRuns::beside("");
    nowhere.remember(dir_ / "film.longtake", run_);
    EXPECT_FALSE(nowhere.recall(dir_ / "film.longtake"));
    EXPECT_TRUE(nowhere.log_of(dir_ / "film.longtake").empty());
}

TEST_F(OwnRunsTest, WhatIsDamagedIsNotKnown)
{
    runs_.remember(dir_ / "film.longtake", run_);
    for (const fs::directory_entry& entry : fs::directory_iterator(dir_ / "state/longtake/runs")) {
        write_atomic(entry.path(), "{");
    }
    EXPECT_FALSE(runs_.recall(dir_ / "film.longtake"));
}

TEST_F(OwnRunsTest, OfVeryManyThoseAreForgottenWhoseFoldersAreGone)
{
    fs::create_directory(dir_ / "there");
    runs_.remember(dir_ / "there", run_);
    for (int i = 0; i < 600; ++i) {
        runs_.remember(dir_ / ("gone" + std::to_string(i)), run_);
    }
    const fs::directory_iterator entries(dir_ / "state/longtake/runs");
    EXPECT_LE(std::distance(begin(entries), end(entries)), 501);
    EXPECT_TRUE(runs_.recall(dir_ / "there"));
}

} // namespace
} // namespace longtake::app
