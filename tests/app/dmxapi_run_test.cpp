#include "tests/app/paid_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longtake {
namespace {

using nlohmann::json;
using test::PaidRun;
using ::testing::HasSubstr;

const json k_cuts = {{"transition", {{"type", "cut"}}}};

/// The whole program with the models that DMXAPI sells through `/v1/responses`.
class DmxapiRunTest : public ::testing::Test {
protected:
    void film(const std::string& model, const json& shots)
    {
        json defaults = k_cuts;
        defaults["model"] = model;
        run_.film(defaults, shots);
    }

    /// USD of each bill, in order.
    std::vector<double> amounts()
    {
        std::vector<double> all;
        const json state = run_.sandbox().state();
        for (const json& bill : state["bills"]) {
            all.push_back(bill["amount"]);
        }
        return all;
    }

    void expect_film(const std::string& frames)
    {
        EXPECT_EQ(run_.run(), 0) << run_.said();
        EXPECT_THAT(run_.said(), HasSubstr(frames));
        EXPECT_EQ(run_.sandbox().state()["refused"], json::array());
        EXPECT_EQ(run_.leaks(), 0);
        const std::size_t bills = amounts().size();
        EXPECT_EQ(run_.run(), 0) << run_.said();
        EXPECT_EQ(amounts().size(), bills) << "again: nothing";
    }

    PaidRun run_{"dmxapi"};
};

TEST_F(DmxapiRunTest, V26MakesTakesFromTextWithSoundAndWithout)
{
    film("kling-v2-6", {{{"id", "quiet"}, {"seconds", 5}, {"mode", "pro"}},
                        {{"id", "loud"}, {"seconds", 10}, {"mode", "pro"}, {"sound", true}},
                        {{"id", "cheap"}, {"seconds", 5}}});
    expect_film("480 frames"); // 20 s at 24
    auto bills = amounts();
    std::sort(bills.begin(), bills.end());
    ASSERT_EQ(bills.size(), 3U);
    EXPECT_NEAR(bills[0], 0.21, 1e-9);
    EXPECT_NEAR(bills[1], 0.35, 1e-9) << "5 s of pro, silent: the service would have made, and billed, sound";
    EXPECT_NEAR(bills[2], 1.4, 1e-9);
}

TEST_F(DmxapiRunTest, V3ArrivesAtAnEndPicture)
{
    film("kling-v3", {{{"id", "arrives"},
                       {"image", test::photo("coffee.png")},
                       {"end_image", test::photo("chelsea.png")},
                       {"seconds", 7}}});
    expect_film("168 frames");
    EXPECT_EQ(run_.sandbox().state()["tasks"][0]["kind"], "image2video");
}

TEST_F(DmxapiRunTest, V3ShowsSeveralShotsInATake)
{
    const json parts = {{{"prompt", "the harbour"}, {"seconds", 3}}, {{"prompt", "the boat"}, {"seconds", 2}}};
    film("kling-v3", {{{"id", "told"}, {"multi_shot", parts}, {"sound", true}},
                      {{"id", "shown"}, {"image", test::photo("coffee.png")}, {"multi_shot", parts}}});
    expect_film("240 frames");
    EXPECT_EQ(run_.sandbox().state()["tasks"][0]["prompt"], "the harbour / the boat");
}

/// A longer shot goes on from the last frame, which only V3 takes here.
TEST_F(DmxapiRunTest, V3GoesOnFromALastFrame)
{
    film("kling-v3", {{{"id", "long"}, {"seconds", 18}}});
    expect_film("432 frames");
    EXPECT_EQ(amounts().size(), 2U);
    EXPECT_EQ(run_.sandbox().state()["tasks"][1]["kind"], "image2video");
}

TEST_F(DmxapiRunTest, WhatItCannotIsRefusedBeforeAnythingIsSent)
{
    film("kling-v2-6", {{{"id", "shown"}, {"image", test::photo("coffee.png")}, {"seconds", 5}}});
    EXPECT_EQ(run_.run(), 2) << run_.said();
    EXPECT_THAT(run_.said(), HasSubstr("it takes pictures by public address only, and there is no upload"));
    EXPECT_EQ(run_.requests(), 0);
}

/// An interrupted or unlucky run asks again, through any number of runs, and never for a new take.
TEST_F(DmxapiRunTest, ATakeThatRunsOnIsFetchedByALaterRun)
{
    run_.configure({{"task_timeout", 1}});
    film("kling-v3", {{{"id", "slow"}, {"seconds", 3}}});
    run_.fault("stuck");
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(run_.run(), 7) << run_.said();
    }
    run_.sandbox().forgive();
    EXPECT_EQ(run_.run(), 0) << run_.said();
    EXPECT_EQ(amounts().size(), 1U);
}

} // namespace
} // namespace longtake
