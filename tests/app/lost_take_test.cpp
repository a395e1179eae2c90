#include "tests/app/paid_run.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longtake {
namespace {

using nlohmann::json;
using test::PaidRun;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// What a service does to a take that it accepted, so that it does not come home.
struct LostCase {
    std::string provider;
    std::vector<std::string> faults;
    std::string model = "kling-v1-6";
    friend void PrintTo(const LostCase& c, std::ostream* out)
    {
        *out << c.provider << " " << c.model;
        for (const std::string& fault : c.faults) {
            *out << " " << fault;
        }
    }
};

class LostTakeTest : public ::testing::TestWithParam<LostCase> {};

/// However often the film is run, it is paid for once; what the user can do is said, and does it.
TEST_P(LostTakeTest, IsNeverPaidForAgainUnasked)
{
    PaidRun run(GetParam().provider);
    run.film(1, GetParam().model);
    for (const std::string& fault : GetParam().faults) {
        run.fault(fault);
    }
    for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(run.run(), 5) << run.said();
        EXPECT_EQ(run.billed(), 1) << run.said();
        EXPECT_THAT(run.said(), HasSubstr("--resubmit shot0"));
    }
    EXPECT_EQ(run.run({"--yes", "--adopt", "shot0=no-such-task"}), 5) << run.said();
    EXPECT_EQ(run.billed(), 1);
    EXPECT_EQ(run.run(), 5) << "a slip loses nothing: " << run.said();
    EXPECT_EQ(run.run({"--yes", "--resubmit", "shot0"}), 0) << run.said();
    EXPECT_EQ(run.billed(), 2);
    EXPECT_EQ(run.run(), 0) << run.said();
    EXPECT_EQ(run.billed(), 2);
}

const LostCase k_lost_cases[] = {
    // A look says "not found".
    {"kling", {"gone"}},
    {"newapi", {"gone"}},
    {"dmxapi", {"gone"}},
    {"wavespeed", {"gone"}},
    {"302ai", {"gone"}},
    {"dmxapi", {"gone"}, "kling-v3"},
    {"dmxapi", {"gone"}, "kling-v2-6"},
    // Finished, and nothing to fetch.
    {"kling", {"no-address"}},
    {"dmxapi", {"no-address"}},
    {"wavespeed", {"no-address"}},
    {"302ai", {"no-address"}},
    {"wavespeed", {"withheld"}},
    {"dmxapi", {"no-address"}, "kling-v3"},
    {"dmxapi", {"no-address"}, "kling-v2-6"},
    // Failed, and it does not say whether that was free.
    {"kling", {"fail-unsaid"}},
    {"newapi", {"fail-unsaid"}},
    {"dmxapi", {"fail-unsaid"}},
    {"kling", {"fail-task"}},
    {"dmxapi", {"fail-task"}, "kling-v3"},
    {"dmxapi", {"fail-task"}, "kling-v2-6"},
    // Damaged for good.
    {"kling", {"damaged"}},
    {"newapi", {"damaged"}},
    {"dmxapi", {"damaged"}},
    {"wavespeed", {"damaged"}},
    {"302ai", {"damaged"}},
    {"dmxapi", {"damaged"}, "kling-v3"},
    {"kling", {"short-file"}},
    // Its answer was lost, and nobody can be asked, or asking finds nothing.
    {"newapi", {"drop-after-accept"}},
    {"wavespeed", {"drop-after-accept"}},
    {"302ai", {"drop-after-accept"}},
    {"dmxapi", {"drop-after-accept"}, "kling-v3"},
    {"dmxapi", {"timeout-after-accept"}, "kling-v2-6"},
    {"dmxapi", {"drop-after-accept", "gone"}},
    // The id is refused as one it has, which proves that it was accepted, though looking for it finds nothing.
    {"kling", {"drop-after-accept", "gone"}},
};

