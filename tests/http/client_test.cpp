#include "pipeline/http/client.h"

#include "pipeline/base/error.h"
#include "pipeline/base/secrets.h"
#include "tests/http/servers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <thread>

namespace longtake::http {
namespace {

using namespace std::chrono_literals;
using test::Peer;
using test::RudeServer;
using test::WebServer;

constexpr auto k_ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

Response answer(const Outcome& outcome)
{
    if (const auto* failure = std::get_if<Failure>(&outcome)) {
        ADD_FAILURE() << failure->reason;
        return {};
    }
    return std::get<Response>(outcome);
}

Failure failure(const Outcome& outcome)
{
    if (const auto* response = std::get_if<Response>(&outcome)) {
        ADD_FAILURE() << "answered " << response->status << ": " << response->body;
        return {};
    }
    return std::get<Failure>(outcome);
}

Request post(const std::string& url)
{
    return {.method = "POST", .url = url, .headers = {{"Content-Type", "application/json"}}, .body = R"({"a":1})"};
}

Request post_once(const std::string& url)
{
    Request request = post(url);
    request.once = true;
    return request;
}

TEST(HttpClientTest, ReturnsWhateverTheServerAnswers)
{
    WebServer server([](httplib::Server& web) {
        web.Post("/echo", [](const httplib::Request& in, httplib::Response& out) {
            out.status = 429;
            out.set_header("X-Type", in.get_header_value("Content-Type"));
            out.set_header("X-Agent", in.get_header_value("User-Agent"));
            out.set_header("X-Expect", in.has_header("Expect") ? "yes" : "no");
            out.set_content(in.body, "application/json");
        });
    });
    Client client;
    Request request = post(server.url("/echo"));
    request.body.resize(2'000'000, 'x'); // large enough for curl to ask for a 100-continue, were it let

    const Response response = answer(client.send(request, {}));

    EXPECT_EQ(response.status, 429);
    EXPECT_EQ(response.header("x-type"), "application/json");
    EXPECT_EQ(response.header("x-agent"), "longtake");
    EXPECT_EQ(response.header("x-expect"), "no");
    EXPECT_EQ(response.body, request.body);
    EXPECT_EQ(response.header("no-such"), "");
}

/// Answers every request on a connection, up to `answers` of them, and counts the requests.
std::function<void(const Peer&, int)> answering(std::atomic<int>& requests, int answers)
{
    return [&requests, answers](const Peer& peer, int) {
        for (int left = answers;; --left) {
            if (peer.read_request().empty()) {
                return;
            }
            ++requests;
            if (left == 0) {
                return;
            }
            peer.write(k_ok);
        }
    };
}

TEST(HttpClientTest, ReusesItsConnection)
{
    std::atomic<int> requests = 0;
    RudeServer server(answering(requests, 100));
    Client client;
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(answer(client.send({.url = server.url()}, {})).body, "ok");
    }
    EXPECT_EQ(requests, 5);
    EXPECT_EQ(server.connections(), 1);
}

TEST(HttpClientTest, ASubmitGoesOutOnAConnectionOfItsOwn)
{
    std::atomic<int> requests = 0;
    RudeServer server(answering(requests, 100));
    Client client;
    EXPECT_EQ(answer(client.send(post_once(server.url()), {})).status, 200);
    EXPECT_EQ(answer(client.send({.url = server.url()}, {})).status, 200);
    EXPECT_EQ(server.connections(), 2) << "a submit's connection is not used again";
    EXPECT_EQ(answer(client.send(post_once(server.url()), {})).status, 200);
    EXPECT_EQ(server.connections(), 3) << "a submit uses no other's connection";
}

TEST(HttpClientTest, ASubmitIsSentOnceWhenTheAnswerGetsLost)
{
    std::atomic<int> requests = 0;
    RudeServer server(answering(requests, 0));
    Client client;

    const Failure lost = failure(client.send(post_once(server.url()), {}));

    EXPECT_TRUE(lost.sent);
    EXPECT_FALSE(lost.cancelled);
    EXPECT_EQ(requests, 1);
}

// What billed twice in the field: the connection of an earlier request is dead, which curl notices only after it has
// sent the next one, and then it sends it again.
TEST(HttpClientTest, ASubmitIsSentOnceWhereACallIsSentAgain)
{
    std::atomic<int> requests = 0;
    RudeServer server(answering(requests, 1)); // one answer a connection, then it reads a request and hangs up
    Client client;
    EXPECT_EQ(answer(client.send({.url = server.url()}, {})).status, 200);
    EXPECT_EQ(answer(client.send(post(server.url()), {})).status, 200);
    EXPECT_EQ(requests, 3) << "curl sends it again on its own: if not, the rest of this test shows nothing";

    EXPECT_EQ(answer(client.send(post_once(server.url()), {})).status, 200);
    EXPECT_EQ(requests, 4);
}

TEST(HttpClientTest, KnowsThatNothingWasSent)
{
    Client client;
    const std::string port = std::to_string(test::refused_port());

    const Failure refused = failure(client.send(post_once("http://127.0.0.1:" + port + "/"), {}));
    EXPECT_FALSE(refused.sent);
    EXPECT_EQ(refused.reason, "127.0.0.1: connection refused");

    const Failure unknown = failure(client.send(post_once("https://no-such-host.invalid/"), {}));
    EXPECT_FALSE(unknown.sent);
    EXPECT_NE(unknown.reason.find("no-such-host.invalid: "), std::string::npos) << unknown.reason;

    const Failure plain = failure(client.send(post_once("http://127.0.0.1.example.com/"), {}));
    EXPECT_FALSE(plain.sent);
    EXPECT_NE(plain.reason.find("use https"), std::string::npos) << plain.reason;
}

TEST(HttpClientTest, WhatWasReadMayHaveCount)
{
    RudeServer server([](const Peer& peer, int connection) {
        (void)peer.read_request();
        if (connection == 1) {
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"half\":");
        } else if (connection == 2) {
            peer.write("SSH-2.0-OpenSSH_9.2\r\n");
        }
    });
    Client client;
    for (int i = 0; i < 3; ++i) {
        const Failure lost = failure(client.send(post_once(server.url()), {}));
        EXPECT_TRUE(lost.sent) << lost.reason;
    }
}

