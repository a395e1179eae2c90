// `longtake prepare` over folders and over whatever else a command line may name.
#include "pipeline/app/app.h"

#include "tests/support/ffmpeg_cli.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <thread>

namespace longtake::test {
namespace {

namespace fs = std::filesystem;

class PrepareFolderTest : public ::testing::Test {
protected:
    struct Answer {
        int status = -1;
        std::vector<nlohmann::json> rows; ///< one a picture
        nlohmann::json result;
        std::string err;

        nlohmann::json row(const std::string& input) const
        {
            for (const auto& row : rows) {
                if (row["input"].get<std::string>().ends_with(input)) {
                    return row;
                }
            }
            return {};
        }
        std::vector<std::string> inputs() const
        {
            std::vector<std::string> names;
            for (const auto& row : rows) {
                names.push_back(fs::path(row["input"].get<std::string>()).filename());
            }
            return names;
        }
        std::string error(const std::string& input) const { return row(input)["error"].value("message", ""); }
    };

    Answer prepare(std::vector<std::string> words, std::stop_token stop = {})
    {
        words.insert(words.begin(), {"longtake", "prepare", "--json"});
        if (std::find(words.begin(), words.end(), "-o") == words.end()) {
            words.insert(words.begin() + 3, {"-o", out().string()});
        }
        std::vector<const char*> argv;
        for (const std::string& word : words) {
            argv.push_back(word.c_str());
        }
        app::Environment environment;
        environment.variable = [](const std::string&) { return std::nullopt; };
        environment.stop = stop;
        std::ostringstream stdout_text;
        std::ostringstream stderr_text;
        Answer answer;
        answer.status = app::run(static_cast<int>(argv.size()), argv.data(), stdout_text, stderr_text, environment);
        answer.err = stderr_text.str();
        std::istringstream lines(stdout_text.str());
        for (std::string line; std::getline(lines, line);) {
            auto json = nlohmann::json::parse(line);
            json.contains("event") ? answer.result = json : answer.rows.emplace_back(json);
        }
        return answer;
    }

    fs::path out() const { return dir_ / "out"; }
    fs::path in(const std::string& name) const
    {
        fs::create_directories((dir_ / "in" / name).parent_path());
        return dir_ / "in" / name;
    }
    fs::path picture(const std::string& name, int shade = 90, const char* as = ".png") const
    {
        std::vector<uchar> bytes;
        cv::imencode(as, cv::Mat(320, 400, CV_8UC3, cv::Scalar(shade, 60, 120)), bytes);
        return text(name, {bytes.begin(), bytes.end()});
    }
    fs::path text(const std::string& name, const std::string& bytes) const
    {
        std::ofstream(in(name), std::ios::binary) << bytes;
        return in(name);
    }
    std::set<std::string> made() const
    {
        std::set<std::string> names;
        if (fs::exists(out())) {
            for (const auto& entry : fs::directory_iterator(out())) {
                names.insert(entry.path().filename());
            }
        }
        return names;
    }

