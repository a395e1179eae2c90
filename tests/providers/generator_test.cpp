#include "pipeline/providers/generator.h"

#include "tests/providers/told_service.h"

#include <fmt/format.h>

#include <thread>

namespace longtake {
namespace {

using test::GeneratorTest;
using ::testing::HasSubstr;

TEST_F(GeneratorTest, ATakeIsPaidOnceAndFoundAgain)
{
    const Take first = shoot(request());
    EXPECT_FALSE(first.reused);
    EXPECT_EQ(first.footage.frames, 30);
    const Take second = shoot(request());
    EXPECT_TRUE(second.reused);
    EXPECT_EQ(second.ref["video_id"], "job-1");
    EXPECT_EQ(submits(), 1U);
    EXPECT_EQ(record(request()).charged, 0.25);
}

TEST_F(GeneratorTest, ALostFileIsFetchedAgainNotPaidAgain)
{
    std::filesystem::remove(shoot(request()).footage.file);
    EXPECT_EQ(shoot(request()).footage.frames, 30);
    EXPECT_EQ(submits(), 1U);
    EXPECT_EQ(service_.downloads, 2);
}

TEST_F(GeneratorTest, ALostFileTheServiceForgotIsNotPaidForAgainUnasked)
{
    std::filesystem::remove(shoot(request()).footage.file);
    service_.always = Missing{"task does not exist"};
    for (int run = 0; run < 2; ++run) {
        EXPECT_THAT(failure(request()).what(), HasSubstr("--resubmit cup"));
    }
    EXPECT_EQ(record(request()).state, TakeState::done) << "its file may come back";
    EXPECT_EQ(submits(), 1U);
    service_.always.reset();
    decide_to_resubmit(request());
    shoot(request());
    EXPECT_EQ(submits(), 2U);
}

TEST_F(GeneratorTest, FootageOfASandboxIsNeverTakenForTheRealThing)
{
    service_.sandbox = true;
    shoot(request());
    service_.sandbox = false;
    EXPECT_FALSE(shoot(request()).reused);
}

TEST_F(GeneratorTest, ALostAnswerIsAmbiguousWhereNobodyCanBeAsked)
{
    service_.submissions = {Unclear{"no answer within 120 s"}};
    const Error error = failure(request());
    EXPECT_EQ(error.code(), Errc::provider);
    EXPECT_THAT(error.what(), HasSubstr("ambiguous: no answer within 120 s"));
    EXPECT_THAT(error.what(), HasSubstr("--resubmit cup"));
    EXPECT_EQ(record(request()).state, TakeState::ambiguous);

    EXPECT_EQ(failure(request()).code(), Errc::provider) << "however often it is run";
    EXPECT_EQ(submits(), 1U);
    decide_to_resubmit(request());
    budget_.max_cost = 1;
    shoot(request());
    ASSERT_EQ(submits(), 2U);
    EXPECT_NE(service_.own_ids[0], service_.own_ids[1]);
}

TEST_F(GeneratorTest, AnAmbiguousTakeFoundByItsOwnerIsAdopted)
{
    service_.submissions = {Unclear{"connection reset"}};
    failure(request());
    settings_.decisions.adopt = {{fingerprint(request()), "task-77"}};
    EXPECT_EQ(shoot(request()).ref["video_id"], "task-77");
    EXPECT_EQ(submits(), 1U);
}

TEST_F(GeneratorTest, ALostAnswerIsLookedUpWhereTheServiceKnowsOurId)
{
    for (const Lookup knows : {Lookup::finds, Lookup::proves}) {
        service_.knows = knows;
        service_.submissions = {Unclear{"connection reset"}};
        service_.found = {Search{true, std::nullopt, ""}, Search{true, Job{"theirs"}, ""}};
        const std::string shot = knows == Lookup::finds ? "a" : "b";
        EXPECT_EQ(shoot(request(shot)).ref["video_id"], "theirs");
    }
    EXPECT_EQ(submits(), 2U) << "one each";
}

TEST_F(GeneratorTest, AProvenAbsenceIsSentAgainUnderTheSameId)
{
    service_.knows = Lookup::proves;
    service_.submissions = {Unclear{"connection reset"}};
    shoot(request());
    ASSERT_EQ(submits(), 2U);
    EXPECT_EQ(service_.own_ids[0], service_.own_ids[1]);
    EXPECT_GE(service_.searches, 2) << "a service may need a while to know";
}

TEST_F(GeneratorTest, AnAbsenceThatProvesNothingIsAmbiguous)
{
    service_.knows = Lookup::finds;
    service_.submissions = {Unclear{"connection reset"}};
    EXPECT_THAT(failure(request()).what(), HasSubstr("proves nothing"));
    EXPECT_EQ(submits(), 1U);
    EXPECT_EQ(record(request()).state, TakeState::ambiguous);
}

TEST_F(GeneratorTest, AServiceThatCannotBeAskedNowLeavesTheTakeForAnotherRun)
{
    service_.knows = Lookup::proves;
    service_.submissions = {Unclear{"connection reset"}};
    service_.found.assign(100, Search{false, std::nullopt, "connection refused"});
    EXPECT_EQ(failure(request()).code(), Errc::pending);
    service_.found.clear();
    service_.found = {Search{true, Job{"theirs"}, ""}};
    EXPECT_EQ(shoot(request()).ref["video_id"], "theirs");
    EXPECT_EQ(submits(), 1U);
}

TEST_F(GeneratorTest, AnIntentLeftByAKilledRunIsNotSentAgain)
{
    service_.submissions = {Unclear{"x"}};
    failure(request());
    TakeRecord left = record(request());
    left.state = TakeState::intent; // as the run was killed in the middle of it
    left.message.clear();
    as_left_by_a_run(left);
    EXPECT_THAT(failure(request()).what(), HasSubstr("an earlier run ended while it was being submitted"));
    EXPECT_EQ(submits(), 1U);
}

TEST_F(GeneratorTest, AnAcceptedJobIsResumedWithoutASubmit)
{
    service_.states = {Barred{"stop here", Errc::credentials}};
    EXPECT_EQ(failure(request()).code(), Errc::credentials);
    EXPECT_EQ(record(request()).state, TakeState::submitted);
    shoot(request());
    EXPECT_EQ(submits(), 1U);
}

TEST_F(GeneratorTest, SpentMoneyStopsTheWholeRunAndLeavesItResumable)
{
    service_.submissions = {Declined{Declined::Then::stop, Errc::budget, "1102 resource pack used up"}};
    {
        Budget budget(budget_, *ledger_);
        Generator generator(service_, *ledger_, hashes_, budget, settings_);
        EXPECT_THROW(generator.shoot(request("a"), {}, {}), Error);
        try {
            generator.shoot(request("b"), {}, {});
            FAIL();
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Errc::budget);
            EXPECT_THAT(error.what(), HasSubstr("not asked for, since 1102"));
        }
    }
    EXPECT_EQ(submits(), 1U);
    shoot(request("a"));
    EXPECT_EQ(submits(), 2U);
}

TEST_F(GeneratorTest, ARefusedRequestStopsItsShotAlone)
{
    service_.submissions = {Declined{Declined::Then::give_up, Errc::provider, "1301 content safety"}};
    EXPECT_THAT(failure(request("a")).what(), HasSubstr("1301"));
    EXPECT_EQ(record(request("a")).state, TakeState::refused);
    shoot(request("b"));
}

TEST_F(GeneratorTest, AFailureOfTheServiceIsAskedForOnceMoreIfItCostNothing)
{
    service_.states = {Refused{"internal", true, 0.0}};
    shoot(request());
    EXPECT_EQ(submits(), 2U);
    service_.states = {Refused{"internal", true, 0.0}, Refused{"internal", true, 0.0}};
    EXPECT_EQ(failure(request("b")).code(), Errc::provider) << "but only once";
    EXPECT_EQ(submits(), 4U);
}

TEST_F(GeneratorTest, AFailureThatWasChargedIsNotPaidForAgainUnasked)
{
    service_.states = {Refused{"risk control", true, 0.28}};
    EXPECT_EQ(failure(request()).code(), Errc::provider);
    EXPECT_THAT(failure(request()).what(), HasSubstr("--resubmit cup"));
    EXPECT_EQ(submits(), 1U);
    decide_to_resubmit(request());
    shoot(request());
    EXPECT_EQ(submits(), 2U);
}

TEST_F(GeneratorTest, StoppingLeavesTheJobToBeFoundAgain)
{
    service_.states.assign(1000, Running{0.5});
    std::stop_source stop;
    std::jthread later([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        stop.request_stop();
    });
    try {
        shoot(request(), stop.get_token());
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::interrupted);
    }
    service_.states.clear();
    shoot(request());
    EXPECT_EQ(submits(), 1U);
}