TEST(HttpClientTest, AServerThatStaysSilentTimesOut)
{
    RudeServer server([](const Peer& peer, int) { peer.stay_silent(); });
    Client client;
    Request request = post_once(server.url());
    request.timeout = 200ms;

    const Failure silent = failure(client.send(request, {}));

    EXPECT_TRUE(silent.sent);
    EXPECT_FALSE(silent.cancelled);
    EXPECT_NE(silent.reason.find("in time"), std::string::npos) << silent.reason;
}

TEST(HttpClientTest, AServerThatNeverShakesHandsWasSentNothing)
{
    RudeServer server([](const Peer& peer, int) { peer.stay_silent(); });
    Client client({.connect_timeout = 200ms});

    const Failure silent = failure(client.send(post_once("https" + server.url().substr(4)), {}));

    EXPECT_FALSE(silent.sent);
    EXPECT_NE(silent.reason.find("no connection in time"), std::string::npos) << silent.reason;
}

TEST(HttpClientTest, AnAnswerTooLongIsNone)
{
    WebServer server([](httplib::Server& web) {
        web.Get("/", [](const httplib::Request&, httplib::Response& out) {
            out.set_content(std::string(100'000, ' '), "application/json");
        });
    });
    Client client({.max_body = 99'000});
    const Failure flood = failure(client.send({.url = server.url("/")}, {}));
    EXPECT_TRUE(flood.sent);
    EXPECT_NE(flood.reason.find("more than 99000 bytes"), std::string::npos) << flood.reason;
}

TEST(HttpClientTest, RedirectsAreAnswers)
{
    RudeServer elsewhere([](const Peer&, int) {});
    WebServer server([&](httplib::Server& web) {
        web.Post("/", [&](const httplib::Request&, httplib::Response& out) { out.set_redirect(elsewhere.url(), 307); });
    });
    Client client;
    const Response response = answer(client.send(post(server.url("/")), {}));
    EXPECT_EQ(response.status, 307);
    EXPECT_EQ(response.header("location"), elsewhere.url());
    EXPECT_EQ(elsewhere.connections(), 0);
}

TEST(HttpClientTest, InterimAnswersAreNone)
{
    RudeServer server([](const Peer& peer, int) {
        (void)peer.read_request();
        peer.write("HTTP/1.1 103 Early Hints\r\nX-Early: yes\r\n\r\n" + std::string(k_ok));
    });
    Client client;
    const Response response = answer(client.send({.url = server.url()}, {}));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.header("x-early"), "");
    EXPECT_EQ(response.body, "ok");
}

/// Asks to stop 300 ms into a request, when curl has no timer of its own to wake up for, and tells how long after that
/// it came back.
std::pair<Failure, std::chrono::milliseconds> stopped(const std::string& url)
{
    Client client;
    std::stop_source source;
    std::chrono::steady_clock::time_point asked;
    std::jthread impatient([&] {
        std::this_thread::sleep_for(300ms);
        asked = std::chrono::steady_clock::now();
        source.request_stop();
    });
    const Failure stop = failure(client.send(post_once(url), source.get_token()));
    const auto back = std::chrono::steady_clock::now();
    impatient.join();
    return {stop, std::chrono::duration_cast<std::chrono::milliseconds>(back - asked)};
}

TEST(HttpClientTest, StopsAtOnceWhileItWaitsForAnAnswer)
{
    RudeServer server([](const Peer& peer, int) { peer.stay_silent(); });
    const auto [stop, late] = stopped(server.url());
    EXPECT_TRUE(stop.cancelled);
    EXPECT_TRUE(stop.sent);
    EXPECT_LT(late, 1s); // woken, not polled
}

TEST(HttpClientTest, StopsAtOnceWhileItConnects)
{
    RudeServer server([](const Peer& peer, int) { peer.stay_silent(); });
    const auto [stop, late] = stopped("https" + server.url().substr(4)); // never gets through the handshake
    EXPECT_TRUE(stop.cancelled);
    EXPECT_FALSE(stop.sent);
    EXPECT_LT(late, 1s);
}

TEST(HttpClientTest, SendsNothingOnceAskedToStop)
{
    RudeServer server([](const Peer&, int) {});
    std::stop_source source;
    source.request_stop();
    Client client;
    const Failure stop = failure(client.send(post_once(server.url()), source.get_token()));
    EXPECT_TRUE(stop.cancelled);
    EXPECT_FALSE(stop.sent);
    EXPECT_EQ(server.connections(), 0);
}

TEST(HttpClientTest, SendsFieldsAndFilesOfAForm)
{
    test::TempDir dir;
    const std::string picture("\xff\xd8 no \0 end", 11);
    std::ofstream(dir / "first.jpg", std::ios::binary) << picture;
    httplib::MultipartFormDataMap form;
    WebServer server([&](httplib::Server& web) {
        web.Post("/", [&](const httplib::Request& in, httplib::Response&) { form = in.files; });
    });
    Client client;
    Request request{.method = "POST", .url = server.url("/")};
    request.parts = {{.name = "prompt", .text = "a \"quoted\"\r\nline"},
                     {.name = "image", .file = dir / "first.jpg", .type = "image/jpeg"},
                     {.name = "tail", .file = dir / "first.jpg", .filename = "last.png", .type = "image/png"}};

    EXPECT_EQ(answer(client.send(request, {})).status, 200);

    ASSERT_EQ(form.size(), 3U);
    EXPECT_EQ(form.find("prompt")->second.content, "a \"quoted\"\r\nline");
    EXPECT_EQ(form.find("prompt")->second.filename, "");
    EXPECT_EQ(form.find("image")->second.content, picture);
    EXPECT_EQ(form.find("image")->second.filename, "first.jpg");
    EXPECT_EQ(form.find("image")->second.content_type, "image/jpeg");
    EXPECT_EQ(form.find("tail")->second.filename, "last.png");
    EXPECT_EQ(form.find("tail")->second.content_type, "image/png");
}

TEST(HttpClientTest, UploadsAFile)
{
    test::TempDir dir;
    const std::string picture(300'000, 'p');
    std::ofstream(dir / "still.png", std::ios::binary) << picture;
    std::string got;
    WebServer server([&](httplib::Server& web) {
        web.Put("/", [&](const httplib::Request& in, httplib::Response&) { got = in.body; });
    });
    Client client;
    Request request{.method = "PUT", .url = server.url("/")};
    request.upload = dir / "still.png";
    EXPECT_EQ(answer(client.send(request, {})).status, 200);
    EXPECT_EQ(got, picture);
}

template <class Send>
void expect_error(Errc code, const std::string& text, const Send& send)
{
    try {
        send();
        ADD_FAILURE() << "nothing thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), code);
        EXPECT_NE(std::string(error.what()).find(text), std::string::npos) << error.what();
    }
}

TEST(HttpClientTest, NamesTheFileItCannotRead)
{
    RudeServer server([](const Peer&, int) {});
    Client client;
    Request upload{.method = "PUT", .url = server.url()};
    upload.upload = "/no/such/still.png";
    expect_error(Errc::input, "/no/such/still.png", [&] { (void)client.send(upload, {}); });
    Request form{.method = "POST", .url = server.url()};
    form.parts = {{.name = "image", .file = "/no/such/still.png"}};
    expect_error(Errc::input, "/no/such/still.png", [&] { (void)client.send(form, {}); });
    EXPECT_EQ(server.connections(), 0);
}

TEST(HttpClientTest, AKeyWithALineBreakSmugglesNoHeader)
{
    RudeServer server([](const Peer&, int) {});
    Client client;
    Request request{.url = server.url()};
    request.headers = {{"Authorization", "Bearer abc\r\nX-Other: 1"}};
    expect_error(Errc::usage, "Authorization", [&] { (void)client.send(request, {}); });
    EXPECT_EQ(server.connections(), 0);
}

TEST(HttpClientTest, WhatIsMeantForThisMachineGoesThroughNoProxy)
{
    RudeServer proxy([](const Peer& peer, int) {
        (void)peer.read_request();
        peer.write(k_ok);
    });
    std::atomic<int> requests = 0;
    RudeServer server(answering(requests, 1));
    const test::EnvironmentVariable variable("http_proxy", proxy.url());
    Client client;
    EXPECT_EQ(answer(client.send({.url = server.url()}, {})).status, 200);
    EXPECT_EQ(requests, 1);
    EXPECT_EQ(proxy.connections(), 0);
}

TEST(HttpClientTest, AProxyThatSaysNoWasSentNothingOfTheRequest)
{
    RudeServer proxy([](const Peer& peer, int) {
        (void)peer.read_request(); // CONNECT
        peer.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    });
    const test::EnvironmentVariable variable("https_proxy", proxy.url());
    Client client;
    const Failure refused = failure(client.send(post_once("https://service.example/v1"), {}));
    EXPECT_FALSE(refused.sent);
    EXPECT_EQ(proxy.connections(), 1);
    EXPECT_NE(refused.reason.find("403"), std::string::npos) << refused.reason;
}

TEST(HttpClientTest, ReasonsShowNoSecret)
{
    keep_secret("secret-host-name");
    Client client;
    const Failure unknown = failure(client.send({.url = "https://secret-host-name.invalid/?sig=1"}, {}));
    EXPECT_EQ(unknown.reason.find("secret"), std::string::npos) << unknown.reason;
}

TEST(HttpClientTest, ServesManyThreadsAtOnce)
{
    WebServer server([](httplib::Server& web) {
        web.Post("/echo", [](const httplib::Request& in, httplib::Response& out) { out.set_content(in.body, "a/b"); });
    });
    Client client;
    std::atomic<int> right = 0;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 8; ++t) {
            threads.emplace_back([&, t] {
                for (int i = 0; i < 20; ++i) {
                    Request request = post(server.url("/echo"));
                    request.body = std::to_string(t * 1000 + i);
                    const Outcome outcome = client.send(request, {});
                    const auto* response = std::get_if<Response>(&outcome);
                    right += response != nullptr && response->body == request.body ? 1 : 0;
                }
            });
        }
    }
    EXPECT_EQ(right, 160);
}

} // namespace
} // namespace longtake::http
