#include "pipeline/sandbox/faults.h"

#include "pipeline/av/probe.h"
#include "pipeline/base/error.h"
#include "tests/sandbox/sandbox_client.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace longtake {
namespace {

using nlohmann::json;

std::vector<int> hit(const std::string& text, int so_far = 0)
{
    sandbox::FaultBook book;
    book.order(text, so_far);
    std::vector<int> numbers;
    for (int i = 1; i <= 9; ++i) {
        if (!book.of(i).names().empty()) {
            numbers.push_back(i);
        }
    }
    return numbers;
}

TEST(FaultBookTest, SaysWhichSubmits)
{
    EXPECT_EQ(hit("stuck"), (std::vector<int>{1}));
    EXPECT_EQ(hit("stuck", 4), (std::vector<int>{5}));
    EXPECT_EQ(hit("stuck:3", 4), (std::vector<int>{3}));
    EXPECT_EQ(hit("stuck:2-4"), (std::vector<int>{2, 3, 4}));
    EXPECT_EQ(hit("stuck:every/3"), (std::vector<int>{3, 6, 9}));
    EXPECT_EQ(hit("code:1303:2-3"), (std::vector<int>{2, 3}));
    EXPECT_EQ(hit("stuck:*").size(), 9U);
}

TEST(FaultBookTest, RefusesWhatIsNoFault)
{
    for (const char* text : {"stick", "stuck:0", "stuck:x", "stuck:3-2", "stuck:every/0", "code:9", "code", ""}) {
        EXPECT_THROW(hit(text), Error) << text;
    }
    try {
        hit("drop-after-acept");
        FAIL();
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("drop-after-accept"), std::string::npos) << error.what();
    }
}

class SandboxFaultsTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() { sandbox_ = new sandbox::Sandbox(test::quick_sandbox()); }
    static void TearDownTestSuite() { delete std::exchange(sandbox_, nullptr); }

    SandboxFaultsTest() { sandbox_->reset(); }

    test::SandboxClient::Answer submit() { return kling_.post("/v1/videos/text2video", {{"prompt", "a boat"}}); }
    test::SandboxClient::Answer submit(const std::string& fault)
    {
        sandbox_->order_fault(fault);
        return submit();
    }
    /// The result of the only task, of whatever submit.
    json result() { return kling_.official_result("", "text2video", sandbox_->state()["tasks"].back()["id"]); }
    std::string url() { return result()["task_result"]["videos"][0]["url"]; }
    std::size_t bills() const { return sandbox_->state()["bills"].size(); }

    static inline sandbox::Sandbox* sandbox_ = nullptr;
    test::SandboxClient kling_{*sandbox_, "kling"};
    test::TempDir dir_;
};

TEST_F(SandboxFaultsTest, AnswersLostBeforeAndAfterTheBill)
{
    struct Row {
        const char* fault;
        int status;
        std::size_t bills;
    };
    for (const Row& row :
         {Row{"drop-before-accept", 0, 0}, Row{"http-502-before-accept", 502, 0}, Row{"http-429-before-accept", 429, 0},
          Row{"html-before-accept", 502, 0}, Row{"drop-after-accept", 0, 1}, Row{"html-reply", 200, 1},
          Row{"http-500-after-accept", 500, 1}, Row{"http-504-after-accept", 504, 1},
          Row{"code-after-accept:5002", 504, 1}}) {
        sandbox_->reset();
        const auto answer = submit(row.fault);
        EXPECT_EQ(answer.status, row.status) << row.fault;
        EXPECT_EQ(bills(), row.bills) << row.fault;
        if (row.bills == 1) {
            EXPECT_EQ(result()["task_status"], "succeed") << row.fault;
        }
        EXPECT_EQ(submit().code(), 0) << row.fault; // the next one is spared
    }
}

