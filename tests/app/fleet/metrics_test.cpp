#include "pipeline/app/fleet/metrics.h"

#include "pipeline/base/error.h"
#include "pipeline/ledger/row_queue.h"
#include "tests/support/ffmpeg_cli.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <regex>
#include <sstream>

namespace longtake::app {
namespace {

class MetricsTest : public ::testing::Test {
protected:
    MetricsTest()
    {
        RowQueue queue(open_database(ledger_, true), "test");
        queue.add(QueuedBatch{"b1", "say \"hello\"\\", nlohmann::json::object()});
        for (const char* name : {"cup", "jar", "tin"}) {
            QueuedRow row;
            row.batch = "b1";
            row.name = name;
            row.film_key = "key";
            row.board = nlohmann::json::object();
            queue.add({row}, {});
        }
        auto row = queue.claim("b1").value();
        row.outcome = "done";
        queue.finish(row);
    }

    static std::string page(const MetricsServer& server)
    {
        return test::run("curl -sf --max-time 20 http://127.0.0.1:" + std::to_string(server.port()) + "/metrics")
            .printed;
    }

    test::TempDir dir_;
    std::string ledger_ = dir_ / "rows.db";
};

TEST_F(MetricsTest, SaysWhatTheWorkerAndItsLedgerHaveComeTo)
{
    WorkerMetrics metrics(ledger_, 2);
    const MetricsServer server("127.0.0.1:0", metrics);
    metrics.update({.films = 5, .others = 1, .crashes = 0}, 2);
    const std::string text = page(server);
    EXPECT_NE(text.find("\nlongtake_worker_films_total 5\n"), std::string::npos) << text;
    EXPECT_NE(text.find("\nlongtake_worker_at_work 2\n"), std::string::npos) << text;
    EXPECT_NE(text.find("longtake_rows{batch=\"say \\\"hello\\\"\\\\\",id=\"b1\",state=\"open\"} 2\n"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find("\nlongtake_ledger_up 1\n"), std::string::npos) << text;
    metrics.update({.films = 6, .others = 1, .crashes = 0}, 1);
    EXPECT_NE(page(server).find("\nlongtake_worker_films_total 6\n"), std::string::npos);
}

/// The grammar of text format 0.0.4, as far as it is used.
TEST_F(MetricsTest, IsWhatPrometheusReads)
{
    WorkerMetrics metrics(ledger_, 2);
    const std::regex line(R"(# HELP [a-z_]+ .+|# TYPE [a-z_]+ (counter|gauge)|)"
                          R"re([a-z_]+(\{([a-z_]+="([^"\\]|\\["\\n])*",?)+\})? -?[0-9.e+-]+)re");
    std::istringstream lines(metrics.text());
    int count = 0;
    for (std::string text; std::getline(lines, text); ++count) {
        EXPECT_TRUE(std::regex_match(text, line)) << text;
    }
    EXPECT_GT(count, 20);
}

TEST_F(MetricsTest, ALedgerOutOfReachIsSaid)
{
    WorkerMetrics metrics("postgresql://127.0.0.1:1/films", 1);
    const std::string text = metrics.text();
    EXPECT_NE(text.find("\nlongtake_ledger_up 0\n"), std::string::npos) << text;
    EXPECT_NE(text.find("longtake_worker_slots 1\n"), std::string::npos) << text;
}

TEST_F(MetricsTest, AWrongOrTakenAddressIsRefused)
{
    WorkerMetrics metrics(ledger_, 1);
    for (const char* address : {"", "nine", "127.0.0.1:", "127.0.0.1:99999", ":80"}) {
        EXPECT_THROW(MetricsServer(address, metrics), Error) << address;
    }
    const MetricsServer first("0", metrics);
    try {
        const MetricsServer second("127.0.0.1:" + std::to_string(first.port()), metrics);
        FAIL() << "the port is taken";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::usage);
        EXPECT_NE(std::string(error.what()).find("another program has that port"), std::string::npos) << error.what();
    }
}

} // namespace
} // namespace longtake::app