std::string name_of_lost(const ::testing::TestParamInfo<LostCase>& info)
{
    std::string name = info.param.provider + "_" + info.param.model;
    for (const std::string& fault : info.param.faults) {
        name += "_" + fault;
    }
    std::replace_if(
        name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(All, LostTakeTest, ::testing::ValuesIn(k_lost_cases), name_of_lost);

class EveryServiceLosesTest : public ::testing::TestWithParam<std::string> {};

/// A copy of the service that lags says "not found" for a while; the take is waited for, and comes home.
TEST_P(EveryServiceLosesTest, ATakeForAWhileAndItComesHome)
{
    PaidRun run(GetParam());
    run.configure({{"reconcile_seconds", 5}});
    run.film(1);
    run.fault("poll-missing");
    EXPECT_EQ(run.run(), 0) << run.said();
    EXPECT_EQ(run.billed(), 1);
}

/// The prefix of a service's own ids before the sandbox's number, and the model that is asked for.
struct Adoption {
    std::string provider;
    std::string prefix;
    std::string model = "kling-v1-6";
    friend void PrintTo(const Adoption& a, std::ostream* out) { *out << a.provider << " " << a.model; }
};

class AdoptionTest : public ::testing::TestWithParam<Adoption> {};

TEST_P(AdoptionTest, OfATaskWhoseAnswerWasLost)
{
    PaidRun run(GetParam().provider);
    run.film(1, GetParam().model);
    run.fault("drop-after-accept");
    run.fault("gone"); // so that no service finds it by our id
    EXPECT_EQ(run.run(), 5) << run.said();
    const std::string id = GetParam().prefix + run.sandbox().state()["tasks"][0]["id"].get<std::string>();
    EXPECT_EQ(run.run({"--yes", "--adopt", "shot0=" + id}), 5) << "while no look finds it: " << run.said();
    run.sandbox().forgive();
    EXPECT_EQ(run.run({"--yes", "--adopt", "shot0=" + id}), 0) << run.said();
    EXPECT_EQ(run.billed(), 1);
}

INSTANTIATE_TEST_SUITE_P(All, AdoptionTest,
                         ::testing::Values(Adoption{"kling", ""}, Adoption{"newapi", "task_"}, Adoption{"dmxapi", ""},
                                           Adoption{"dmxapi", "tsk-", "kling-v3"},
                                           Adoption{"dmxapi", "responses/kling-v3-get-all/tsk-", "kling-v3"},
                                           Adoption{"dmxapi", "", "kling-v2-6"}, Adoption{"wavespeed", ""},
                                           Adoption{"302ai", "kling_"}));

/// A key or address that changes between the intent and the answer.
TEST_P(EveryServiceLosesTest, NothingToAnotherAccount)
{
    PaidRun run(GetParam());
    run.configure({{"task_timeout", 1}});
    run.film(1);
    run.fault("stuck");
    EXPECT_EQ(run.run(), 7) << run.said();
    for (const auto& [name, key] : run.keys()) {
        if (name.ends_with("API_KEY")) {
            run.set(name, key + "x");
        }
    }
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(run.run(), 4) << run.said();
        EXPECT_THAT(run.said(), HasSubstr("another key"));
        EXPECT_EQ(run.billed(), 1);
    }
    for (const auto& [name, value] : run.sandbox().environment()) {
        run.set(name, value);
    }
    EXPECT_EQ(run.run(), 7) << run.said();
    EXPECT_EQ(run.billed(), 1);
}

INSTANTIATE_TEST_SUITE_P(All, EveryServiceLosesTest,
                         ::testing::Values("kling", "newapi", "dmxapi", "wavespeed", "302ai"),
                         [](const auto& info) { return info.param; });

TEST(LostTakeOptionsTest, AnOptionWithoutEffectIsAnErrorAndNothingIsSent)
{
    PaidRun run;
    run.film(1);
    for (const std::string option : {"--adopt=shot0=867283741759111202", "--resubmit=shot0", "--accept=shot0"}) {
        EXPECT_EQ(run.run({"--yes", option}), 2) << run.said();
        EXPECT_THAT(run.said(), HasSubstr("nothing was sent"));
        EXPECT_EQ(run.requests(), 0) << option;
    }
    EXPECT_EQ(run.run({"--yes", "--adopt", "shot9=1"}), 2);
    EXPECT_THAT(run.said(), HasSubstr("unknown shot 'shot9'"));
    EXPECT_EQ(run.run(), 0) << run.said();
    EXPECT_EQ(run.run({"--yes", "--resubmit", "shot0"}), 2) << run.said();
    EXPECT_THAT(run.said(), HasSubstr("its footage is here already"));
    EXPECT_EQ(run.billed(), 1);
}

TEST(LostTakeOptionsTest, RejectedFootageIsKeptAndTakenByName)
{
    PaidRun run;
    run.film(1);
    run.fault("short-file");
    EXPECT_EQ(run.run(), 5) << run.said();
    EXPECT_THAT(run.said(), HasSubstr("--accept shot0"));
    EXPECT_FALSE(std::filesystem::is_empty(run.workdir() / "takes/rejected"));
    EXPECT_EQ(run.run({"--yes", "--accept", "shot0"}), 5) << run.said();
    EXPECT_THAT(run.said(), HasSubstr("1.000 s of footage for 5.000 s"));
    EXPECT_EQ(run.footage(), 1U);
    run.film({{"transition", {{"type", "cut"}}}},
             {{{"id", "shot0"}, {"image", test::photo("coffee.png")}, {"seconds", 1}}});
    EXPECT_EQ(run.run({}), 0) << run.said();
    EXPECT_EQ(run.billed(), 1);
}

TEST(LostTakeOptionsTest, ATakeOfAnEarlierStoryboardIsFetched)
{
    PaidRun run;
    run.configure({{"task_timeout", 1}});
    run.film(1);
    run.fault("stuck");
    EXPECT_EQ(run.run(), 7) << run.said();
    run.film({{"transition", {{"type", "cut"}}}},
             {{{"id", "other"}, {"image", test::photo("chelsea.png")}, {"seconds", 5}}});
    run.sandbox().forgive();
    EXPECT_EQ(run.run(), 0) << run.said();
    EXPECT_EQ(run.billed(), 2);
    EXPECT_EQ(run.footage(), 2U) << "the old one, which is paid for, and the new one";
}

TEST(LostTakeOptionsTest, AnAmbiguousTakeOfAnEarlierStoryboardIsNamed)
{
    PaidRun run("newapi");
    run.film(1);
    run.fault("drop-after-accept");
    EXPECT_EQ(run.run(), 5) << run.said();
    run.film({{"transition", {{"type", "cut"}}}},
             {{{"id", "other"}, {"image", test::photo("coffee.png")}, {"seconds", 5}}});
    EXPECT_EQ(run.run(), 0) << run.said();
    EXPECT_THAT(run.said(), HasSubstr("shot0: a take of an earlier storyboard"));
}

TEST(LostTakeOptionsTest, SoundThatWasPaidForAndDidNotComeIsSaid)
{
    PaidRun run;
    run.film({{"transition", {{"type", "cut"}}}, {"model", "kling-v2-6"}, {"mode", "pro"}, {"sound", true}},
             {{{"id", "loud"}, {"image", test::photo("coffee.png")}, {"seconds", 5}}});
    run.fault("silent-film");
    EXPECT_EQ(run.run(), 0) << run.said();
    EXPECT_THAT(run.said(), HasSubstr("sound was asked for and is paid for"));
}

TEST(LostTakeOptionsTest, ALedgerThatIsNotTheOneTheTakesWerePaidWithStopsTheRun)
{
    PaidRun run;
    run.film(1);
    EXPECT_EQ(run.run(), 0) << run.said();
    const auto ledger = run.workdir() / "ledger.db";
    std::filesystem::remove(ledger);
    EXPECT_EQ(run.run(), 3) << run.said();
    EXPECT_THAT(run.said(), HasSubstr("knows of no take"));
    EXPECT_EQ(run.billed(), 1);
}

TEST(LostTakeOptionsTest, ALedgerOlderThanTheSpendingStopsTheRun)
{
    PaidRun run;
    run.film(1);
    EXPECT_EQ(run.run(), 0) << run.said();
    const auto ledger = run.workdir() / "ledger.db";
    const auto old = run.folder() / "old.db";
    std::filesystem::copy_file(ledger, old);
    run.film(2);
    EXPECT_EQ(run.run({"--yes", "-y"}), 0) << run.said();
    std::filesystem::copy_file(old, ledger, std::filesystem::copy_options::overwrite_existing);
    EXPECT_EQ(run.run({"--yes", "-y"}), 3) << run.said();
    EXPECT_THAT(run.said(), HasSubstr("older than the file in which all runs count their spending"));
    EXPECT_EQ(run.billed(), 2);
}

TEST(LostTakeOptionsTest, AReservationWithoutAnIntentIsReleased)
{
    PaidRun run;
    run.configure({{"daily_cap", 0.6}});
    run.film(1);
    EXPECT_EQ(run.run(), 0) << run.said();
    {
        SQLite::Database ledger((run.workdir() / "ledger.db").string());
        const std::string id = ledger.execAndGet("SELECT value FROM meta WHERE key = 'id'").getString();
        SQLite::Database spending((run.folder() / "state/longtake/spending.db").string(), SQLite::OPEN_READWRITE);
        spending.exec("INSERT INTO spending SELECT 'lt-killed', account, day, 0.28, '" + id +
                      "', 0 FROM spending LIMIT 1");
    }
    run.film(2);
    EXPECT_EQ(run.run({"--yes", "-y"}), 0) << "0.28 + 0.28, not 0.84: " << run.said();
}

/// Damage to what is paid for is mended from the service, not from the purse.
TEST(LostTakeOptionsTest, TakesAndStillsAreBelievedByTheirContent)
{
    PaidRun run;
    run.film(1);
    EXPECT_EQ(run.run(), 0) << run.said();
    for (const char* folder : {"takes", "stills"}) {
        for (const auto& entry : std::filesystem::directory_iterator(run.workdir() / folder)) {
            if (entry.is_regular_file()) {
                std::ofstream(entry.path(), std::ios::trunc) << "this is no picture";
            }
        }
    }
    EXPECT_EQ(run.run({"--yes", "-y"}), 0) << run.said();
    EXPECT_EQ(run.billed(), 1);
    EXPECT_EQ(run.footage(), 1U);
    EXPECT_EQ(run.run({}), 0) << run.said();
}

TEST(LostTakeOptionsTest, WhatIsAskedIsWhatWillBePaid)
{
    PaidRun run;
    run.film(2);
    EXPECT_EQ(run.run(), 0) << run.said();
    run.film({{"transition", {{"type", "cut"}}}},
             {{{"id", "shot0"}, {"image", test::photo("coffee.png")}, {"seconds", 5}},
              {{"id", "changed"}, {"image", test::photo("coffee.png")}, {"seconds", 5}}});
    EXPECT_EQ(run.run({"--dry-run", "--json"}), 0);
    const json plan = json::parse(run.said());
    EXPECT_EQ(plan["takes"][0]["state"], "have");
    EXPECT_EQ(plan["takes"][1]["state"], "new");
    EXPECT_EQ(plan["cost"]["new"], 0.28);
    EXPECT_EQ(run.run({"--yes", "-y", "--max-cost", "0.80"}), 6) << run.said();
    EXPECT_THAT(run.said(),
                HasSubstr("1 of 2 takes would be new and cost $0.28, and $0.56 are paid or reserved already"));
    EXPECT_EQ(run.billed(), 2);
    EXPECT_EQ(run.run({"--yes", "--max-cost", "0.84"}), 0) << "its own output is replaced without -y: " << run.said();
    EXPECT_EQ(run.billed(), 3);
}

TEST(LostTakeOptionsTest, AStrangersOutputIsRefusedBeforeAnythingIsPaid)
{
    PaidRun run;
    run.film(1);
    EXPECT_EQ(run.run(), 0) << run.said();
    for (const auto& entry : std::filesystem::directory_iterator(run.folder() / "out")) {
        std::ofstream(entry.path(), std::ios::app) << "edited by hand";
    }
    run.film({{"transition", {{"type", "cut"}}}},
             {{{"id", "changed"}, {"image", test::photo("coffee.png")}, {"seconds", 5}}});
    EXPECT_EQ(run.run(), 2) << run.said();
    EXPECT_EQ(run.billed(), 1);
}

} // namespace
} // namespace longtake