/// Whatever the ledger holds of a take that was sent, and whatever a look says: no plain run submits it again.
TEST_F(GeneratorTest, NoLookMakesATakeThatWasSentBePaidForAgain)
{
    const std::pair<const char*, JobState> looks[] = {
        {"missing", Missing{"no such task"}},
        {"failed, charge unknown", Refused{"failed", true, std::nullopt}},
        {"failed, charged", Refused{"failed", true, 0.28}},
        {"barred", Barred{"1002", Errc::credentials}},
        {"unreachable", Unreachable{"timed out"}},
    };
    const std::pair<const char*, TakeState> states[] = {
        {"intent", TakeState::intent},   {"submitted", TakeState::submitted},      {"ambiguous", TakeState::ambiguous},
        {"refused", TakeState::refused}, {"done, its file gone", TakeState::done},
    };
    for (const Lookup knows : {Lookup::none, Lookup::finds, Lookup::proves}) {
        for (const auto& [state_name, state] : states) {
            for (const auto& [look_name, look] : looks) {
                const std::string shot = fmt::format("{}-{}-{}", static_cast<int>(knows), state_name, look_name);
                service_.knows = knows;
                service_.always.reset();
                std::filesystem::remove(shoot(request(shot)).footage.file);
                const std::size_t before = submits();
                TakeRecord left = record(request(shot));
                left.state = state;
                if (state != TakeState::done) {
                    left.footage = nullptr;
                    left.charged.reset();
                }
                as_left_by_a_run(left);
                service_.always = look;
                for (int run = 0; run < 3; ++run) {
                    failure(request(shot));
                }
                EXPECT_EQ(submits(), before) << shot;
                EXPECT_EQ(record(request(shot)).job, left.job) << shot << ": the job's id is kept";
                service_.always.reset();
            }
        }
    }
}

TEST_F(GeneratorTest, ADuplicateProvesThatItWasAcceptedAndIsNotSentAgain)
{
    service_.knows = Lookup::proves;
    service_.submissions = {Unclear{"connection reset"}, Duplicate{"1201 duplicate external_task_id"}};
    EXPECT_THAT(failure(request()).what(), HasSubstr("refuses it as one it has already"));
    EXPECT_EQ(submits(), 2U);
    for (int run = 0; run < 3; ++run) {
        EXPECT_EQ(failure(request()).code(), Errc::provider);
    }
    EXPECT_EQ(submits(), 2U);
    service_.found = {Search{true, Job{"theirs"}, ""}};
    EXPECT_EQ(shoot(request()).ref["video_id"], "theirs");
}

} // namespace
} // namespace longtake
