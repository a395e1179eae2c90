#include "pipeline/providers/camera.h"

#include "pipeline/base/error.h"
#include "tests/support/clips.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <atomic>
#include <deque>
#include <fstream>
#include <thread>

namespace longtake {
namespace {

using ::testing::HasSubstr;

/// A service that answers as it is told to, and counts. What it has no answer for goes well.
class Service : public Provider {
public:
    std::string name() const override { return "service"; }
    nlohmann::json shape(const TakeRequest& request) const override { return {request.shot, request.take.prompt}; }
    Lookup lookup(const TakeRequest& /*request*/) const override { return knows; }
    bool rehearsal() const override { return sandbox; }

    Submission submit(const TakeRequest& request, std::stop_token /*stop*/) override
    {
        const std::lock_guard lock(mutex);
        own_ids.push_back(request.own_id);
        return next(submissions).value_or(Accepted{{"job-" + std::to_string(own_ids.size())}, std::nullopt});
    }
    Search search(const TakeRequest& /*request*/, std::stop_token /*stop*/) override
    {
        ++searches;
        return next(found).value_or(Search{true, std::nullopt, ""});
    }
    JobState poll(const Job& job, std::stop_token /*stop*/) override
    {
        ++polls;
        if (always) {
            return *always;
        }
        return next(states).value_or(Ready{"http://files/" + job.id, {{"video_id", job.id}}, 0.25, 0});
    }
    void download(const Ready& /*footage*/, const std::filesystem::path& file, const Progress& /*progress*/,
                  std::stop_token /*stop*/) override
    {
        ++downloads;
        if (const auto broken = next(failures)) {
            throw Error(*broken);
        }
        std::filesystem::copy_file(next(files).value_or(footage), file,
                                   std::filesystem::copy_options::overwrite_existing);
    }

    template <class T>
    static std::optional<T> next(std::deque<T>& queue)
    {
        if (queue.empty()) {
            return std::nullopt;
        }
        T first = std::move(queue.front());
        queue.pop_front();
        return first;
    }

    Lookup knows = Lookup::none;
    bool sandbox = false;
    std::filesystem::path footage;
    std::deque<Submission> submissions;
    std::deque<Search> found;
    std::deque<JobState> states;
    std::optional<JobState> always; ///< what every look says
    std::deque<Error> failures;     ///< of downloads
    std::deque<std::filesystem::path> files;
    std::vector<std::string> own_ids; ///< of the submits
    std::atomic<int> searches = 0;    // several takes may be under way at once
    std::atomic<int> polls = 0;
    std::atomic<int> downloads = 0;
    std::mutex mutex;
};

class CameraTest : public ::testing::Test {
protected:
    CameraTest()
    {
        service_.footage = test::write_counting_clip(dir_ / "footage.mp4", {.frames = 30, .step = 1});
        purse_.paid = true;
        purse_.consent = [] { return true; };
        purse_.spending = dir_ / "state/spending.db";
        purse_.account = "service";
        settings_.takes = dir_ / "takes";
        settings_.poll = std::chrono::milliseconds(2);
        settings_.backoff = std::chrono::milliseconds(2);
        settings_.missing = std::chrono::milliseconds(20);
        settings_.reconcile = std::chrono::milliseconds(20);
        settings_.note = [this](const std::string& shot, const std::string& text) {
            notes_ += shot + ": " + text + "\n";
        };
    }

    TakeRequest request(const std::string& shot = "cup") const
    {
        TakeRequest request;
        request.shot = shot;
        request.take.seconds = 1;
        request.take.cost = 0.28;
        return request;
    }

    /// One run of the program.
    Take shoot(const TakeRequest& request, std::stop_token stop = {})
    {
        Purse purse(purse_, *ledger_);
        Camera camera(service_, *ledger_, hashes_, purse, settings_);
        return camera.shoot(request, {}, stop);
    }

    Error failure(const TakeRequest& request)
    {
        try {
            shoot(request);
        } catch (const Error& error) {
            return error;
        }
        return {Errc::internal, "it went well"};
    }

    TakeRecord record(const TakeRequest& request) { return ledger_->take(fingerprint(request)).value(); }