    TempDir dir_;
};

TEST_F(PrepareFolderTest, AFolderStandsForThePicturesInItInNaturalOrder)
{
    for (const char* name : {"b10.png", "b9.png", "A1.jpg", "no-extension", "sub/deeper.png", ".hidden.png"}) {
        picture(name, 90, std::string(name).ends_with("jpg") ? ".jpg" : ".png");
    }
    text("notes.txt", "no picture");

    const Answer answer = prepare({in("").string()});

    EXPECT_EQ(answer.status, 0) << answer.err;
    EXPECT_EQ(answer.inputs(), (std::vector<std::string>{"A1.jpg", "b9.png", "b10.png", "no-extension"}));
    EXPECT_EQ(made(), (std::set<std::string>{"A1.jpg", "b10.png", "b9.png", "no-extension.png"}));
    EXPECT_EQ(answer.result["pictures"], 4);
    EXPECT_EQ(answer.result["skipped"].size(), 2U);
    EXPECT_NE(answer.err.find("notes.txt: not a picture"), std::string::npos);
    EXPECT_NE(answer.err.find("a folder in a folder"), std::string::npos);
}

TEST_F(PrepareFolderTest, AFolderWithoutPicturesIsRefusedAndTheOthersGoOn)
{
    text("empty/notes.txt", "no picture");
    picture("good.png");

    const Answer answer = prepare({in("empty").string(), in("good.png").string()});

    EXPECT_EQ(answer.status, 3);
    EXPECT_NE(answer.error("empty").find("holds no pictures"), std::string::npos);
    EXPECT_EQ(answer.row("empty")["error"]["code"], "input");
    EXPECT_EQ(made(), std::set<std::string>{"good.png"});
}

TEST_F(PrepareFolderTest, WhatIsNoRegularFileGetsAnAnswer)
{
    picture("real.png");
    text("empty.png", "");
    fs::create_symlink("real.png", in("link.png"));
    fs::create_symlink("nowhere.png", in("dangling.png"));
    ASSERT_EQ(::mkfifo(in("pipe.png").c_str(), 0600), 0);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::snprintf(address.sun_path, sizeof address.sun_path, "%s", in("socket.png").c_str());
    ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ::close(socket);

    const Answer folder = prepare({in("").string()});
    const Answer named = prepare({in("pipe.png").string(), in("socket.png").string(), "/dev/zero",
                                  in("dangling.png").string(), in("missing.png").string(), "-y"});

    EXPECT_EQ(folder.status, 3) << "the empty one";
    EXPECT_EQ(folder.inputs(), (std::vector<std::string>{"empty.png", "link.png", "real.png"}));
    EXPECT_NE(folder.error("empty.png").find("the file is empty"), std::string::npos);
    EXPECT_EQ(made(), (std::set<std::string>{"link.png", "real.png"}));
    for (const char* words : {"pipe.png: not a regular file", "socket.png: not a regular", "dangling.png: a link to"}) {
        EXPECT_NE(folder.err.find(words), std::string::npos) << words;
    }
    EXPECT_EQ(named.status, 3);
    ASSERT_EQ(named.rows.size(), 5U);
    for (const char* name : {"pipe.png", "socket.png", "/dev/zero"}) {
        EXPECT_NE(named.error(name).find("not a regular file"), std::string::npos) << name;
    }
    EXPECT_NE(named.error("dangling.png").find("no such picture"), std::string::npos);
    EXPECT_NE(named.error("missing.png").find("no such picture"), std::string::npos);
}

TEST_F(PrepareFolderTest, AnUnreadableFileIsNamedAndTheOthersGoOn)
{
    picture("locked.png");
    picture("open.png");
    ::chmod(in("locked.png").c_str(), 0);
    fs::create_directories(out());
    fs::permissions(out(), fs::perms::all);
    const bool root = ::geteuid() == 0; // who reads everything
    ASSERT_TRUE(!root || ::seteuid(65534) == 0);

    const Answer answer = prepare({in("").string()});
    ASSERT_TRUE(!root || ::seteuid(0) == 0);

    EXPECT_EQ(answer.status, 3);
    EXPECT_NE(answer.error("locked.png").find("Permission denied"), std::string::npos);
    EXPECT_EQ(made(), std::set<std::string>{"open.png"});
}

TEST_F(PrepareFolderTest, OfPicturesOfOneNameEachGetsAFileOfItsOwn)
{
    const std::vector<std::string> words{picture("a/cup.png", 10), picture("b/cup.png", 200),
                                         picture("b/CUP.jpg", 100, ".jpg"), picture("c/cup-2.png", 50)};

    const Answer answer = prepare(words);

    EXPECT_EQ(answer.status, 0) << answer.err;
    EXPECT_EQ(made(), (std::set<std::string>{"cup.png", "cup-2.png", "CUP-3.jpg", "cup-2-2.png"}));
    EXPECT_EQ(cv::imread(out() / "cup.png").at<cv::Vec3b>(0, 0)[0], 10);
    EXPECT_EQ(cv::imread(out() / "cup-2.png").at<cv::Vec3b>(0, 0)[0], 200);
    EXPECT_NE(answer.rows[1]["warnings"].dump().find("another picture has its name"), std::string::npos);
    EXPECT_TRUE(answer.rows[0]["warnings"].empty());
}

TEST_F(PrepareFolderTest, ThePicturesThemselvesAreNeverOverwritten)
{
    const fs::path big = in("big.png");
    cv::imwrite(big, cv::Mat(1000, 1000, CV_8UC3, cv::Scalar(1, 2, 3)));
    const auto before = fs::file_size(big);
    fs::create_symlink(in(""), dir_ / "way-round");

    const Answer here = prepare({big, "-o", in("").string(), "-y", "--max-side", "400"});
    const Answer round = prepare({big, "-o", (dir_ / "way-round").string(), "-y", "--max-side", "400"});

    EXPECT_EQ(here.status, 3) << here.err;
    EXPECT_NE(here.error("big.png").find("is one of the pictures themselves"), std::string::npos);
    EXPECT_NE(round.error("big.png").find("is one of the pictures themselves"), std::string::npos);
    EXPECT_EQ(fs::file_size(big), before);
}

TEST_F(PrepareFolderTest, WhatIsThereIsKeptUnlessAskedOtherwise)
{
    picture("cup.png", 10);
    fs::create_directories(out());
    std::ofstream(out() / "cup.png") << "mine";

    const Answer kept = prepare({in("cup.png").string()});
    const auto size = fs::file_size(out() / "cup.png");
    const Answer replaced = prepare({in("cup.png").string(), "-y"});

    EXPECT_EQ(kept.status, 3);
    EXPECT_NE(kept.error("cup.png").find("-y overwrites it"), std::string::npos);
    EXPECT_EQ(size, 4U);
    EXPECT_EQ(replaced.status, 0);
    EXPECT_GT(fs::file_size(out() / "cup.png"), 4U);
}

TEST_F(PrepareFolderTest, NamesMayHoldAnyBytes)
{
    const std::vector<std::string> names{"with space.png",
                                         "bad-\xFF\xFE.png",
                                         "-y.png",
                                         "quote\"s'.png",
                                         "\xC3\xBC.png",
                                         "line\nbreak.png",
                                         std::string(251, 'x') + ".png",
                                         "star*.png"};
    for (const std::string& name : names) {
        picture(name);
    }

    const Answer answer = prepare({in("").string()});

    EXPECT_EQ(answer.status, 0) << answer.err;
    EXPECT_EQ(answer.rows.size(), names.size());
    for (const std::string& name : names) {
        const std::string expected = name.size() > 250 ? std::string(216, 'x') + ".png" : name;
        EXPECT_TRUE(fs::exists(out() / expected)) << name;
    }
    const Answer dash = prepare({"-y", "--", "-no-such-option.png"});
    EXPECT_NE(dash.error("-no-such-option.png").find("no such picture"), std::string::npos);
}

TEST_F(PrepareFolderTest, AnswersComeInTheOrderOfThePictures)
{
    std::vector<std::string> words{"-j", "4"};
    std::vector<std::string> names;
    for (int i = 0; i < 40; ++i) {
        names.push_back("p" + std::to_string(i) + ".png");
        words.push_back(i % 7 == 3 ? text(names.back(), "broken") : picture(names.back(), i));
    }

    const Answer answer = prepare(words);

    EXPECT_EQ(answer.status, 3);
    EXPECT_EQ(answer.inputs(), names);
    EXPECT_NE(answer.result["message"].get<std::string>().find("6 of 40"), std::string::npos) << answer.result;
}

TEST_F(PrepareFolderTest, ACutPictureIsTakenWhenAskedFor)
{
    const fs::path whole = picture("whole.jpg", 90, ".jpg");
    std::ifstream file(whole, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const fs::path cut = text("cut.jpg", bytes.substr(0, bytes.size() * 9 / 10));

    const Answer refused = prepare({cut});
    const Answer taken = prepare({cut, "--lenient"});

    EXPECT_EQ(refused.status, 3);
    EXPECT_NE(refused.error("cut.jpg").find("cut short"), std::string::npos);
    EXPECT_EQ(taken.status, 0) << taken.err;
    EXPECT_NE(taken.rows.at(0)["warnings"].dump().find("% of its rows"), std::string::npos) << taken.rows.at(0);
    EXPECT_NE(taken.err.find("warning: " + cut.string()), std::string::npos);
}

TEST_F(PrepareFolderTest, AnOutputThatCannotBeAFolderIsSaidAtOnce)
{
    const fs::path file = picture("file.png");
    EXPECT_EQ(prepare({file, "-o", file}).status, 2);
}

TEST_F(PrepareFolderTest, BeforeTheFirstPictureStoppingLeavesNothing)
{
    std::stop_source stop;
    stop.request_stop();

    const Answer answer = prepare({picture("a.png"), picture("b.png")}, stop.get_token());

    EXPECT_EQ(answer.status, 130);
    EXPECT_TRUE(answer.rows.empty());
    EXPECT_TRUE(made().empty());
}

TEST_F(PrepareFolderTest, CtrlCFinishesThePictureAtHandAndLeavesNoParts)
{
    cv::imwrite(in("0.png"), cv::Mat(2000, 3000, CV_8UC3, cv::Scalar(9, 99, 200)));
    for (int i = 1; i < 60; ++i) {
        fs::copy_file(in("0.png"), in(std::to_string(i) + ".png"));
    }
    const std::string program = (fs::path(LONGTAKE_BUILD_DIR) / "longtake").string();
    const pid_t child = ::fork();
    if (child == 0) {
        ::execl(program.c_str(), program.c_str(), "prepare", in("").c_str(), "-o", out().c_str(), "-q", "--max-side",
                "900", nullptr);
        ::_exit(127);
    }
    for (int i = 0; i < 2000 && made().empty(); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ::kill(child, SIGINT);
    int status = 0;
    ::waitpid(child, &status, 0);

    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 130);
    EXPECT_GE(made().size(), 1U);
    EXPECT_LT(made().size(), 60U);
    for (const std::string& name : made()) {
        EXPECT_TRUE(name.ends_with(".png") || name.ends_with(".jpg")) << name;
        EXPECT_FALSE(cv::imread(out() / name).empty()) << name;
    }
}

} // namespace
} // namespace longtake::test
