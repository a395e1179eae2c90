#include "pipeline/app/watch/watch_server.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "tests/app/watch/watching.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <vector>

namespace longtake::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using namespace std::chrono_literals;

class WatchServerTest : public ::testing::Test {
protected:
    WatchServerTest()
    {
        fs::create_directories(dir_ / "film.longtake/out");
        fs::create_directories(dir_ / "scratch");
        write_atomic(dir_ / "film.longtake/out/a.mp4", "0123456789");
        run_ = std::make_unique<test::WatchedProcess>(
            dir_ / "film.longtake", json{{"kind", "batch"}, {"control", "own"}}, [this](EventLog& log) {
                log.put({{"event", "rows"}, {"rows", {{{"number", 1}, {"name", "a"}}}}});
                log.put({{"event", "row"},
                         {"row", 0},
                         {"state", "done"},
                         {"files", {{{"file", (dir_ / "film.longtake/out/a.mp4").string()}}}}});
            });
        watched_ = std::make_unique<WatchedRun>(
            WatchedRun::Settings{dir_ / "film.longtake", OwnRuns(fs::path()), "/bin/false", dir_ / "scratch", true});
        watched_->look();
        server_ = std::make_unique<WatchServer>(*watched_, 0);
        const std::string origin = "http://127.0.0.1:" + std::to_string(server_->port());
        root_ = server_->address().substr(origin.size());
        client_ = std::make_unique<httplib::Client>("127.0.0.1", server_->port());
        client_->set_read_timeout(20);
    }

    int status(const std::string& path, const httplib::Headers& headers = {})
    {
        const auto reply = client_->Get(path, headers);
        return reply ? reply->status : 0;
    }

    int post(const std::string& what, const std::string& run, const httplib::Headers& headers = {},
             const char* type = "application/json")
    {
        const auto reply = client_->Post(root_ + "control", headers, json{{"do", what}, {"run", run}}.dump(), type);
        return reply ? reply->status : 0;
    }

    /// The first event with this word, of a stream.
    std::string first_event(const std::string& word, const httplib::Headers& headers = {})
    {
        httplib::Client viewer("127.0.0.1", server_->port());
        viewer.set_read_timeout(20);
        std::string heard;
        viewer.Get(root_ + "events", headers, [&](const char* data, std::size_t size) {
            heard.append(data, size);
            return heard.find("event: " + word) == std::string::npos || !heard.ends_with("\n\n");
        });
        return heard;
    }

    test::TempDir dir_;
    std::unique_ptr<test::WatchedProcess> run_;
    std::unique_ptr<WatchedRun> watched_;
    std::unique_ptr<WatchServer> server_;
    std::unique_ptr<httplib::Client> client_;
    std::string root_;
};

