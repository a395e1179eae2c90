#include "pipeline/app/watch/watched_run.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "tests/app/command_line.h"
#include "tests/app/watch/watching.h"

namespace longtake::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class WatchedRunTest : public test::CommandLine {
protected:
    WatchedRunTest()
    {
        fs::create_directories(dir_ / "film.longtake");
        fs::create_directories(dir_ / "scratch");
    }

    WatchedRun::Settings settings(const fs::path& where) const
    {
        return {where, OwnRuns::beside(dir_ / "state/longtake/spending.db"), "/bin/false", dir_ / "scratch", true};
    }

    static test::WatchedProcess process(const fs::path& folder)
    {
        return {folder, {{"kind", "film"}, {"title", "A film"}, {"control", "own"}}, [](EventLog& log) {
                    log.tell({Event::Kind::progress, "generate", "cup", 3, 10, ""});
                }};
    }

    /// Why it cannot be; empty: it was done.
    static std::string refusal(WatchedRun& watched, const std::string& what, const std::string& run)
    {
        try {
            watched.steer(what, run);
            return {};
        } catch (const Error& error) {
            return error.what();
        }
    }

    const fs::path folder_ = dir_ / "film.longtake";
};

TEST_F(WatchedRunTest, WhatIsNotThereCannotBeWatched)
{
    EXPECT_THROW(WatchedRun(settings(dir_ / "nothing")), Error);
}

TEST_F(WatchedRunTest, RunsOfTheFolderAreShownOneAfterTheOther)
{
    WatchedRun watched(settings(folder_));
    watched.look();
    EXPECT_EQ(watched.feed().whole().at("state"), "none");
    test::WatchedProcess first = process(folder_);
    watched.look();
    EXPECT_EQ(watched.feed().whole().at("state"), "running");
    EXPECT_EQ(watched.feed().whole().at("run"), first.run());
    EXPECT_EQ(watched.feed().whole().at("items").at("generate cup").at("done"), 3);
    first.kill();
    watched.look();
    EXPECT_EQ(watched.feed().whole().at("state"), "lost") << "it has ended without a word";
    const test::WatchedProcess second = process(folder_);
    watched.look();
    EXPECT_EQ(watched.feed().whole().at("run"), second.run());
    EXPECT_EQ(watched.feed().whole().at("state"), "running");
}

TEST_F(WatchedRunTest, WhoComesLaterSeesARunThatGoesOn)
{
    const test::WatchedProcess run = process(folder_);
    WatchedRun watched(settings(folder_));
    watched.look();
    EXPECT_EQ(watched.feed().whole().at("run"), run.run());
    EXPECT_EQ(watched.feed().whole().at("state"), "running");
}

TEST_F(WatchedRunTest, WishesGoToTheRunTheyWereMeantForAndToNoOther)
{
    WatchedRun watched(settings(folder_));
    test::WatchedProcess run = process(folder_);
    watched.look();
    EXPECT_EQ(refusal(watched, "pause", run.run()), "");
    EXPECT_EQ(refusal(watched, "approve", run.run()), "");
    auto control = read_control(folder_);
    ASSERT_TRUE(control);
    EXPECT_TRUE(control->paused && control->approved && !control->cancelled);
    EXPECT_EQ(refusal(watched, "go_on", run.run()), "");
    EXPECT_EQ(refusal(watched, "cancel", run.run()), "");
    control = read_control(folder_);
    EXPECT_TRUE(!control->paused && control->approved && control->cancelled);
    EXPECT_NE(refusal(watched, "cancel", "another"), "");
    EXPECT_NE(refusal(watched, "explode", run.run()), "");
    EXPECT_EQ(read_control(folder_)->run, run.run());
    run.kill();
    watched.look();
    EXPECT_NE(refusal(watched, "pause", run.run()), "") << "it is over";
}

TEST_F(WatchedRunTest, OnlyWhatThisUserRanIsBegunAgain)
{
    write_atomic(folder_ / k_events_file,
                 "{\"event\":\"begin\",\"run\":\"r\",\"kind\":\"film\",\"command\":\"longtake run "
                 "-o /home/me\"}\n{\"event\":\"end\",\"outcome\":\"done\"}\n");
    WatchedRun watched(settings(folder_));
    watched.look();
    EXPECT_TRUE(watched.feed().whole().at("again").is_null());
    EXPECT_NE(refusal(watched, "resume", "").find("not run by you"), std::string::npos);

    settings(folder_).own.remember(folder_, {{"run", "film.json"}, dir_.path(), dir_ / "out"});
    WatchedRun own(settings(folder_));
    own.look();
    EXPECT_EQ(own.feed().whole().at("again").at("command"), "longtake run film.json --approve");
    EXPECT_EQ(refusal(own, "resume", ""), "");
}

