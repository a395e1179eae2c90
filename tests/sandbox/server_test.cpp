#include "pipeline/base/error.h"
#include "tests/sandbox/sandbox_client.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

namespace longtake {
namespace {

using sandbox::Sandbox;

/// A bare connection, for what no well-behaved client says.
class BareConnection {
public:
    explicit BareConnection(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            ADD_FAILURE() << "cannot connect";
        }
    }
    ~BareConnection() { ::close(socket_); }
    BareConnection(const BareConnection&) = delete;
    BareConnection& operator=(const BareConnection&) = delete;

    /// False: the peer has closed.
    bool send(const std::string& text)
    {
        return ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
    }

    /// Whether the peer closes, or says anything, within `limit_ms`.
    bool ends(int limit_ms)
    {
        pollfd peer{socket_, POLLIN, 0};
        return ::poll(&peer, 1, limit_ms) == 1;
    }

    /// What comes until the peer closes or falls silent for `limit_ms`.
    std::string read(int limit_ms = 10'000)
    {
        std::string text;
        char piece[4096];
        while (ends(limit_ms)) {
            const ssize_t got = ::recv(socket_, piece, sizeof piece, 0);
            if (got <= 0) {
                break;
            }
            text.append(piece, static_cast<std::size_t>(got));
        }
        return text;
    }

private:
    int socket_;
};

std::string answer_to(int port, const std::string& headers)
{
    BareConnection connection(port);
    connection.send("GET /sandbox/state HTTP/1.1\r\nConnection: close\r\n" + headers + "\r\n");
    const std::string answer = connection.read();
    return answer.substr(0, answer.find("\r\n"));
}

TEST(SandboxServerTest, AnswersUnderNamesOfThisMachineAlone)
{
    const Sandbox sandbox(test::quick_sandbox());
    const std::string port = std::to_string(sandbox.port());
    for (const std::string& host : {std::string("127.0.0.1"), "127.0.0.1:" + port, std::string("localhost"),
                                    "localhost:" + port, "[::1]:" + port, std::string("[::1]")}) {
        EXPECT_EQ(answer_to(sandbox.port(), "Host: " + host + "\r\n"), "HTTP/1.1 200 OK") << host;
    }
    for (const std::string& host :
         {std::string("evil.example"), "evil.example:" + port, std::string("127.0.0.1.evil.example"),
          std::string("localhost.evil.example:80"), std::string("127.0.0.1:"), std::string("127.0.0.1:8o"),
          std::string("0.0.0.0"), std::string()}) {
        EXPECT_EQ(answer_to(sandbox.port(), "Host: " + host + "\r\n"), "HTTP/1.1 403 Forbidden") << host;
    }
    EXPECT_EQ(answer_to(sandbox.port(), ""), "HTTP/1.1 403 Forbidden");
}

TEST(SandboxServerTest, TakesNothingFromOtherWebPages)
{
    const Sandbox sandbox(test::quick_sandbox());
    const std::string host = "Host: 127.0.0.1:" + std::to_string(sandbox.port()) + "\r\n";
    const std::string own = "Origin: http://127.0.0.1:" + std::to_string(sandbox.port()) + "\r\n";
    for (const std::string& from :
         {own, own + "Sec-Fetch-Site: same-origin\r\n", std::string("Sec-Fetch-Site: none\r\n")}) {
        EXPECT_EQ(answer_to(sandbox.port(), host + from), "HTTP/1.1 200 OK") << from;
    }
    for (const char* from : {"Origin: https://evil.example\r\n", "Origin: null\r\n", "Origin: http://127.0.0.1:1\r\n",
                             "Sec-Fetch-Site: cross-site\r\n", "Sec-Fetch-Site: same-site\r\n"}) {
        EXPECT_EQ(answer_to(sandbox.port(), host + from), "HTTP/1.1 403 Forbidden") << from;
    }
}

TEST(SandboxServerTest, AForeignPageOrdersNoFaultAndSubmitsNothing)
{
    const Sandbox sandbox(test::quick_sandbox());
    test::SandboxClient kling(sandbox, "kling");
    httplib::Client browser("127.0.0.1", sandbox.port());
    const httplib::Headers from = {{"Origin", "https://evil.example"},
                                   {"Authorization", "Bearer " + sandbox.keys().at("KLING_API_KEY")}};
    const auto fault = browser.Post("/sandbox/faults", from, R"({"fault":"stuck"})", "text/plain");
    const auto submit = browser.Post("/kling/v1/videos/text2video", from, R"({"prompt":"x"})", "application/json");
    ASSERT_TRUE(fault && submit);
    EXPECT_EQ(fault->status, 403);
    EXPECT_EQ(submit->status, 403);
    EXPECT_EQ(sandbox.state()["faults"].size(), 0U);
    EXPECT_EQ(sandbox.state()["submits"], 0);
}

TEST(SandboxServerTest, AHeaderThatTricklesIsCut)
{
    sandbox::Settings settings = test::quick_sandbox();
    settings.head_seconds = 0.3;
    const Sandbox sandbox(settings);
    BareConnection slow(sandbox.port());
    slow.send("GET / HTTP/1.1\r\nX-Slow: ");
    bool cut = false;
    for (int i = 0; i < 600 && !cut; ++i) { // half a minute at most
        cut = slow.ends(50) || !slow.send("a");
    }
    EXPECT_TRUE(cut);
    EXPECT_EQ(answer_to(sandbox.port(), "Host: localhost\r\n"), "HTTP/1.1 200 OK");
}

TEST(SandboxServerTest, AHeaderWithoutEndIsCut)
{
    const Sandbox sandbox(test::quick_sandbox());
    BareConnection endless(sandbox.port());
    endless.send("GET / HTTP/1.1\r\n");
    std::size_t sent = 0;
    while (sent < 1'000'000 && endless.send("X-More: " + std::string(500, 'a') + "\r\n")) {
        sent += 510;
    }
    EXPECT_EQ(endless.read().find("200 OK"), std::string::npos);
    EXPECT_EQ(answer_to(sandbox.port(), "Host: localhost\r\n"), "HTTP/1.1 200 OK");
}

TEST(SandboxServerTest, ClosesConnectionsBeyondItsBounds)
{
    sandbox::Settings settings = test::quick_sandbox();
    settings.threads = 1;
    settings.waiting = 2;
    const Sandbox sandbox(settings);
    std::vector<std::unique_ptr<BareConnection>> crowd;
    for (int i = 0; i < 20; ++i) { // one is served, two wait
        crowd.push_back(std::make_unique<BareConnection>(sandbox.port()));
        crowd.back()->send("GET / HTTP/1.1\r\n");
    }
    const auto closed = [&] {
        return std::count_if(crowd.begin(), crowd.end(), [](const auto& connection) { return connection->ends(0); });
    };
    for (int i = 0; i < 600 && closed() < 17; ++i) { // half a minute at most
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    EXPECT_GE(closed(), 17);
    EXPECT_LE(closed(), 18); // before the first is served
    crowd.clear();
    std::string answer; // those who left may still be in the queue for a moment
    for (int i = 0; i < 600 && answer.empty(); ++i) {
        answer = answer_to(sandbox.port(), "Host: localhost\r\n");
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    EXPECT_EQ(answer, "HTTP/1.1 200 OK");
}

TEST(SandboxServerTest, KeysAreNewAtEachStart)
{
    const Sandbox first(test::quick_sandbox());
    const Sandbox second(test::quick_sandbox());
    for (const auto& [name, key] : first.keys()) {
        EXPECT_NE(key, second.keys().at(name)) << name;
        EXPECT_GE(key.size(), 32U) << name;
    }
    test::SandboxClient client(first, "wavespeed");
    client.use_key(first.keys().at("WAVESPEED_API_KEY"));
    EXPECT_EQ(client.get("/api/v3/predictions/1").status, 404);
}

TEST(SandboxServerTest, OtherKeysAreTakenOnlyWhereThatIsAsked)
{
    sandbox::Settings settings = test::quick_sandbox();
    settings.any_key = false;
    settings.api_keys["newapi"] = "a key of the test's own";
    const Sandbox sandbox(settings);
    for (const char* provider : {"kling", "newapi", "dmxapi", "wavespeed", "302ai"}) {
        test::SandboxClient client(sandbox, provider);
        EXPECT_EQ(client.get("/any").status, 401) << provider;
    }
    EXPECT_EQ(sandbox.keys().at("NEWAPI_API_KEY"), settings.api_keys["newapi"]);
    test::SandboxClient client(sandbox, "newapi");
    client.use_key(settings.api_keys["newapi"]);
    EXPECT_EQ(client.get("/any").status, 404);
}

TEST(SandboxServerTest, ThePageShowsAddressesAndKeys)
{
    const Sandbox sandbox(test::quick_sandbox());
    test::SandboxClient any(sandbox, "kling");
    const auto page = any.fetch(sandbox.base_url(""));
    for (const auto& [name, value] : sandbox.environment()) {
        EXPECT_NE(page.body.find(name), std::string::npos) << name;
        EXPECT_NE(page.body.find(value), std::string::npos) << name;
    }
    EXPECT_EQ(page.header("X-Frame-Options"), "DENY");
    EXPECT_EQ(sandbox.state().dump().find(sandbox.keys().at("KLING_API_KEY")), std::string::npos);
}

/// Points the program's temporary folder elsewhere while it lives.
class TemporaryFolderAt {
public:
    explicit TemporaryFolderAt(const std::filesystem::path& dir)
    {
        if (const char* before = std::getenv("TMPDIR")) {
            before_ = before;
        }
        ::setenv("TMPDIR", dir.c_str(), 1);
    }
    ~TemporaryFolderAt() { before_.empty() ? ::unsetenv("TMPDIR") : ::setenv("TMPDIR", before_.c_str(), 1); }
    TemporaryFolderAt(const TemporaryFolderAt&) = delete;
    TemporaryFolderAt& operator=(const TemporaryFolderAt&) = delete;

private:
    std::string before_;
};

TEST(SandboxServerTest, ItsFolderIsItsOwnersAloneAndGoesWithIt)
{
    const test::TempDir dir;
    {
        const TemporaryFolderAt there(dir.path());
        const Sandbox sandbox(test::quick_sandbox());
        const std::filesystem::directory_iterator entries(dir.path());
        ASSERT_NE(entries, std::filesystem::directory_iterator());
        struct stat status {};
        ASSERT_EQ(::stat(entries->path().c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 07777, 0700U);
    }
    EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST(SandboxServerTest, ATemporaryFolderThatCannotBeWrittenIsNamed)
{
    const test::TempDir dir;
    const TemporaryFolderAt there(dir.path());
    ::setenv("TMPDIR", "/proc/self", 1); // no user may write there
    try {
        const Sandbox sandbox(test::quick_sandbox());
        FAIL();
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("/proc/self/longtake-sandbox-"), std::string::npos) << error.what();
        EXPECT_NE(std::string(error.what()).find("TMPDIR"), std::string::npos) << error.what();
    }
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) // they need more memory than is left here
TEST(SandboxServerTest, ThreadsThatCannotBeStartedAreAnError)
{
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const auto start = [] {
        std::size_t pages = 0;
        std::ifstream("/proc/self/statm") >> pages;
        rlimit limit{}; // of addresses: room for a hundred stacks
        limit.rlim_cur = limit.rlim_max = pages * 4096 + (std::size_t{1} << 30);
        ::setrlimit(RLIMIT_AS, &limit);
        try {
            sandbox::Settings settings = test::quick_sandbox();
            settings.threads = 4000;
            const Sandbox sandbox(settings);
        } catch (const Error& error) {
            std::fputs(error.what(), stderr);
            std::_Exit(3);
        }
        std::_Exit(0);
    };
    EXPECT_EXIT(start(), ::testing::ExitedWithCode(3), "cannot start thread [0-9]+ of 4000 for connections");
}
#endif

/// The program itself, its stdout in a pipe.
class SandboxProgram {
public:
    explicit SandboxProgram(const std::filesystem::path& temporary)
    {
        int ends[2] = {-1, -1};
        if (::pipe(ends) != 0) {
            ADD_FAILURE() << "no pipe";
        }
        child_ = ::fork();
        if (child_ == 0) {
            ::dup2(ends[1], STDOUT_FILENO);
            ::close(ends[0]);
            ::close(ends[1]);
            ::setenv("TMPDIR", temporary.c_str(), 1);
            const std::string program = std::string(LONGTAKE_BUILD_DIR) + "/longtake";
            ::execl(program.c_str(), "longtake", "sandbox", "-q", nullptr);
            std::_Exit(127);
        }
        ::close(ends[1]);
        out_ = ends[0];
    }
    ~SandboxProgram()
    {
        ::close(out_);
        if (child_ > 0) {
            ::kill(child_, SIGKILL);
            ::waitpid(child_, nullptr, 0);
        }
    }
    SandboxProgram(const SandboxProgram&) = delete;
    SandboxProgram& operator=(const SandboxProgram&) = delete;

    /// What it has printed up to a line that begins so.
    std::string read_to(const std::string& line) const
    {
        std::string text;
        pollfd peer{out_, POLLIN, 0};
        while (text.find("\n" + line) == std::string::npos && ::poll(&peer, 1, 30'000) == 1) {
            char piece[4096];
            const ssize_t got = ::read(out_, piece, sizeof piece);
            if (got <= 0) {
                break;
            }
            text.append(piece, static_cast<std::size_t>(got));
        }
        return text;
    }

    int ends_on(int signal)
    {
        ::kill(child_, signal);
        int status = -1;
        ::waitpid(std::exchange(child_, -1), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

private:
    pid_t child_ = -1;
    int out_ = -1;
};

TEST(SandboxServerTest, TheProgramPrintsAtOnceAndLeavesNothingBehind)
{
    for (const int signal : {SIGINT, SIGTERM}) {
        const test::TempDir dir;
        SandboxProgram program(dir.path());
        EXPECT_NE(program.read_to("export WAVESPEED_API_KEY=").find("export KLING_API_KEY=sandbox-kling-"),
                  std::string::npos);
        EXPECT_FALSE(std::filesystem::is_empty(dir.path()));
        EXPECT_EQ(program.ends_on(signal), 0);
        EXPECT_TRUE(std::filesystem::is_empty(dir.path())) << signal;
    }
}

} // namespace
} // namespace longtake