TEST_F(SandboxFaultsTest, EveryBusinessCodeWithItsHttpStatus)
{
    const std::map<int, std::vector<int>> codes = {{400, {1200, 1201, 1300, 1301}},
                                                   {401, {1000, 1001, 1002, 1003, 1004}},
                                                   {403, {1103}},
                                                   {404, {1202, 1203}},
                                                   {429, {1100, 1101, 1102, 1302, 1303, 1304}},
                                                   {500, {5000}},
                                                   {503, {5001}},
                                                   {504, {5002}}};
    for (const auto& [status, numbers] : codes) {
        for (const int number : numbers) {
            const auto answer = submit("code:" + std::to_string(number));
            EXPECT_EQ(answer.status, status) << number;
            EXPECT_EQ(answer.code(), number);
            EXPECT_TRUE(answer.json.contains("request_id"));
        }
    }
    EXPECT_EQ(bills(), 0U);
}

TEST_F(SandboxFaultsTest, SilenceLastsUntilTheClientLeaves)
{
    sandbox_->order_fault("timeout-after-accept");
    httplib::Client impatient("127.0.0.1", sandbox_->port());
    impatient.set_read_timeout(0, 100'000);
    impatient.set_bearer_token_auth("sandbox-kling-x");
    EXPECT_FALSE(impatient.Post("/kling/v1/videos/text2video", R"({"prompt":"a boat"})", "application/json"));
    for (int i = 0; i < 1000 && bills() == 0; ++i) { // on a busy machine the client may leave before the bill
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_EQ(bills(), 1U);
}

TEST_F(SandboxFaultsTest, AnErrorTextMayEchoTheKey)
{
    const auto answer = submit("key-echo");
    EXPECT_NE(answer.json["message"].get<std::string>().find("sandbox-kling-test"), std::string::npos);
    EXPECT_EQ(sandbox_->state().dump().find("sandbox-kling-test"), std::string::npos);
}

TEST_F(SandboxFaultsTest, TasksFailPaidOrFree)
{
    submit("fail-task");
    json task = result();
    EXPECT_EQ(task["task_status"], "failed");
    EXPECT_EQ(task["task_status_msg"], "Failure to pass the risk control system");
    EXPECT_EQ(task["final_unit_deduction"], "1");
    EXPECT_NEAR(sandbox_->state()["total"]["amount"].get<double>(), 0.14, 1e-9);

    sandbox_->reset();
    submit("fail-task-free");
    EXPECT_EQ(result()["final_unit_deduction"], "0");
    EXPECT_EQ(sandbox_->state()["total"]["amount"], 0.0);
    EXPECT_EQ(sandbox_->state()["bills"][0]["returned"], true);
}

TEST_F(SandboxFaultsTest, LooksGoWrongTwice)
{
    for (const auto& [fault, status] :
         std::map<std::string, int>{{"poll-503", 503}, {"poll-429", 429}, {"poll-drop", 0}, {"poll-html", 200}}) {
        const std::string path = "/v1/videos/text2video/" + submit(fault).json["data"]["task_id"].get<std::string>();
        EXPECT_EQ(kling_.get(path).status, status) << fault;
        EXPECT_EQ(kling_.get(path).status, status) << fault;
        EXPECT_EQ(kling_.get(path).code(), 0) << fault;
    }
}

TEST_F(SandboxFaultsTest, AStuckTaskNeverEnds)
{
    const std::string id = submit("stuck").json["data"]["task_id"];
    submit();
    result(); // of the second: the first would be ready too
    EXPECT_EQ(kling_.get("/v1/videos/text2video/" + id).json["data"]["task_status"], "processing");
}

TEST_F(SandboxFaultsTest, AStaleAddressIsFreshAtTheNextLook)
{
    submit("expired-url");
    EXPECT_EQ(kling_.fetch(url()).status, 403);
    EXPECT_EQ(kling_.fetch(url()).status, 200);
}

TEST_F(SandboxFaultsTest, FilesGoWrong)
{
    submit();
    const std::string good = kling_.fetch(url()).body;

    submit("truncated-file");
    EXPECT_EQ(kling_.fetch(url()).body, good.substr(0, good.size() / 2));
    submit("corrupt-file");
    const std::string corrupt = kling_.fetch(url()).body;
    EXPECT_EQ(corrupt.size(), good.size());
    EXPECT_NE(corrupt, good);
    submit("html-file");
    EXPECT_TRUE(kling_.fetch(url()).body.starts_with("<html>"));
    submit("redirect-private");
    EXPECT_EQ(kling_.fetch(url()).headers.find("Location")->second, "http://10.0.0.1/footage.mp4");
    submit("broken-download");
    EXPECT_EQ(kling_.fetch(url()).status, 0);
    EXPECT_EQ(kling_.fetch(url()).body, good);
    submit("short-file");
    std::ofstream(dir_ / "short.mp4", std::ios::binary) << kling_.fetch(url()).body;
    EXPECT_EQ(av::measure(dir_ / "short.mp4").frames, 30);
}

TEST_F(SandboxFaultsTest, FilesComeUnderWrongNamesAndInParts)
{
    submit();
    const std::string good = kling_.fetch(url()).body;

    submit("typeless-file");
    const auto typeless = kling_.fetch(url());
    EXPECT_EQ(typeless.header("Content-Type"), "text/plain");
    EXPECT_EQ(typeless.body, good);
    submit("page-first");
    const auto page = kling_.fetch(url());
    EXPECT_EQ(page.status, 200);
    EXPECT_TRUE(page.body.starts_with("<html>"));
    EXPECT_EQ(kling_.fetch(url()).body, good);
    submit("playlist-file");
    EXPECT_TRUE(kling_.fetch(url()).body.starts_with("#EXTM3U"));
    submit("concat-file");
    EXPECT_TRUE(kling_.fetch(url()).body.starts_with("ffconcat version 1.0"));
    submit("damaged");
    EXPECT_EQ(kling_.fetch(url()).body.size(), good.size());
}

TEST_F(SandboxFaultsTest, SoundThatIsPaidForMayNotCome)
{
    const json sounding = {{"prompt", "a boat"}, {"model_name", "kling-v2-6"}, {"mode", "pro"}, {"sound", "on"}};
    const auto samples = [&] {
        EXPECT_EQ(kling_.post("/v1/videos/text2video", sounding).code(), 0);
        std::ofstream(dir_ / "film.mp4", std::ios::binary) << kling_.fetch(url()).body;
        return av::measure(dir_ / "film.mp4").samples;
    };
    EXPECT_GT(samples(), 0);
    sandbox_->order_fault("silent-film");
    EXPECT_EQ(samples(), 0);
    EXPECT_EQ(sandbox_->state()["bills"][0]["amount"], sandbox_->state()["bills"][1]["amount"]);
}

TEST_F(SandboxFaultsTest, AHugeFileIsDeclared)
{
    submit("huge-file");
    const std::string address = url();
    httplib::Client client("127.0.0.1", sandbox_->port());
    std::int64_t declared = 0;
    client.Get(
        address.substr(address.find('/', 8)),
        [&](const httplib::Response& response) {
            declared = std::stoll(response.get_header_value("Content-Length"));
            return false;
        },
        [](const char*, std::size_t) { return false; });
    EXPECT_EQ(declared, std::int64_t{2} << 30);
}

TEST_F(SandboxFaultsTest, FaultsAreOrderedOverHttpToo)
{
    test::SandboxClient any(*sandbox_, "sandbox");
    EXPECT_EQ(any.post("/faults", {{"fault", "code:1301:*"}}).status, 200);
    EXPECT_EQ(submit().code(), 1301);
    EXPECT_EQ(any.post("/faults", {{"fault", "nonsense"}}).status, 400);
    EXPECT_EQ(any.get("/state").json["faults"], json::array({"code:1301:*"}));
    EXPECT_EQ(any.post("/reset", {}).status, 200);
    EXPECT_EQ(submit().code(), 0);
}

TEST_F(SandboxFaultsTest, EveryFaultOfTheTableCanBeOrdered)
{
    for (const sandbox::Fault& fault : sandbox::known_faults()) {
        std::string name = fault.name;
        if (name.ends_with(":N")) {
            name.replace(name.size() - 1, 1, "5000");
        }
        EXPECT_NO_THROW(sandbox_->order_fault(name + ":7")) << name;
        EXPECT_FALSE(fault.says.empty());
    }
}

} // namespace
} // namespace longtake
