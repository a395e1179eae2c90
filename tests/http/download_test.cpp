#include "pipeline/http/download.h"

#include "pipeline/base/files.h"
#include "tests/http/downloads.h"
#include "tests/support/file_size_limit.h"

#include <sys/stat.h>

#include <chrono>

namespace longtake::http {
namespace {

using namespace std::chrono_literals;
using namespace test;

/// Where a request asks to begin; 0 without a Range.
std::size_t range_start(const std::string& request)
{
    const auto at = request.find("Range: bytes=");
    return at == std::string::npos ? 0 : std::stoul(request.substr(at + 13));
}

void answer_range(const Peer& peer, const std::string& request, const std::string& bytes)
{
    const std::size_t from = range_start(request);
    peer.write(head("206 Partial Content", bytes.size() - from,
                    "Content-Range: bytes " + std::to_string(from) + "-" + std::to_string(bytes.size() - 1) + "/" +
                        std::to_string(bytes.size()) + "\r\n") +
               bytes.substr(from));
}

TEST_F(HttpDownloadTest, FetchesAFileAndTellsHowFarItIs)
{
    const std::string bytes = film(300'000);
    std::mutex mutex;
    httplib::Headers seen;
    WebServer server([&](httplib::Server& web) {
        web.Get("/take.mp4", [&](const httplib::Request& in, httplib::Response& out) {
            const std::lock_guard lock(mutex);
            seen = in.headers;
            out.set_content(bytes, "video/mp4");
        });
    });
    Download download = from(server.url("/take.mp4"));
    std::pair<std::int64_t, std::int64_t> last;
    download.progress = [&](std::int64_t done, std::int64_t total) { last = {done, total}; };

    fetch(download, {});

    EXPECT_EQ(contents(file_), bytes);
    EXPECT_EQ(last, (std::pair<std::int64_t, std::int64_t>{300'000, 300'000}));
    EXPECT_EQ(seen.count("Authorization"), 0U);
    EXPECT_EQ(seen.count("Cookie"), 0U);
    EXPECT_EQ(seen.count("Referer"), 0U);
    EXPECT_EQ(seen.count("Range"), 0U);
}

TEST_F(HttpDownloadTest, GoesOnWhereTheServerBrokeOff)
{
    const std::string bytes = film(100'000);
    RudeServer server([&](const Peer& peer, int connection) {
        const std::string request = peer.read_request();
        if (connection == 1) {
            peer.write(head("200 OK", bytes.size()) + bytes.substr(0, 60'000));
        } else {
            answer_range(peer, request, bytes);
        }
    });

    const Error error = failure(from(server.url("/take.mp4?sig=abc")));
    EXPECT_EQ(error.code(), Errc::pending);
    EXPECT_EQ(std::string(error.what()).find("sig"), std::string::npos) << error.what();
    EXPECT_EQ(contents(file_), bytes.substr(0, 60'000));

    Download again = from(server.url("/take.mp4?sig=def"));
    std::int64_t least = 100'000;
    again.progress = [&](std::int64_t done, std::int64_t) { least = std::min(least, done); };
    fetch(again, {});
    EXPECT_EQ(contents(file_), bytes);
    EXPECT_GE(least, 60'000);
    EXPECT_EQ(server.connections(), 2);
}

TEST_F(HttpDownloadTest, AsksOnlyForWhatIsMissing)
{
    const std::string bytes = film(100'000);
    std::atomic<std::size_t> start = 0;
    RudeServer server([&](const Peer& peer, int) {
        const std::string request = peer.read_request();
        start = range_start(request);
        answer_range(peer, request, bytes);
    });
    put(file_, bytes.substr(0, 60'000));

    fetch(from(server.url()), {});

    EXPECT_EQ(contents(file_), bytes);
    EXPECT_GT(start, 58'000U);
    EXPECT_LE(start, 60'000U);
}

TEST_F(HttpDownloadTest, SeesThatAFileIsWholeAlready)
{
    const std::string bytes = film(100'000);
    RudeServer server([&](const Peer& peer, int) { answer_range(peer, peer.read_request(), bytes); });
    put(file_, bytes);

    fetch(from(server.url()), {});

    EXPECT_EQ(contents(file_), bytes);
    EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpDownloadTest, StartsOverWhenAnotherFilmIsThereNow)
{
    const std::string bytes = film(100'000, 2);
    RudeServer server([&](const Peer& peer, int) {
        const std::string request = peer.read_request();
        range_start(request) > 0 ? answer_range(peer, request, bytes)
                                 : peer.write(head("200 OK", bytes.size()) + bytes);
    });
    put(file_, film(60'000, 1));

    fetch(from(server.url()), {});

    EXPECT_EQ(contents(file_), bytes);
}

TEST_F(HttpDownloadTest, StartsOverWhenTheServerGoesOnElsewhere)
{
    const std::string bytes = film(100'000);
    RudeServer server([&](const Peer& peer, int) {
        range_start(peer.read_request()) > 0
            ? peer.write(head("206 Partial Content", 50, "Content-Range: bytes 70000-70049/100000\r\n") +
                         bytes.substr(70'000, 50))
            : peer.write(head("200 OK", bytes.size()) + bytes);
    });
    put(file_, bytes.substr(0, 60'000));

    fetch(from(server.url()), {});

    EXPECT_EQ(contents(file_), bytes);
}

TEST_F(HttpDownloadTest, StartsOverWhenTheRangeIsBeyondTheEnd)
{
    const std::string bytes = film(5'000);
    RudeServer server([&](const Peer& peer, int) {
        range_start(peer.read_request()) > 0 ? peer.write(head("416 Range Not Satisfiable", 0))
                                             : peer.write(head("200 OK", bytes.size()) + bytes);
    });
    put(file_, film(60'000));

    fetch(from(server.url()), {});

    EXPECT_EQ(contents(file_), bytes);
}

TEST_F(HttpDownloadTest, TakesTheWholeFromAServerWithoutRanges)
{
    const std::string bytes = film(100'000);
    RudeServer server([&](const Peer& peer, int) {
        (void)peer.read_request();
        peer.write(head("200 OK", bytes.size()) + bytes);
    });
    put(file_, bytes.substr(0, 60'000));

    fetch(from(server.url()), {});

    EXPECT_EQ(contents(file_), bytes);
}

TEST_F(HttpDownloadTest, RefusesTooLongAFileBeforeItsBody)
{
    RudeServer server([](const Peer& peer, int) {
        (void)peer.read_request();
        peer.write(head("200 OK", 2'000'000'000));
        peer.stay_silent();
    });
    const auto begin = std::chrono::steady_clock::now();

    const Error error = failure(from(server.url()));

    EXPECT_EQ(error.code(), Errc::provider);
    EXPECT_SAYS(error, "2000000000");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
    EXPECT_EQ(contents(file_), "");
}

TEST_F(HttpDownloadTest, RefusesAFileThatGrowsTooLong)
{
    const std::string bytes = film(4096);
    RudeServer server([&](const Peer& peer, int) {
        (void)peer.read_request();
        peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int chunk = 0; chunk < 100 && !peer.over(); ++chunk) {
            peer.write("1000\r\n" + bytes + "\r\n");
        }
        peer.stay_silent();
    });
    Download download = from(server.url());
    download.max_bytes = 50'000;

    const Error error = failure(download);

    EXPECT_EQ(error.code(), Errc::provider);
    EXPECT_LE(contents(file_).size(), 50'000U);
}

TEST_F(HttpDownloadTest, BreaksOffAStalledDownloadButKeepsWhatArrived)
{
    RudeServer server([](const Peer& peer, int) {
        (void)peer.read_request();
        peer.write(head("200 OK", 100'000) + film(5'000));
        for (int drop = 0; drop < 100 && !peer.over(); ++drop) { // a byte now and then is no progress
            peer.write("x");
            std::this_thread::sleep_for(20ms);
        }
    });
    Download download = from(server.url());
    download.stall = 300ms;

    const Error error = failure(download);

    EXPECT_EQ(error.code(), Errc::pending);
    EXPECT_SAYS(error, "nothing arrived");
    EXPECT_EQ(contents(file_).substr(0, 5'000), film(5'000));
}

TEST_F(HttpDownloadTest, StopsWithinASecond)
{
    RudeServer server([](const Peer& peer, int) {
        (void)peer.read_request();
        peer.write(head("200 OK", 100'000) + film(5'000));
        peer.stay_silent();
    });
    std::stop_source source;
    Download download = from(server.url());
    std::chrono::steady_clock::time_point asked;
    download.progress = [&](std::int64_t, std::int64_t) {
        asked = std::chrono::steady_clock::now();
        source.request_stop();
    };

    const Error error = failure(download, source.get_token());

    EXPECT_EQ(error.code(), Errc::interrupted);
    EXPECT_LT(std::chrono::steady_clock::now() - asked, 1s);
    EXPECT_EQ(contents(file_), film(5'000));
}

TEST_F(HttpDownloadTest, ConnectsToNobodyOnceAskedToStop)
{
    RudeServer server([](const Peer&, int) {});
    std::stop_source source;
    source.request_stop();
    EXPECT_EQ(failure(from(server.url()), source.get_token()).code(), Errc::interrupted);
    EXPECT_EQ(server.connections(), 0);
}

std::string refuse_pages(std::string_view head)
{
    return head.starts_with('<') ? "a page" : "";
}

TEST_F(HttpDownloadTest, TheFirstBytesCountAndNotWhatTheyAreCalled)
{
    std::string body = "film";
    WebServer server([&](httplib::Server& web) {
        web.Get("/", [&](const httplib::Request& in, httplib::Response& out) {
            out.set_content(body, in.get_param_value("type"));
        });
    });
    for (const std::string type : {"text/html", "application/json", "text/plain", "application/xml", "video/mp4"}) {
        Download download = from(server.url("/?type=" + type));
        download.refuse_head = refuse_pages;
        body = "film";
        fetch(download, {});
        EXPECT_EQ(contents(file_), "film") << type;
        body = "<html>";
        const Error error = failure(download);
        EXPECT_EQ(error.code(), Errc::pending) << type;
        EXPECT_SAYS(error, "a page");
        EXPECT_EQ(contents(file_), "film") << "what is there is kept";
    }
}

TEST_F(HttpDownloadTest, JudgesTheFirstBytesHoweverTheyArrive)
{
    const std::string bytes = film(5'000);
    RudeServer server([&](const Peer& peer, int) {
        (void)peer.read_request();
        peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (const char byte : bytes) {
            peer.write(std::string("1\r\n") + byte + "\r\n");
        }
        peer.write("0\r\n\r\n");
    });
    std::vector<std::string> heads;
    Download download = from(server.url());
    download.refuse_head = [&](std::string_view head) {
        heads.emplace_back(head);
        return std::string();
    };

    fetch(download, {});

    EXPECT_EQ(heads, std::vector<std::string>{bytes.substr(0, 256)});
    EXPECT_EQ(contents(file_), bytes);
}

TEST_F(HttpDownloadTest, APageInPlaceOfTheRestLosesNothing)
{
    const std::string bytes = film(100'000);
    RudeServer server([&](const Peer& peer, int connection) {
        const std::string request = peer.read_request();
        connection == 1 ? peer.write(head("200 OK", 20) + "<html>one moment</h>") : answer_range(peer, request, bytes);
    });
    put(file_, bytes.substr(0, 60'000));
    Download download = from(server.url());
    download.refuse_head = refuse_pages;

    EXPECT_EQ(failure(download).code(), Errc::pending);
    EXPECT_EQ(contents(file_), bytes.substr(0, 60'000));
    fetch(download, {});
    EXPECT_EQ(contents(file_), bytes);
}

TEST_F(HttpDownloadTest, WhatMayWorkLaterIsPending)
{
    std::atomic<int> status = 0;
    WebServer server([&](httplib::Server& web) {
        web.Get("/", [&](const httplib::Request&, httplib::Response& out) {
            out.status = status;
            out.set_content("<Error/>", "application/xml");
        });
    });
    for (const int stale : {403, 404, 410}) {
        status = stale;
        const Error error = failure(from(server.url("/")));
        EXPECT_EQ(error.code(), Errc::pending) << stale;
        EXPECT_SAYS(error, "stale address");
    }
    for (const int busy : {400, 408, 416, 429, 500, 503}) {
        status = busy;
        const Error error = failure(from(server.url("/")));
        EXPECT_EQ(error.code(), Errc::pending) << busy;
        EXPECT_SAYS(error, std::to_string(busy));
    }
    EXPECT_EQ(failure(from("http://127.0.0.1:" + std::to_string(test::refused_port()) + "/")).code(), Errc::pending);
    EXPECT_EQ(contents(file_), "");
}

TEST_F(HttpDownloadTest, AnEmptyAnswerIsNoFile)
{
    RudeServer server([](const Peer& peer, int) {
        (void)peer.read_request();
        peer.write(head("200 OK", 0));
    });
    EXPECT_EQ(failure(from(server.url())).code(), Errc::pending);
}

TEST_F(HttpDownloadTest, NamesTheFileThatCannotBeWritten)
{
    WebServer server([](httplib::Server& web) {
        web.Get("/", [](const httplib::Request&, httplib::Response& out) { out.set_content("film", "video/mp4"); });
    });
    Download download = from(server.url("/"));
    {
        const test::FileSizeLimit no_room(2);
        const Error full = failure(download);
        EXPECT_EQ(full.code(), Errc::storage);
        EXPECT_SAYS(full, "write '" + file_.string() + "': File too large");
    }
    download.file = dir_ / "no-such-folder/take.part";
    EXPECT_SAYS(failure(download), "no-such-folder");
}

TEST_F(HttpDownloadTest, WhatHasItsNameAndIsNoFileOfItsOwnIsLeftAlone)
{
    WebServer server([](httplib::Server& web) {
        web.Get("/", [](const httplib::Request&, httplib::Response& out) { out.set_content("film", "video/mp4"); });
    });
    write_atomic(dir_ / "precious", "precious");
    std::filesystem::create_symlink(dir_ / "precious", dir_ / "link.part");
    std::filesystem::create_symlink(dir_ / "nothing", dir_ / "dangling.part");
    std::filesystem::create_hard_link(dir_ / "precious", dir_ / "second-name.part");
    std::filesystem::create_directory(dir_ / "folder.part");
    ASSERT_EQ(::mkfifo((dir_ / "pipe.part").c_str(), 0600), 0);
    for (const char* name : {"link.part", "dangling.part", "second-name.part", "folder.part", "pipe.part"}) {
        Download download = from(server.url("/"));
        download.file = dir_ / name;
        const Error refused = failure(download);
        EXPECT_EQ(refused.code(), Errc::storage) << name;
        EXPECT_SAYS(refused, name);
        EXPECT_SAYS(refused, "remove") << name;
    }
    EXPECT_EQ(contents(dir_ / "precious"), "precious");
    EXPECT_FALSE(std::filesystem::exists(dir_ / "nothing"));
}

} // namespace
} // namespace longtake::http