    std::string fingerprint(const TakeRequest& request)
    {
        Purse purse(purse_, *ledger_);
        return Camera(service_, *ledger_, hashes_, purse, settings_).fingerprint(request);
    }

    void decide_to_resubmit(const TakeRequest& request) { settings_.decisions.resubmit = {fingerprint(request)}; }

    std::size_t submits() const { return service_.own_ids.size(); }

    test::TempDir dir_;
    Service service_;
    const std::unique_ptr<Ledger> ledger_ = open_ledger(dir_ / "ledger.db", Durability::lasting);
    FileHashes hashes_{dir_ / "ledger.db", Durability::lasting};
    Purse::Settings purse_;
    Camera::Settings settings_;
    std::string notes_;
};

TEST_F(CameraTest, ATakeIsPaidOnceAndFoundAgain)
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

TEST_F(CameraTest, ALostFileIsFetchedAgainNotPaidAgain)
{
    std::filesystem::remove(shoot(request()).footage.file);
    EXPECT_EQ(shoot(request()).footage.frames, 30);
    EXPECT_EQ(submits(), 1U);
    EXPECT_EQ(service_.downloads, 2);
}

TEST_F(CameraTest, ALostFileTheServiceForgotIsNotPaidForAgainUnasked)
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

TEST_F(CameraTest, FootageOfASandboxIsNeverTakenForTheRealThing)
{
    service_.sandbox = true;
    shoot(request());
    service_.sandbox = false;
    EXPECT_FALSE(shoot(request()).reused);
}

TEST_F(CameraTest, ALostAnswerIsAmbiguousWhereNobodyCanBeAsked)
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
    purse_.max_cost = 1;
    shoot(request());
    ASSERT_EQ(submits(), 2U);
    EXPECT_NE(service_.own_ids[0], service_.own_ids[1]);
}

TEST_F(CameraTest, AnAmbiguousTakeFoundByItsOwnerIsAdopted)
{
    service_.submissions = {Unclear{"connection reset"}};
    failure(request());
    settings_.decisions.adopt = {{fingerprint(request()), "task-77"}};
    EXPECT_EQ(shoot(request()).ref["video_id"], "task-77");
    EXPECT_EQ(submits(), 1U);
}

TEST_F(CameraTest, ALostAnswerIsLookedUpWhereTheServiceKnowsOurId)
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

TEST_F(CameraTest, AProvenAbsenceIsSentAgainUnderTheSameId)
{
    service_.knows = Lookup::proves;
    service_.submissions = {Unclear{"connection reset"}};
    shoot(request());
    ASSERT_EQ(submits(), 2U);
    EXPECT_EQ(service_.own_ids[0], service_.own_ids[1]);
    EXPECT_GE(service_.searches, 2) << "a service may need a while to know";
}

TEST_F(CameraTest, AnAbsenceThatProvesNothingIsAmbiguous)
{
    service_.knows = Lookup::finds;
    service_.submissions = {Unclear{"connection reset"}};
    EXPECT_THAT(failure(request()).what(), HasSubstr("proves nothing"));
    EXPECT_EQ(submits(), 1U);
    EXPECT_EQ(record(request()).state, TakeState::ambiguous);
}

TEST_F(CameraTest, AServiceThatCannotBeAskedNowLeavesTheTakeForAnotherRun)
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

TEST_F(CameraTest, AnIntentLeftByAKilledRunIsNotSentAgain)
{
    service_.submissions = {Unclear{"x"}};
    failure(request());
    TakeRecord left = record(request());
    left.state = TakeState::intent; // as the run was killed in the middle of it
    left.message.clear();
    ledger_->put(left, Payment::unchanged);
    EXPECT_THAT(failure(request()).what(), HasSubstr("an earlier run ended while it was being submitted"));
    EXPECT_EQ(submits(), 1U);
}

TEST_F(CameraTest, AnAcceptedJobIsResumedWithoutASubmit)
{
    service_.states = {Barred{"stop here", Errc::credentials}};
    EXPECT_EQ(failure(request()).code(), Errc::credentials);
    EXPECT_EQ(record(request()).state, TakeState::submitted);
    shoot(request());
    EXPECT_EQ(submits(), 1U);
}

TEST_F(CameraTest, BeingTooFastIsTriedAgain)
{
    service_.submissions.assign(8, Declined{Declined::Then::back_off, Errc::pending, "1302 requests too fast"});
    shoot(request());
    EXPECT_EQ(submits(), 9U) << "longer than where nobody answers at all";
    EXPECT_THAT(notes_, HasSubstr("1302 requests too fast; trying again in"));
}

TEST_F(CameraTest, AServiceOutOfReachLeavesTheTakeForAnotherRun)
{
    service_.submissions.assign(6, Declined{Declined::Then::back_off, Errc::pending, "connection refused", false});
    EXPECT_EQ(failure(request()).code(), Errc::pending);
    EXPECT_EQ(record(request()).state, TakeState::waiting) << "nothing is owed";
    shoot(request());
}

TEST_F(CameraTest, AFullAccountTeachesHowManyFitAtOnce)
{
    settings_.concurrency = 3;
    service_.submissions = {Declined{Declined::Then::wait_for_slot, Errc::provider, "1303 parallel task over limit"}};
    shoot(request());
    EXPECT_THAT(notes_, HasSubstr("waiting for a free place (1 at once from now on)"));
    EXPECT_EQ(submits(), 2U);
}

TEST_F(CameraTest, NeverMoreAtOnceThanTheLimit)
{
    settings_.concurrency = 2;
    Purse purse(purse_, *ledger_);
    Camera camera(service_, *ledger_, hashes_, purse, settings_);
    std::atomic<int> most{0};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 6; ++i) {
        threads.emplace_back([&, i] {
            camera.shoot(request(std::to_string(i)), {}, {});
            int running = 0;
            for (const TakeRecord& take : ledger_->takes()) {
                running += take.state == TakeState::submitted ? 1 : 0;
            }
            most = std::max(most.load(), running);
        });
    }
    threads.clear();
    EXPECT_LE(most, 2);
    EXPECT_EQ(submits(), 6U);
}

