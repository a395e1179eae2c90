#include "pipeline/flow/batch/batch_log.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/flow/live/control_file.h"
#include "pipeline/flow/live/event_log.h"
#include "tests/flow/batch/cards_batch.h"

#include <gtest/gtest.h>

#include <sstream>
#include <thread>

namespace longtake {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

class BatchLogTest : public ::testing::Test {
protected:
    std::vector<json> events() const
    {
        std::vector<json> lines;
        const auto file = batch_folder(batch_.options.output) / k_events_file;
        if (std::filesystem::exists(file)) {
            std::istringstream text(read_text(file));
            for (std::string line; std::getline(text, line);) {
                if (json event = json::parse(line, nullptr, false); event.is_object()) { // else it is being written
                    lines.push_back(std::move(event));
                }
            }
        }
        return lines;
    }

    std::vector<json> of(const std::string& word) const
    {
        std::vector<json> some;
        for (json& event : events()) {
            if (event.at("event") == word) {
                some.push_back(std::move(event));
            }
        }
        return some;
    }

    /// Waits for an event, for a minute at most.
    bool wait_for(const std::string& word) const
    {
        for (int tries = 0; tries < 6000 && of(word).empty(); ++tries) {
            std::this_thread::sleep_for(10ms);
        }
        return !of(word).empty();
    }

    void ask(Control control) const
    {
        control.run = events().front().at("run");
        write_control(batch_folder(batch_.options.output), control);
    }

    test::CardsBatch batch_;
};

TEST_F(BatchLogTest, EveryRowIsToldFromItsPlanToItsEnd)
{
    const BatchResult result = batch_.make("name,headline\na,One\nb,far too long a headline\n");
    const std::vector<json> rows = of("rows");
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].at("rows").size(), 2U);
    std::map<std::size_t, std::string> last;
    for (const json& row : of("row")) {
        last[row.at("row")] = row.at("state");
    }
    EXPECT_EQ(last.at(0), "done");
    EXPECT_EQ(last.at(1), result.rows[1].outcome);
    EXPECT_EQ(events().front().at("kind"), "batch");
    EXPECT_EQ(events().back().at("outcome"), "failed");
    std::istringstream row(
        read_text(batch_folder(batch_.options.output) / "rows" / result.rows[0].name / "events.jsonl"));
    std::string line;
    std::getline(row, line);
    EXPECT_EQ(json::parse(line).at("control"), "batch") << "its batch steers it";
}

TEST_F(BatchLogTest, PausedItBeginsNoRowAndCancelledItEnds)
{
    batch_.options.films_at_once = 1;
    BatchResult result;
    std::jthread run([&] { result = batch_.make("name,headline\na,One\nb,Two\nc,Three\nd,Four\n"); });
    ASSERT_TRUE(wait_for("row"));
    ask({.paused = true});
    ASSERT_TRUE(wait_for("paused"));
    std::this_thread::sleep_for(1s);
    const std::size_t before = of("row").size();
    std::this_thread::sleep_for(1s);
    EXPECT_EQ(of("row").size(), before) << "nothing is begun, and what is in hand holds";
    ask({.cancelled = true});
    run.join();
    EXPECT_TRUE(result.interrupted);
    EXPECT_LT(result.done(), 4U);
    EXPECT_EQ(events().back().at("outcome"), "interrupted");
}

TEST_F(BatchLogTest, WhatItMayPayCanBeApprovedFromOutside)
{
    batch_.use("paid.json");
    batch_.options.film.approve = true;
    batch_.options.consent = nullptr;
    std::string why;
    std::jthread run([&] {
        try {
            batch_.make("name,headline\na,One\n");
        } catch (const Error& error) {
            why = word(error.code());
        }
    });
    ASSERT_TRUE(wait_for("waiting"));
    EXPECT_TRUE(of("waiting")[0].contains("cost"));
    EXPECT_TRUE(of("row").empty());
    ask({.cancelled = true});
    run.join();
    EXPECT_EQ(why, "interrupted");
    EXPECT_TRUE(of("row").empty()) << "nothing was begun";
}

} // namespace
} // namespace longtake