TEST_F(WatchedRunTest, WithoutControlNothingIsSteered)
{
    WatchedRun::Settings looking = settings(folder_);
    looking.steers = false;
    looking.own.remember(folder_, {{"run", "film.json"}, dir_.path(), dir_ / "out"});
    WatchedRun watched(looking);
    const test::WatchedProcess run = process(folder_);
    watched.look();
    for (const char* what : {"pause", "go_on", "cancel", "approve", "resume", "retry"}) {
        EXPECT_NE(refusal(watched, what, run.run()), "") << what;
    }
    EXPECT_FALSE(read_control(folder_));
    EXPECT_TRUE(watched.feed().whole().at("again").is_null());
}

TEST_F(WatchedRunTest, ARowIsSteeredByItsBatch)
{
    WatchedRun watched(settings(folder_));
    const test::WatchedProcess run(folder_, {{"kind", "row"}, {"control", "batch"}}, [](EventLog&) {});
    watched.look();
    EXPECT_NE(refusal(watched, "pause", run.run()).find("batch"), std::string::npos);
}

TEST_F(WatchedRunTest, ARunThatIsOverHasItsRecordItsMoneyItsFilmsAndItsPictures)
{
    variables_["XDG_STATE_HOME"] = dir_ / "state";
    const std::string file = board(test::quick_board());
    ASSERT_EQ(run({"run", file, "-o", dir_ / "out", "-q"}).status, 0);
    WatchedRun watched(settings(file));
    for (int looks = 0; looks < 3; ++looks) {
        watched.look();
    }
    const json& seen = watched.feed().whole();
    EXPECT_EQ(seen.at("state"), "ended");
    EXPECT_EQ(seen.at("record").at("outcome"), "done");
    EXPECT_EQ(seen.at("record").at("deliverables").size(), 1U);
    EXPECT_EQ(seen.at("record").at("takes").size(), 3U);
    ASSERT_EQ(seen.at("record").at("films").size(), 1U);
    EXPECT_EQ(seen.at("record").at("films").at(0).at("there"), true) << "in the folder that it was run for";
    EXPECT_TRUE(watched.shelf().find("files/0"));
    const std::string picture = seen.at("record").at("pictures").at("shots").at(0).at("frames").at(0).at("file");
    EXPECT_TRUE(picture.starts_with("report")) << picture;
    EXPECT_TRUE(watched.shelf().find(picture)) << picture;
}

TEST_F(WatchedRunTest, FilmsOfAFolderThatSomebodyElseRanAreNotHadFromOutsideOfIt)
{
    const std::string file = board(test::quick_board()); // without a state of this user's
    ASSERT_EQ(run({"run", file, "-o", dir_ / "out", "-q", "--no-report"}).status, 0);
    WatchedRun watched(settings(file));
    watched.look();
    EXPECT_EQ(watched.feed().whole().at("record").at("films").at(0).at("there"), false);
    EXPECT_FALSE(watched.shelf().find("files/0"));
}

TEST_F(WatchedRunTest, ABatchIsFoundInTheFolderOfItsFilmsWheneverItComes)
{
    fs::create_directories(dir_ / "films");
    WatchedRun watched(settings(dir_ / "films"));
    watched.look();
    EXPECT_EQ(watched.feed().whole().at("state"), "none");
    fs::create_directories(dir_ / "films/batch.longtake");
    const test::WatchedProcess run(dir_ / "films/batch.longtake", {{"kind", "batch"}, {"control", "own"}},
                                   [](EventLog& log) {
                                       log.put({{"event", "rows"}, {"rows", {{{"number", 1}, {"name", "cup"}}}}});
                                   });
    watched.look();
    watched.look();
    EXPECT_EQ(watched.feed().whole().at("kind"), "batch");
    EXPECT_EQ(watched.feed().whole().at("rows").at(0).at("name"), "cup");
}

} // namespace
} // namespace longtake::app
