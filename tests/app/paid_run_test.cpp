#include "tests/app/paid_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

namespace longtake {
namespace {

using nlohmann::json;
using test::PaidRun;
using ::testing::HasSubstr;
using ::testing::Not;

struct FaultCase {
    std::string provider;
    std::string fault;
    int status;
    int billed;
    std::string model = "kling-v1-6";
    friend void PrintTo(const FaultCase& c, std::ostream* out)
    {
        *out << c.provider << " " << c.model << " " << c.fault;
    }
};

class FaultTest : public ::testing::TestWithParam<FaultCase> {};

/// What the reference's tables say each answer is worth: the exit status, what was paid, and nothing damaged kept.
TEST_P(FaultTest, EndsAsDocumentedAndIsBilledOnce)
{
    const FaultCase& c = GetParam();
    PaidRun run(c.provider);
    run.film(1, c.model);
    if (c.fault == "stuck") {
        run.configure({{"task_timeout", 1}});
    }
    if (c.fault == "code:1003:1" || c.fault == "code:1004:1") {
        run.forget_key("KLING_API_KEY"); // a token can be signed anew, a key is what it is
    }
    run.fault(c.fault);
    EXPECT_EQ(run.run(), c.status) << run.said();
    EXPECT_EQ(run.billed(), c.billed) << run.said();
    EXPECT_EQ(run.footage(), c.status == 0 ? 1U : 0U);
    EXPECT_EQ(run.leaks(), 0);
    for (const auto& [name, key] : run.keys()) {
        EXPECT_EQ(run.everything().find(key), std::string::npos) << name;
    }
}

const FaultCase k_fault_cases[] = {
    // What is refused before anything is made (section 7 of the reference).
    {"kling", "code:1000:*", 4, 0},
    {"kling", "code:1001:*", 4, 0},
    {"kling", "code:1002:*", 4, 0},
    {"kling", "code:1003:*", 4, 0},
    {"kling", "code:1004:*", 4, 0},
    {"kling", "code:1100:*", 6, 0},
    {"kling", "code:1101:*", 6, 0},
    {"kling", "code:1102:*", 6, 0},
    {"kling", "code:1103:*", 4, 0},
    {"kling", "code:1200:*", 5, 0},
    {"kling", "code:1201:*", 5, 0},
    {"kling", "code:1202:*", 5, 0},
    {"kling", "code:1203:*", 5, 0},
    {"kling", "code:1300:*", 5, 0},
    {"kling", "code:1301:*", 5, 0},
    {"kling", "code:1304:*", 4, 0},
    {"kling", "key-echo", 5, 0},
    // What passes.
    {"kling", "code:1302:1", 0, 1},
    {"kling", "code:1303:1", 0, 1},
    {"kling", "code:1003:1", 0, 1},
    {"kling", "code:1004:1", 0, 1},
    {"kling", "code:5000:1", 0, 1},
    {"kling", "code:5001:1", 0, 1},
    {"kling", "code:5002:1", 0, 1},
    // An answer that was lost is looked up.
    {"kling", "drop-before-accept", 0, 1},
    {"kling", "drop-after-accept", 0, 1},
    {"kling", "timeout-after-accept", 0, 1},
    {"kling", "html-reply", 0, 1},
    {"kling", "http-500-after-accept", 0, 1},
    {"kling", "http-502-before-accept", 0, 1},
    {"kling", "http-504-after-accept", 0, 1},
    {"dmxapi", "drop-after-accept", 0, 1},
    {"dmxapi", "drop-before-accept", 5, 0}, // it may find a task, it cannot rule one out
    // Where nobody can be asked the shot is given up, and billed once at most.
    {"newapi", "drop-after-accept", 5, 1},
    {"wavespeed", "drop-after-accept", 5, 1},
    {"302ai", "drop-after-accept", 5, 1},
    {"newapi", "http-500-after-accept", 5, 1},
    {"wavespeed", "http-502-after-accept", 5, 1},
    {"302ai", "timeout-after-accept", 5, 1},
    {"wavespeed", "html-reply", 5, 1},
    {"dmxapi", "drop-before-accept", 5, 0, "kling-v3"},
    {"dmxapi", "drop-after-accept", 5, 1, "kling-v3"},
    {"dmxapi", "timeout-after-accept", 5, 1, "kling-v3"},
    {"dmxapi", "html-reply", 5, 1, "kling-v3"},
    {"dmxapi", "http-500-after-accept", 5, 1, "kling-v3"},
    {"dmxapi", "code-after-accept:5002", 5, 1, "kling-v3"},
    {"dmxapi", "drop-after-accept", 5, 1, "kling-v2-6"},
    {"dmxapi", "http-504-after-accept", 5, 1, "kling-v2-6"},
    // DMXAPI's newer calls: a wrapped code is what Kling's own is.
    {"dmxapi", "code:1002:*", 4, 0, "kling-v3"},
    {"dmxapi", "code:1102:*", 6, 0, "kling-v3"},
    {"dmxapi", "code:1201:*", 5, 0, "kling-v3"},
    {"dmxapi", "code:1304:*", 4, 0, "kling-v3"},
    {"dmxapi", "key-echo", 5, 0, "kling-v3"},
    {"dmxapi", "code:1302:1", 0, 1, "kling-v3"},
    {"dmxapi", "code:1303:1", 0, 1, "kling-v2-6"},
    {"dmxapi", "retry-after:1", 0, 1, "kling-v2-6"},
    // The task itself.
    {"kling", "fail-task", 5, 1},
    {"kling", "fail-task-free", 0, 2}, // given back the first time
    {"kling", "stuck", 7, 1},
    {"kling", "poll-500", 0, 1},
    {"kling", "poll-429", 0, 1},
    {"kling", "poll-drop", 0, 1},
    {"kling", "poll-html", 0, 1},
    {"wavespeed", "poll-503", 0, 1},
    {"302ai", "poll-502", 0, 1},
    {"dmxapi", "fail-task", 5, 1, "kling-v3"},
    {"dmxapi", "fail-task", 5, 1, "kling-v2-6"},
    {"dmxapi", "fail-task-free", 5, 1, "kling-v3"}, // what it charged is never told
    {"dmxapi", "odd-failure", 5, 1, "kling-v2-6"},
    {"dmxapi", "stuck", 7, 1, "kling-v3"},
    {"dmxapi", "stuck", 7, 1, "kling-v2-6"},
    {"dmxapi", "poll-429", 0, 1, "kling-v3"},
    {"dmxapi", "poll-500", 0, 1, "kling-v2-6"},
    {"dmxapi", "poll-404", 0, 1, "kling-v3"},
    {"dmxapi", "poll-drop", 0, 1, "kling-v3"},
    {"dmxapi", "poll-drop", 0, 1, "kling-v2-6"},
    {"dmxapi", "poll-html", 0, 1, "kling-v2-6"},
    {"dmxapi", "poll-202", 0, 1, "kling-v3"},
    {"dmxapi", "odd-word", 0, 1, "kling-v2-6"},
    {"dmxapi", "address-early", 0, 1, "kling-v2-6"},
    {"dmxapi", "address-early", 0, 1, "kling-v3"},
    {"dmxapi", "padded-url", 0, 1, "kling-v2-6"},
    {"dmxapi", "expired-url", 0, 1, "kling-v2-6"},
    {"dmxapi", "expired-url", 0, 1, "kling-v3"},
    // The file.
    {"kling", "expired-url", 0, 1},
    {"kling", "broken-download", 0, 1},
    {"kling", "truncated-file", 5, 1},
    {"kling", "corrupt-file", 5, 1},
    {"kling", "html-file", 7, 1}, // a page in its place may be the film another time
    {"kling", "huge-file", 5, 1},
    {"kling", "redirect-private", 5, 1},
    {"kling", "redirect-loopback", 5, 1},
    {"kling", "short-file", 5, 1},
};

std::string name_of_fault(const ::testing::TestParamInfo<FaultCase>& info)
{
    std::string name = info.param.provider + "_" + info.param.model + "_" + info.param.fault;
    std::replace_if(
        name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(All, FaultTest, ::testing::ValuesIn(k_fault_cases), name_of_fault);

class EveryServiceTest : public ::testing::TestWithParam<std::string> {};

/// A shot that arrives at an end picture, one chained on its last frame, and one that grows as this service lets it.
TEST_P(EveryServiceTest, MakesAFilmOfEveryKindOfTake)
{
    PaidRun run(GetParam());
    const json defaults = {{"mode", "pro"}, {"transition", {{"type", "cut"}}}};
    const std::string cup = test::photo("coffee.png").string();
    const json shots = {{{"id", "arrives"}, {"image", cup}, {"end_image", test::photo("chelsea.png")}, {"seconds", 5}},
                        {{"id", "chained"}, {"image", cup}, {"seconds", 15}, {"continue", "last-frame"}},
                        {{"id", "grows"}, {"image", cup}, {"seconds", 13}, {"mode", "std"}}};
    run.film(defaults, shots);
    const std::size_t planned = run.planned();
    EXPECT_EQ(run.run(), 0) << run.said();
    EXPECT_THAT(run.said(), HasSubstr("792 frames")); // 33 s at 24
    EXPECT_EQ(run.billed(), static_cast<int>(planned)) << run.said();
    EXPECT_EQ(run.leaks(), 0);
}

INSTANTIATE_TEST_SUITE_P(All, EveryServiceTest, ::testing::Values("kling", "newapi", "dmxapi", "wavespeed", "302ai"));

TEST(PaidRunTest, WhatIsPaidForIsMadeOnceForFilmsOfEveryShape)
{
    PaidRun run;
    run.film(2);
    json tall =
        json::parse(std::ifstream(std::filesystem::path(LONGTAKE_SOURCE_DIR) / "presets/delivery/preview/360p.json"));
    tall["size"] = "90x160";
    const std::filesystem::path preset = run.folder() / "tall.json";
    std::ofstream(preset) << tall;
    ASSERT_EQ(run.run({"--yes", "-p", "preview/360p", "-p", preset.string()}), 0) << run.said();
    EXPECT_EQ(run.billed(), 2);
    EXPECT_THAT(run.said(), HasSubstr("90x160"));
    EXPECT_THAT(run.said(), HasSubstr("'shot0' on 9:16")) << "what is kept in view is said";
    ASSERT_EQ(run.run({"--yes", "-p", preset.string()}), 0) << run.said();
    EXPECT_EQ(run.billed(), 2) << "the upright film alone needs no more";
}

TEST(PaidRunTest, WithoutConsentNotOneRequestIsSent)
{
    PaidRun run;
    run.film(1);
    EXPECT_EQ(run.run({}), 6);
    EXPECT_THAT(run.said(), HasSubstr("--yes"));
    EXPECT_EQ(run.requests(), 0);
}

TEST(PaidRunTest, OverTheCapNotOneRequestIsSent)
{
    PaidRun run;
    run.film(2); // 2 x 0.28
    EXPECT_EQ(run.run({"--yes", "--max-cost", "0.55"}), 6);
    EXPECT_THAT(run.said(), HasSubstr("$0.56"));
    EXPECT_EQ(run.requests(), 0);
    EXPECT_EQ(run.run({"--yes", "--max-cost", "0.56"}), 0) << run.said();
    EXPECT_EQ(run.billed(), 2);
}

TEST(PaidRunTest, AnUnknownPriceUnderACapIsRefused)
{
    PaidRun run("newapi");
    run.configure({{"prices", json::object()}});
    run.film(1);
    EXPECT_EQ(run.run({"--yes", "--max-cost", "100"}), 6);
    EXPECT_THAT(run.said(), HasSubstr("providers.<name>.prices"));
    EXPECT_EQ(run.requests(), 0);
}

TEST(PaidRunTest, AMissingKeyIsNamed)
{
    PaidRun run("wavespeed");
    run.forget_key("WAVESPEED_API_KEY");
    run.film(1);
    EXPECT_EQ(run.run(), 4);
    EXPECT_THAT(run.said(), HasSubstr("WAVESPEED_API_KEY"));
}

TEST(PaidRunTest, ADailyCapStopsTheRunAndAnotherDayGoesOn)
{
    PaidRun run;
    run.configure({{"daily_cap", 0.6}});
    run.film(3);
    EXPECT_EQ(run.run({"--yes", "-j", "1"}), 6) << run.said();
    EXPECT_EQ(run.billed(), 2);
    run.configure({{"daily_cap", 0.9}}); // as if the day were over
    EXPECT_EQ(run.run(), 0) << run.said();
    EXPECT_EQ(run.billed(), 3);
}

TEST(PaidRunTest, AnAmbiguousShotIsNamedAndTheRestIsDone)
{
    for (const std::string provider : {"newapi", "wavespeed", "302ai"}) {
        PaidRun run(provider);
        run.film(2);
        run.fault("drop-after-accept:1");
        EXPECT_EQ(run.run({"--yes", "-j", "1"}), 8) << run.said();
        EXPECT_THAT(run.said(), HasSubstr("shot 'shot0'"));
        EXPECT_THAT(run.said(), HasSubstr("--resubmit shot0"));
        EXPECT_EQ(run.billed(), 2);
        EXPECT_EQ(run.run(), 8) << run.said();
        EXPECT_EQ(run.billed(), 2) << "asking again does not pay again";
        EXPECT_EQ(run.run({"--yes", "--resubmit", "shot0"}), 0) << run.said();
        EXPECT_EQ(run.billed(), 3);
    }
}

TEST(PaidRunTest, SpentMoneyIsResumedWhenThereIsSome)
{
    PaidRun run;
    run.film(2);
    run.fault("code:1102:2");
    EXPECT_EQ(run.run({"--yes", "-j", "1"}), 6) << run.said();
    EXPECT_EQ(run.billed(), 1);
    EXPECT_EQ(run.run(), 0) << run.said();
    EXPECT_EQ(run.billed(), 2);
}

TEST(PaidRunTest, AWholeFilmIsFoundAgainForNothing)
{
    PaidRun run;
    run.film(1);
    EXPECT_EQ(run.run(), 0) << run.said();
    const int requests = run.requests();
    EXPECT_EQ(run.run({}), 0) << "nothing is paid, so nobody is asked: " << run.said();
    EXPECT_EQ(run.requests(), requests);
}

} // namespace
} // namespace longtake