TEST_F(WatchServerTest, ThePageRunsNothingButItself)
{
    const auto page = client_->Get(root_);
    ASSERT_TRUE(page);
    EXPECT_EQ(page->status, 200);
    EXPECT_NE(page->body.find("id=\"live\""), std::string::npos);
    const std::string policy = page->get_header_value("Content-Security-Policy");
    EXPECT_NE(policy.find("default-src 'none'; script-src 'sha256-"), std::string::npos) << policy;
    EXPECT_EQ(policy.find("unsafe"), std::string::npos) << policy;
    EXPECT_EQ(page->get_header_value("Referrer-Policy"), "no-referrer") << "the address is secret";
    EXPECT_EQ(page->get_header_value("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(page->get_header_value("Cache-Control"), "no-store");
    EXPECT_EQ(page->get_header_value("Access-Control-Allow-Origin"), "");
    EXPECT_EQ(client_->Get(root_.substr(0, root_.size() - 1))->status, 308);
}

TEST_F(WatchServerTest, WithoutTokenOrFromElsewhereEverythingIsRefused)
{
    for (const char* path : {"/", "/events", "/control", "/files/0.0", "/favicon.ico"}) {
        EXPECT_EQ(status(path), 403) << path;
    }
    for (const char* below : {"", "events", "control", "files/0.0"}) {
        EXPECT_EQ(status(root_ + below, {{"Host", "evil.example"}}), 403) << below;
        EXPECT_EQ(status(root_ + below, {{"Origin", "http://evil.example"}}), 403) << below;
    }
    EXPECT_EQ(post("cancel", run_->run(), {{"Origin", "http://evil.example"}}), 403);
    EXPECT_EQ(post("cancel", run_->run(), {{"Sec-Fetch-Site", "cross-site"}}), 403);
    EXPECT_FALSE(read_control(dir_ / "film.longtake"));
}

TEST_F(WatchServerTest, FilmsAreServedByRangesAndNothingElseIs)
{
    EXPECT_EQ(client_->Get(root_ + "files/0.0")->body, "0123456789");
    const auto part = client_->Get(root_ + "files/0.0", {{"Range", "bytes=2-4"}});
    EXPECT_EQ(part->status, 206);
    EXPECT_EQ(part->body, "234");
    EXPECT_EQ(part->get_header_value("Content-Range"), "bytes 2-4/10");
    EXPECT_EQ(part->get_header_value("Content-Type"), "video/mp4");
    EXPECT_EQ(status(root_ + "files/0.0", {{"Range", "bytes=0-1,3-4"}}), 416);
    for (const char* path : {"files/1", "files/../events.jsonl", "files/%2e%2e/ledger.db", "events.jsonl", "..",
                             "pictures/../../../etc/passwd", "files//etc/passwd"}) {
        EXPECT_EQ(status(root_ + path), 404) << path;
    }
    EXPECT_EQ(client_->Put(root_ + "files/0.0", "x", "video/mp4")->status, 405);
    EXPECT_EQ(client_->Delete(root_ + "files/0.0")->status, 405);
}

TEST_F(WatchServerTest, ViewersSeeTheWholeAndGoOnWhereTheyLeft)
{
    const std::string whole = first_event("whole");
    EXPECT_NE(whole.find(run_->run()), std::string::npos);
    const std::size_t at = whole.find("id: ") + 4;
    const std::string id = whole.substr(at, whole.find('\n', at) - at);
    watched_->feed().change([](Feed::Change& change) { change.set({"said"}, "a change"); });
    const std::string change = first_event("change", {{"Last-Event-ID", id}});
    EXPECT_EQ(change.find("event: whole"), std::string::npos);
    EXPECT_NE(change.find("a change"), std::string::npos);
}

TEST_F(WatchServerTest, WishesArePostedAsJson)
{
    EXPECT_EQ(post("pause", run_->run()), 200);
    EXPECT_TRUE(read_control(dir_ / "film.longtake")->paused);
    EXPECT_EQ(post("pause", "another"), 409);
    EXPECT_EQ(post("pause", run_->run(), {}, "text/plain"), 415) << "as forms of other pages are";
    EXPECT_EQ(client_->Post(root_ + "control", "{", "application/json")->status, 400);
    EXPECT_EQ(client_->Post(root_ + "control", "{\"do\":7}", "application/json")->status, 400);
    EXPECT_EQ(client_->Post(root_ + "control", "{\"do\":\"pause\",\"run\":7}", "application/json")->status, 400);
    EXPECT_EQ(status(root_ + "control"), 405);
    const auto large = client_->Post(root_ + "control", std::string(1 << 20, ' '), "application/json");
    EXPECT_TRUE(!large || large->status == 413);
}

TEST_F(WatchServerTest, AViewerThatIsGoneIsNotCountedAndTooManyAreTurnedAway)
{
    first_event("whole");
    std::vector<std::future<std::string>> viewers;
    std::atomic<bool> over = false;
    for (int i = 0; i < 120; ++i) {
        viewers.push_back(std::async(std::launch::async, [&] {
            httplib::Client viewer("127.0.0.1", server_->port());
            viewer.Get(root_ + "events", [&](const char*, std::size_t) { return !over; });
            return std::string();
        }));
    }
    for (int tries = 0; tries < 1000 && server_->viewers() < 120; ++tries) {
        watched_->feed().change([&](Feed::Change& change) { change.set({"at"}, tries); }); // who is gone is found out
        std::this_thread::sleep_for(10ms);
    }
    EXPECT_EQ(server_->viewers(), 120);
    EXPECT_EQ(status(root_ + "events"), 503);
    EXPECT_EQ(status(root_), 200) << "the page can still be had";
    over = true;
    watched_->feed().close();
    viewers.clear();
    for (int tries = 0; tries < 1000 && server_->viewers() > 0; ++tries) {
        std::this_thread::sleep_for(10ms);
    }
    EXPECT_EQ(server_->viewers(), 0);
}

TEST_F(WatchServerTest, APortThatSomebodyHasIsAFailure)
{
    EXPECT_THROW(WatchServer(*watched_, server_->port()), Error);
}

} // namespace
} // namespace longtake::app
