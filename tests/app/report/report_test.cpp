#include "pipeline/app/report/report.h"

#include "tests/app/command_line.h"
#include "tests/support/numbered.h"

#include <fstream>
#include <sstream>

namespace longtake {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string text_of(const fs::path& file)
{
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

/// The run as a page carries it.
json run_in(const std::string& page)
{
    const std::string begin = R"(<script type="application/json" id="run">)";
    const std::size_t from = page.find(begin) + begin.size();
    return json::parse(page.substr(from, page.find("</script>", from) - from));
}

class ReportTest : public test::CommandLine {};

TEST_F(ReportTest, ARunLeavesAPageWhosePicturesAreThere)
{
    ASSERT_EQ(run({"run", board(test::quick_board()), "-o", dir_ / "out", "-q"}).status, 0);
    const fs::path folder = dir_ / "board.longtake/report";
    const json seen = run_in(text_of(folder / "index.html"));
    ASSERT_EQ(seen.at("pictures").at("shots").size(), 4U);
    for (const json& shot : seen.at("pictures").at("shots")) {
        ASSERT_FALSE(shot.at("frames").empty()) << shot;
        for (const json& frame : shot.at("frames")) {
            EXPECT_TRUE(fs::exists(folder / frame.at("file").get<std::string>())) << frame;
        }
    }
    EXPECT_TRUE(fs::exists(folder / seen.at("pictures").at("shots")[0].at("source").get<std::string>()));
    EXPECT_EQ(seen.at("pictures").at("joins").size(), seen.at("seams").size());
    EXPECT_FALSE(seen.at("seams").empty());
    EXPECT_TRUE(fs::exists(folder / seen.at("films")[0].at("url").get<std::string>())) << "the film lies beside it";
    EXPECT_EQ(seen.at("checks")[0].at("preset"), "preview/360p");
    EXPECT_EQ(seen.at("shots")[0].at("prompt"), "steam");
}

TEST_F(ReportTest, ThePageAsksForNothingElse)
{
    ASSERT_EQ(run({"run", board(test::quick_board()), "-o", dir_ / "out", "-q"}).status, 0);
    const std::string page = text_of(dir_ / "board.longtake/report/index.html");
    for (const char* loads : {"<script src", "<link rel=\"stylesheet\"", "@import", "https://fonts"}) {
        EXPECT_EQ(page.find(loads), std::string::npos) << loads;
    }
    EXPECT_EQ(page.find("id=\"live\""), std::string::npos) << "it is not one that `longtake watch` feeds";
}

TEST_F(ReportTest, ItIsMadeAgainByHandAndNotAtAllIfNotWanted)
{
    const std::string file = board(test::quick_board());
    ASSERT_EQ(run({"run", file, "-o", dir_ / "out", "-q", "--no-report"}).status, 0);
    EXPECT_FALSE(fs::exists(dir_ / "board.longtake/report"));
    const test::Outcome outcome = run({"report", file, "--json"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.result().at("file"), (dir_ / "board.longtake/report/index.html").string());
    EXPECT_EQ(run({"report", dir_ / "nothing"}).status, 2);
}

TEST_F(ReportTest, WordsOfAStoryboardCannotEndTheirScript)
{
    app::MadeRun made{dir_.path(), {}};
    made.record.title = "</script><script>alert(1)</script><!--";
    made.record.outcome = "failed";
    made.record.failures = {{"cup", "provider", "refused <b>"}};
    made.record.shots = {{{"id", "cup"}, {"kind", "generated"}, {"picture", "/is/not/there.png"}}};
    const std::string page = text_of(app::write_report(made));
    EXPECT_EQ(page.find("alert(1)</script>"), std::string::npos);
    const json seen = run_in(page);
    EXPECT_EQ(seen.at("title"), made.record.title);
    EXPECT_TRUE(seen.at("pictures").at("shots")[0].at("source").is_null());
}

TEST_F(ReportTest, ARunWithoutAFilmShowsTheTakesThatCameHome)
{
    app::MadeRun made{dir_.path(), {}};
    fs::create_directories(dir_ / "takes");
    test::write_numbered(dir_ / "takes/aa.mp4");
    made.record.shots = {{{"id", "cup"}}, {{"id", "cat"}}};
    TakeSummary home;
    home.name = "cup+1";
    home.footage = "aa";
    TakeSummary away;
    away.name = "cat";
    made.record.takes = {home, away};
    const json shots = run_in(text_of(app::write_report(made))).at("pictures").at("shots");
    ASSERT_EQ(shots[0].at("frames").size(), 1U);
    EXPECT_TRUE(fs::exists(dir_ / "report" / shots[0].at("frames")[0].at("file").get<std::string>()));
    EXPECT_TRUE(shots[1].at("frames").empty());
}

TEST_F(ReportTest, AWindowOverFootageIsDrawnWithItsWay)
{
    app::MadeRun made{dir_.path(), {}};
    test::write_numbered(dir_ / "wide.mp4");
    FramedWindow window{{160, 90}, {50, 90}, {FramingPath::Kind::pan, 0, 35, {{0.2, 0.5}, {0.8, 0.5}}}};
    made.record.framings = {{{"shot", "cup"},
                             {"canvas", "1080x1920"},
                             {"file", (dir_ / "wide.mp4").string()},
                             {"first", 0},
                             {"frames", 36},
                             {"window", window}}};
    const json framing = run_in(text_of(app::write_report(made))).at("pictures").at("framings").at(0);
    EXPECT_TRUE(fs::exists(dir_ / "report" / framing.at("file").get<std::string>()));
    ASSERT_EQ(framing.at("centres").size(), 49U);
    EXPECT_LT(framing.at("centres")[0][0], framing.at("centres")[48][0]) << "it goes to the right";
}

TEST_F(ReportTest, PicturesAreDrawnAnewOnlyOfAnotherFilm)
{
    const std::string file = board(test::quick_board());
    const fs::path picture = dir_ / "board.longtake/report/pictures/shot-0-0.jpg";
    ASSERT_EQ(run({"run", file, "-o", dir_ / "out", "-q"}).status, 0);
    std::ofstream(picture) << "kept";
    ASSERT_EQ(run({"run", file, "-o", dir_ / "out", "-q"}).status, 0);
    EXPECT_EQ(text_of(picture), "kept");
    ASSERT_EQ(run({"run", file, "-o", dir_ / "out", "-q", "-y", "--set", "shots.cup.seconds=1"}).status, 0);
    EXPECT_NE(text_of(picture), "kept");
}

} // namespace
} // namespace longtake
