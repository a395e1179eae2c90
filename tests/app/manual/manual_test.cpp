// Manual pages, as man(1) reads them.
#include "tests/app/command_line.h"

#include "pipeline/base/files.h"
#include "tests/support/ffmpeg_cli.h"

namespace longtake {
namespace {

namespace fs = std::filesystem;
using test::Outcome;

class ManualTest : public test::CommandLine {};

TEST_F(ManualTest, EveryCommandHasAPageThatGroffReadsWithoutAWord)
{
    ASSERT_EQ(run({"man", "--all", dir_ / "man1"}).status, 0);
    int pages = 0;
    for (const fs::directory_entry& page : fs::directory_iterator(dir_ / "man1")) {
        const auto read = test::run("groff -man -Tutf8 -ww -z '" + page.path().string() + "' 2>&1");
        EXPECT_EQ(read.status, 0) << page.path();
        EXPECT_EQ(read.printed, "") << page.path();
        ++pages;
    }
    EXPECT_GT(pages, 20);
}

TEST_F(ManualTest, APageHasWhatTheCommandTakes)
{
    const Outcome page = run({"man", "run"});
    ASSERT_EQ(page.status, 0) << page.err;
    write_atomic(dir_ / "run.1", page.out);
    const std::string shown = test::run("groff -man -Tascii -P-cbu '" + (dir_ / "run.1").string() + "'").printed;
    for (const char* words : {"longtake-run - ", "--max-cost USD", "-o, --output", "EXAMPLES", "SEE ALSO",
                              "longtake run storyboard.json --yes --max-cost 5"}) {
        EXPECT_NE(shown.find(words), std::string::npos) << words << "\n" << shown;
    }
    const std::string program = run({"man"}).out;
    EXPECT_NE(program.find(".SH EXIT STATUS\n0 done"), std::string::npos) << program;
    EXPECT_NE(program.find("\\fBlongtake\\-worker\\fR(1)"), std::string::npos) << program;
}

TEST_F(ManualTest, ACommandThatIsNotThereIsSaid)
{
    const Outcome wrong = run({"man", "rum"});
    EXPECT_EQ(wrong.status, 2);
    EXPECT_NE(wrong.err.find("did you mean 'run'"), std::string::npos) << wrong.err;
}

} // namespace
} // namespace longtake
