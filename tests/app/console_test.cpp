#include "pipeline/app/console.h"

#include "tests/support/boards.h"
#include "tests/support/temp_dir.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <functional>
#include <iterator>
#include <sstream>
#include <thread>

namespace longtake {
namespace {

using app::Console;
using app::ConsoleSettings;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

const std::string k_steering = "a\x1b]0;owned\x07\x1b[2J\u202Eb\u009Bc\u2028d\x7f";
const std::string k_steering_shown = "a\\u001b]0;owned\\u0007\\u001b[2J\\u202eb\\u009bc\\u2028d\\u007f";

std::string text_of(const fs::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST(ConsoleTest, MakesControlCharactersVisibleOnEveryWayOut)
{
    test::TempDir dir;
    std::ostringstream out;
    std::ostringstream err;
    {
        Console console(out, err);
        ConsoleSettings settings;
        settings.log_file = dir / "log";
        console.configure(settings);
        console.print(k_steering);
        console.note(k_steering);
        console.complain(k_steering);
        console.show({Event::Kind::note, "generate", k_steering, 0, 0, k_steering});
        console.fail(Error(Errc::input, k_steering));
    }
    EXPECT_EQ(out.str(), k_steering_shown + "\n");
    const std::string shown = err.str();
    EXPECT_EQ(shown, k_steering_shown + "\n" + k_steering_shown + "\ngenerate: " + k_steering_shown + ": " +
                         k_steering_shown + "\nlongtake: " + k_steering_shown + "\n");
    EXPECT_THAT(text_of(dir / "log"), AllOf(HasSubstr("error: " + k_steering_shown), Not(HasSubstr("\x1b"))));
}

TEST(ConsoleTest, MakesThemVisibleInTheLiveLine)
{
    std::ostringstream out;
    std::ostringstream err;
    Console console(out, err);
    ConsoleSettings settings;
    settings.live = true;
    settings.columns = [] { return 200; };
    console.configure(settings);
    console.show({Event::Kind::progress, "deliver", k_steering, 1, 10, ""});
    EXPECT_THAT(err.str(), AllOf(HasSubstr(k_steering_shown), Not(HasSubstr("\x1b]0;"))));
}

TEST(ConsoleTest, JsonStaysTheSameJson)
{
    std::ostringstream out;
    std::ostringstream err;
    Console console(out, err);
    ConsoleSettings settings;
    settings.json = true;
    console.configure(settings);
    console.result({{"text", k_steering}, {"lines", "one\ntwo"}});
    EXPECT_THAT(out.str(), HasSubstr(k_steering_shown));
    EXPECT_EQ(json::parse(out.str())["text"], k_steering);
    EXPECT_EQ(json::parse(out.str())["lines"], "one\ntwo");
}

TEST(ConsoleTest, AResultIsOneLineAndAPathStaysItself)
{
    std::ostringstream out;
    std::ostringstream err;
    Console console(out, err);
    console.print("/a b/caf\u00e9\\x/\u5496.mp4");
    console.print("/tmp/x\n/etc/passwd");
    console.print_lines("one\ntwo");
    EXPECT_EQ(out.str(), "/a b/caf\u00e9\\x/\u5496.mp4\n/tmp/x\\u000a/etc/passwd\none\ntwo\n");
}

TEST(ConsoleTest, NoTextLooksLikeAnEntryOfTheLog)
{
    test::TempDir dir;
    std::ostringstream out;
    std::ostringstream err;
    {
        Console console(out, err);
        ConsoleSettings settings;
        settings.log_file = dir / "log";
        console.configure(settings);
        console.complain("one\n[2026-01-01 00:00:00.000] [longtake] [info] forged");
    }
    EXPECT_THAT(text_of(dir / "log"), HasSubstr("one\n    [2026-01-01"));
    EXPECT_THAT(err.str(), HasSubstr("one\n[2026"));
}

TEST(ConsoleTest, ALogThatCannotBeWrittenIsSaidOnce)
{
    std::ostringstream out;
    std::ostringstream err;
    Console console(out, err);
    ConsoleSettings settings;
    settings.log_file = "/dev/full";
    console.configure(settings);
    console.complain("first");
    console.complain("second");
    EXPECT_THAT(err.str(), AllOf(HasSubstr("warning: --log-file: "), HasSubstr("first\n"), HasSubstr("second\n")));
    EXPECT_EQ(err.str().find("warning"), err.str().rfind("warning"));
}

/// The real program, with standard descriptors as a test arranges them in the child before it starts.
class StreamsTest : public ::testing::Test {
protected:
    pid_t start(const std::vector<std::string>& arguments, const std::function<void()>& arrange)
    {
        std::vector<std::string> words = {std::string(LONGTAKE_BUILD_DIR) + "/longtake"};
        words.insert(words.end(), arguments.begin(), arguments.end());
        std::vector<char*> argv;
        for (std::string& word : words) {
            argv.push_back(word.data());
        }
        argv.push_back(nullptr);
        const pid_t child = ::fork();
        if (child == 0) {
            redirect(STDOUT_FILENO, dir_ / "stdout", O_CREAT | O_WRONLY | O_TRUNC);
            redirect(STDERR_FILENO, dir_ / "stderr", O_CREAT | O_WRONLY | O_TRUNC);
            arrange();
            ::execv(argv[0], argv.data());
            ::_exit(127);
        }
        return child;
    }

    static int wait_for(pid_t child)
    {
        int status = 0;
        ::waitpid(child, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }

    int run(const std::vector<std::string>& arguments, const std::function<void()>& arrange)
    {
        return wait_for(start(arguments, arrange));
    }

    static void redirect(int number, const fs::path& file, int flags)
    {
        const int opened = ::open(file.c_str(), flags, 0644);
        if (opened != number) {
            ::dup2(opened, number);
            ::close(opened);
        }
    }

    static void no_room(int number) { redirect(number, "/dev/full", O_WRONLY); }

    /// A pipe nobody reads from.
    static void no_reader(int number)
    {
        int ends[2];
        if (::pipe(ends) == 0) {
            ::close(ends[0]);
            ::dup2(ends[1], number);
            ::close(ends[1]);
        }
    }

    std::string board() { return test::write_board(dir_ / "board.json", test::quick_board()).string(); }
    std::string err() const { return text_of(dir_ / "stderr"); }

    test::TempDir dir_;
};

TEST_F(StreamsTest, ResultsThatCannotBeWrittenAreAFailure)
{
    const std::string photo = test::photo("coffee.png").string();
    const std::vector<std::vector<std::string>> commands = {{"--help"},
                                                            {"run", "--help"},
                                                            {"--version"},
                                                            {"plan", board()},
                                                            {"plan", "--json", board()},
                                                            {"validate", board()},
                                                            {"presets"},
                                                            {"presets", "show", "preview/360p"},
                                                            {"providers"},
                                                            {"providers", "--json"},
                                                            {"completion", "bash"}};
    for (const auto& command : commands) {
        SCOPED_TRACE(testing::PrintToString(command));
        EXPECT_EQ(run(command, [] { no_room(STDOUT_FILENO); }), 1);
        EXPECT_EQ(err(), "longtake: cannot write results to standard output: No space left on device\n");
        EXPECT_EQ(run(command, [] { no_reader(STDOUT_FILENO); }), 1);
        EXPECT_EQ(err(), "longtake: cannot write results to standard output: Broken pipe\n");
        EXPECT_EQ(run(command, [] { ::close(STDOUT_FILENO); }), 1);
        EXPECT_EQ(err(), "longtake: cannot write results to standard output: Bad file descriptor\n");
        EXPECT_EQ(run(command, [] {}), 0) << err();
    }
}

TEST_F(StreamsTest, AFailureOfTheCommandKeepsItsStatus)
{
    EXPECT_EQ(run({"plan", "--json", dir_ / "none.json"}, [] { no_room(STDOUT_FILENO); }), 2);
    EXPECT_THAT(err(), HasSubstr("none.json"));
}

TEST_F(StreamsTest, AnErrorStreamThatCannotBeWrittenEndsNothing)
{
    const std::function<void()> ways[] = {[] { no_room(STDERR_FILENO); }, [] { no_reader(STDERR_FILENO); },
                                          [] { ::close(STDERR_FILENO); }};
    int i = 0;
    for (const auto& way : ways) {
        const fs::path out = dir_ / ("out" + std::to_string(i++));
        EXPECT_EQ(run({"run", board(), "-v", "-o", out}, way), 0);
        EXPECT_TRUE(fs::exists(out / "quick-preview-360p.mp4"));
    }
}

TEST_F(StreamsTest, ClosedDescriptorsAreNotGivenToFiles)
{
    const auto close_all = [] {
        for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
            ::close(number);
        }
    };
    EXPECT_EQ(run({"run", board(), "-v", "-o", dir_ / "out"}, close_all), 1) << "the path could not be printed";
    EXPECT_TRUE(fs::exists(dir_ / "out/quick-preview-360p.mp4"));
    for (const auto& entry : fs::recursive_directory_iterator(dir_.path())) {
        if (entry.is_regular_file() && entry.path().filename() != "board.json") {
            EXPECT_EQ(text_of(entry.path()).find("already there"), std::string::npos) << entry.path();
            EXPECT_EQ(text_of(entry.path()).find("longtake: "), std::string::npos) << entry.path();
        }
    }
    EXPECT_EQ(run({"run", board(), "-q", "-o", dir_ / "out"}, [] { ::close(STDIN_FILENO); }), 0) << err();
}

TEST_F(StreamsTest, AFileBeyondItsLimitIsToldAndNotDiedOf)
{
    const int status = run({"run", board(), "-o", dir_ / "out"}, [] {
        const rlimit limit{20'000, 20'000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    });
    EXPECT_GT(status, 0) << "ended by signal " << -status;
    EXPECT_THAT(err(), HasSubstr("longtake: "));
    EXPECT_FALSE(fs::exists(dir_ / "out/quick-preview-360p.mp4"));
}

/// Waits for a file a running program makes; false after half a minute.
bool is_made(const fs::path& file)
{
    for (int i = 0; i < 3000 && !fs::exists(file); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return fs::exists(file);
}

TEST_F(StreamsTest, AClosedTerminalStopsARunAndSavesItsState)
{
    const pid_t child = start({"run", board(), "-o", dir_ / "out"}, [] { std::signal(SIGHUP, SIG_DFL); });
    ASSERT_TRUE(is_made(dir_ / "board.longtake/ledger.db")) << "the run never got under way";
    ::kill(child, SIGHUP);
    EXPECT_EQ(wait_for(child), 130);
    EXPECT_THAT(err(), HasSubstr("interrupted"));
    EXPECT_EQ(run({"run", board(), "-o", dir_ / "out"}, [] {}), 0) << err();
}

TEST_F(StreamsTest, UnderNohupAClosedTerminalStopsNothing)
{
    const pid_t child = start({"run", board(), "-o", dir_ / "out"}, [] { std::signal(SIGHUP, SIG_IGN); });
    ASSERT_TRUE(is_made(dir_ / "board.longtake/ledger.db")) << "the run never got under way";
    ::kill(child, SIGHUP);
    EXPECT_EQ(wait_for(child), 0) << err();
}

} // namespace
} // namespace longtake