TEST_F(CameraTest, SpentMoneyStopsTheWholeRunAndLeavesItResumable)
{
    service_.submissions = {Declined{Declined::Then::stop, Errc::budget, "1102 resource pack used up"}};
    {
        Purse purse(purse_, *ledger_);
        Camera camera(service_, *ledger_, hashes_, purse, settings_);
        EXPECT_THROW(camera.shoot(request("a"), {}, {}), Error);
        try {
            camera.shoot(request("b"), {}, {});
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

TEST_F(CameraTest, ARefusedRequestStopsItsShotAlone)
{
    service_.submissions = {Declined{Declined::Then::give_up, Errc::provider, "1301 content safety"}};
    EXPECT_THAT(failure(request("a")).what(), HasSubstr("1301"));
    EXPECT_EQ(record(request("a")).state, TakeState::refused);
    shoot(request("b"));
}

TEST_F(CameraTest, AFailureOfTheServiceIsAskedForOnceMoreIfItCostNothing)
{
    service_.states = {Refused{"internal", true, 0.0}};
    shoot(request());
    EXPECT_EQ(submits(), 2U);
    service_.states = {Refused{"internal", true, 0.0}, Refused{"internal", true, 0.0}};
    EXPECT_EQ(failure(request("b")).code(), Errc::provider) << "but only once";
    EXPECT_EQ(submits(), 4U);
}

TEST_F(CameraTest, AFailureThatWasChargedIsNotPaidForAgainUnasked)
{
    service_.states = {Refused{"risk control", true, 0.28}};
    EXPECT_EQ(failure(request()).code(), Errc::provider);
    EXPECT_THAT(failure(request()).what(), HasSubstr("--resubmit cup"));
    EXPECT_EQ(submits(), 1U);
    decide_to_resubmit(request());
    shoot(request());
    EXPECT_EQ(submits(), 2U);
}

TEST_F(CameraTest, NothingIsSentWithoutConsent)
{
    purse_.consent = [] { return false; };
    EXPECT_EQ(failure(request()).code(), Errc::budget);
    EXPECT_EQ(submits(), 0U);
}

TEST_F(CameraTest, TheCapOfAFilmCountsWhatIsPaidTwice)
{
    purse_.max_cost = 0.5; // the plan's 0.28 fit, another 0.28 do not
    service_.submissions = {Unclear{"x"}};
    failure(request());
    decide_to_resubmit(request());
    EXPECT_THAT(failure(request()).what(),
                HasSubstr("$0.56, over --max-cost 0.50: $0.28 are paid or reserved already"));
    EXPECT_EQ(submits(), 1U);
}

TEST_F(CameraTest, AnUnknownPriceCannotBeCapped)
{
    TakeRequest unknown = request();
    unknown.take.cost.reset();
    purse_.max_cost = 5;
    EXPECT_THAT(failure(unknown).what(), HasSubstr("providers.<name>.prices"));
    purse_.max_cost.reset();
    purse_.daily_cap = 5;
    EXPECT_EQ(failure(unknown).code(), Errc::budget);
    EXPECT_EQ(submits(), 0U);
}

TEST_F(CameraTest, TheDailyCapHoldsOverEveryRunOfTheDay)
{
    purse_.daily_cap = 0.6; // the service charges 0.25 for what was estimated at 0.28
    shoot(request("a"));
    shoot(request("b"));
    EXPECT_THAT(failure(request("c")).what(), HasSubstr("daily cap of $0.60"));
    EXPECT_EQ(submits(), 2U);
}

TEST_F(CameraTest, WhatIsTurnedAwayNoLongerCountsAgainstTheCap)
{
    purse_.daily_cap = 0.3;
    service_.submissions = {Declined{Declined::Then::give_up, Errc::provider, "1201"}};
    failure(request("a"));
    shoot(request("b"));
}

TEST_F(CameraTest, ABrokenDownloadIsFetchedAgain)
{
    service_.failures = {Error(Errc::pending, "broke off"), Error(Errc::pending, "broke off")};
    shoot(request());
    EXPECT_EQ(service_.downloads, 3);
    EXPECT_EQ(submits(), 1U);
}

TEST_F(CameraTest, DamagedAndShortFootageNeverCounts)
{
    std::filesystem::resize_file(test::write_counting_clip(dir_ / "cut.mp4", {.frames = 30, .step = 1}), 700);
    test::write_counting_clip(dir_ / "short.mp4", {.frames = 20, .step = 1});
    std::ofstream(dir_ / "page.mp4") << "<html>try again later</html>";
    service_.files = {dir_ / "cut.mp4", dir_ / "page.mp4", dir_ / "short.mp4"};
    const Error error = failure(request());
    EXPECT_EQ(error.code(), Errc::provider);
    EXPECT_THAT(error.what(), HasSubstr("lasts 0.67 s, asked for were 1 s; it is paid for and not lost"));
    EXPECT_EQ(record(request()).state, TakeState::submitted);
    shoot(request());
    EXPECT_EQ(submits(), 1U);
}

TEST_F(CameraTest, FootageThatMustNotBeTakenIsNotAskedForTwice)
{
    service_.failures = {Error(Errc::provider, "leads to a private address")};
    EXPECT_THAT(failure(request()).what(), HasSubstr("private address"));
    EXPECT_EQ(service_.downloads, 1);
}

TEST_F(CameraTest, AJobOutOfSightIsLeftForAnotherRun)
{
    service_.states.assign(12, Unreachable{"timed out"});
    EXPECT_EQ(failure(request()).code(), Errc::pending);
    shoot(request());
    EXPECT_EQ(submits(), 1U);
}

TEST_F(CameraTest, StoppingLeavesTheJobToBeFoundAgain)
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
TEST_F(CameraTest, NoLookMakesATakeThatWasSentBePaidForAgain)
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
                ledger_->put(left, Payment::unchanged);
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

TEST_F(CameraTest, ADuplicateProvesThatItWasAcceptedAndIsNotSentAgain)
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

TEST_F(CameraTest, RetryAfterIsObeyed)
{
    Declined busy{Declined::Then::back_off, Errc::pending, "429"};
    busy.retry_after = std::chrono::milliseconds(300);
    service_.submissions = {busy};
    service_.states = {Unreachable{"429", std::chrono::milliseconds(300)}};
    const auto begun = std::chrono::steady_clock::now();
    shoot(request());
    EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(600));
}

} // namespace
} // namespace longtake
