#include "pipeline/http/client.h"

#include "pipeline/base/error.h"
#include "pipeline/base/secrets.h"
#include "tests/http/servers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <set>

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

[[maybe_unused]] Failure failure(const Outcome& outcome)
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

[[maybe_unused]] Request post_once(const std::string& url)
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

} // namespace
} // namespace longtake::http
