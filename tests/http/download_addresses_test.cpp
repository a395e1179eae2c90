#include "pipeline/http/download.h"

#include "tests/http/downloads.h"

#include <chrono>

// Where a download may lead, and who is shown the key on the way.

namespace longtake::http {
namespace {

using namespace std::chrono_literals;
using namespace test;

/// The Authorization header of a request; empty without.
std::string authorization_in(const std::string& request)
{
    const auto at = request.find("Authorization: ");
    return at == std::string::npos ? "" : request.substr(at + 15, request.find("\r\n", at) - at - 15);
}

TEST_F(HttpDownloadTest, FollowsRedirectsToTheSameService)
{
    WebServer server([](httplib::Server& web) {
        web.Get("/a", [](const httplib::Request&, httplib::Response& out) { out.set_redirect("/b?sig=x", 302); });
        web.Get("/b", [](const httplib::Request&, httplib::Response& out) { out.set_redirect("c", 307); });
        web.Get("/c", [](const httplib::Request&, httplib::Response& out) { out.set_content("film", "video/mp4"); });
    });

    fetch(from(server.url("/a")), {});

    EXPECT_EQ(contents(file_), "film");
}

TEST_F(HttpDownloadTest, ARedirectWithAnEndlessBodyIsFollowedWithoutReadingIt)
{
    RudeServer server([](const Peer& peer, int connection) {
        (void)peer.read_request();
        if (connection == 1) {
            peer.write("HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 99999999999\r\n\r\n" + film(5000));
            peer.stay_silent();
        } else {
            peer.write(head("200 OK", 4) + "film");
        }
    });

    fetch(from(server.url("/a")), {});

    EXPECT_EQ(contents(file_), "film");
}

TEST_F(HttpDownloadTest, BreaksARedirectLoop)
{
    RudeServer server([](const Peer& peer, int) {
        (void)peer.read_request();
        peer.write("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n");
    });

    const Error error = failure(from(server.url()));

    EXPECT_EQ(error.code(), Errc::provider);
    EXPECT_SAYS(error, "redirects");
    EXPECT_EQ(server.connections(), 6);
}

TEST_F(HttpDownloadTest, ARedirectToAnotherLoopbackPortReachesNobody)
{
    RudeServer inside([](const Peer&, int) {});
    RudeServer outside([&](const Peer& peer, int) {
        (void)peer.read_request();
        peer.write("HTTP/1.1 302 Found\r\nLocation: " + inside.url("/secret?k=v") + "\r\nContent-Length: 0\r\n\r\n");
    });

    const Error error = failure(from(outside.url()));

    EXPECT_EQ(error.code(), Errc::provider);
    EXPECT_SAYS(error, "private address");
    EXPECT_EQ(inside.connections(), 0);
}

TEST_F(HttpDownloadTest, RefusesPrivateAddressesHoweverTheyAreWritten)
{
    RudeServer server([](const Peer& peer, int) {
        (void)peer.read_request();
        peer.write(head("200 OK", 4) + "film");
    });
    const std::string port = ":" + std::to_string(server.port()) + "/";
    for (const std::string host : {"127.0.0.1",
                                   "localhost",
                                   "127.1",
                                   "2130706433",
                                   "0x7f000001",
                                   "0177.0.0.1",
                                   "[::1]",
                                   "[::ffff:127.0.0.1]",
                                   "0.0.0.0",
                                   "10.0.0.1",
                                   "172.31.255.1",
                                   "192.168.1.1",
                                   "169.254.169.254",
                                   "100.64.0.1",
                                   "[fc00::1]",
                                   "[fe80::1]",
                                   "224.0.0.1",
                                   "255.255.255.255",
                                   "[64:ff9b::10.0.0.1]",
                                   "[2002:7f00:1::]"}) {
        const Error error = failure({.url = "http://" + host + port, .file = file_});
        EXPECT_EQ(error.code(), Errc::provider) << host;
        EXPECT_SAYS(error, "private address");
    }
    EXPECT_EQ(server.connections(), 0);
}

TEST_F(HttpDownloadTest, RefusesANameThatLeadsToAPrivateAddress)
{
    RudeServer server([](const Peer& peer, int) {
        (void)peer.read_request();
        peer.write(head("200 OK", 4) + "film");
    });

    // libcurl resolves every name under .localhost to loopback itself; only the socket can tell.
    const Error error = failure({.url = "http://film.localhost:" + std::to_string(server.port()) + "/?sig=abc",
                                 .file = file_,
                                 .trusted = server.url()});

    EXPECT_EQ(error.code(), Errc::provider);
    EXPECT_SAYS(error, "private address");
    EXPECT_EQ(std::string(error.what()).find("sig"), std::string::npos) << error.what();
    EXPECT_EQ(server.connections(), 0);
}

TEST_F(HttpDownloadTest, RefusesOtherSchemesAndUserNames)
{
    for (const std::string url : {"ftp://example.com/a.mp4", "file:///etc/passwd", "gopher://example.com/",
                                  "https://user:password@example.com/a.mp4", "no address at all"}) {
        const Error error = failure({.url = url, .file = file_});
        EXPECT_EQ(error.code(), Errc::provider) << url;
        EXPECT_EQ(std::string(error.what()).find("password@"), std::string::npos) << error.what();
    }
    RudeServer server([](const Peer& peer, int) {
        (void)peer.read_request();
        peer.write("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n");
    });
    EXPECT_EQ(failure(from(server.url())).code(), Errc::provider);
}

TEST_F(HttpDownloadTest, TheKeyGoesToTheServiceItself)
{
    std::string seen;
    RudeServer server([&](const Peer& peer, int) {
        seen = authorization_in(peer.read_request());
        peer.write(head("200 OK", 4) + "film");
    });
    Download download = from(server.url("/v1/videos/7/content"));
    download.authorization = "Bearer key-of-tests";

    fetch(download, {});

    EXPECT_EQ(seen, "Bearer key-of-tests");
}

TEST_F(HttpDownloadTest, TheKeyGoesToNoOtherHostOrPort)
{
    std::string seen = "nobody came";
    RudeServer server([&](const Peer& peer, int) {
        seen = authorization_in(peer.read_request());
        peer.write(head("200 OK", 4) + "film");
    });
    RudeServer other([](const Peer&, int) {});
    const std::string port = std::to_string(server.port());
    for (const std::string& trusted : {other.url(), "https://127.0.0.1:" + port, "http://localhost:" + port}) {
        Download download{.url = server.url(), .file = file_, .trusted = trusted};
        download.authorization = "Bearer key-of-tests";
        try {
            fetch(download, {}); // by http to https's host and port, which is the configured service too
            EXPECT_EQ(seen, "") << trusted;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Errc::provider) << trusted;
            EXPECT_SAYS(error, "private address");
        }
    }
}

TEST_F(HttpDownloadTest, TheKeyIsNotSentWhereARedirectLeads)
{
    std::vector<std::string> seen;
    RudeServer server([&](const Peer& peer, int connection) {
        seen.push_back(authorization_in(peer.read_request()));
        peer.write(connection == 1 ? "HTTP/1.1 302 Found\r\nLocation: /files/7\r\nContent-Length: 0\r\n\r\n"
                                   : head("200 OK", 4) + "film");
    });
    Download download = from(server.url("/v1/videos/7/content"));
    download.authorization = "Bearer key-of-tests";

    fetch(download, {});

    EXPECT_EQ(seen, (std::vector<std::string>{"Bearer key-of-tests", ""})) << "not even to the same service";
}

TEST_F(HttpDownloadTest, GoesThroughAProxyOnAPrivateAddress)
{
    std::string request;
    RudeServer proxy([&](const Peer& peer, int) {
        request = peer.read_request();
        peer.write(head("200 OK", 4) + "film");
    });
    const test::EnvironmentVariable variable("http_proxy", proxy.url());

    fetch({.url = "http://film.example/take.mp4", .file = file_}, {});

    EXPECT_EQ(contents(file_), "film");
    EXPECT_TRUE(request.starts_with("GET http://film.example/take.mp4 ")) << request;
}

TEST_F(HttpDownloadTest, NeverAsksAProxyForAPrivateAddress)
{
    RudeServer proxy([](const Peer& peer, int) {
        (void)peer.read_request();
        peer.write(head("200 OK", 4) + "film");
    });
    const test::EnvironmentVariable variable("http_proxy", proxy.url());

    EXPECT_EQ(failure({.url = "http://10.0.0.1/take.mp4", .file = file_}).code(), Errc::provider);
    EXPECT_EQ(failure({.url = "http://localhost/take.mp4", .file = file_}).code(), Errc::provider);
    EXPECT_EQ(failure({.url = proxy.url("/take.mp4"), .file = file_}).code(), Errc::provider);
    EXPECT_EQ(proxy.connections(), 0);
}

} // namespace
} // namespace longtake::http
