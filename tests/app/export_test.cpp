#include "tests/app/command_line.h"

#include <fstream>

namespace longtake {
namespace {

using nlohmann::json;
using test::Outcome;

class ExportTest : public test::CommandLine {
protected:
    /// Makes the quick film, and gives the folder it was made in.
    std::filesystem::path made()
    {
        board_ = board(test::quick_board());
        const Outcome outcome = run({"run", board_, "-o", dir_ / "out", "--no-report"});
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        return dir_ / "board.longtake";
    }

    json read(const std::filesystem::path& file) const { return json::parse(std::ifstream(file)); }

    std::size_t takes() const
    {
        return static_cast<std::size_t>(std::distance(
            std::filesystem::directory_iterator(dir_ / "board.longtake/takes"), std::filesystem::directory_iterator()));
    }

    std::string board_;
};

TEST_F(ExportTest, EveryFormatIsWrittenFromAnyNameOfTheRun)
{
    const std::filesystem::path folder = made();
    const Outcome edl = run({"export", board_, "--to", "edl", "--json"});
    EXPECT_EQ(edl.status, 0) << edl.err;
    EXPECT_EQ(edl.result().at("file"), (folder / "timeline.edl").string());
    EXPECT_EQ(edl.result().at("frames"), 108);
    EXPECT_EQ(run({"export", folder, "-o", dir_ / "cut.fcpxml"}).status, 0) << "by the file's ending";
    EXPECT_EQ(run({"export", folder / "run.json", "--to", "mlt", "-o", dir_ / "cut.mlt"}).status, 0);
    EXPECT_EQ(run({"export", folder, "--to", "mlt", "-o", dir_ / "cut.mlt"}).status, 2)
        << "nothing is replaced unasked";
    EXPECT_EQ(run({"export", folder, "--to", "mlt", "-o", dir_ / "cut.mlt", "-y"}).status, 0);
    EXPECT_EQ(run({"export", folder, "--to", "aaf"}).status, 2);
    EXPECT_EQ(run({"export", dir_ / "nothing"}).status, 2);
}

TEST_F(ExportTest, ACutThatIsReorderedAndTrimmedIsTheFilmItSays)
{
    const std::filesystem::path folder = made();
    const std::size_t before = takes();
    json otio = read(folder / "timeline.otio");
    json& clips = otio["tracks"]["children"][0]["children"];
    json end = clips.back();
    json cup = clips.front();
    ASSERT_EQ(end.at("name"), "end");
    ASSERT_EQ(cup.at("metadata").at("longtake").at("prompt"), "steam");
    cup["source_range"]["start_time"]["value"] = 6.0;
    cup["source_range"]["duration"]["value"] = 20.0;
    end["source_range"]["duration"]["value"] = 48.0; // a card lasts as long as it is shown
    clips = {end, cup};
    std::ofstream(dir_ / "cut.otio") << otio;

    const Outcome outcome = run({"run", board_, "-o", dir_ / "out", "-y", "--timeline", dir_ / "cut.otio", "--json"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.result()["outputs"][0]["frames"], 68);
    const json segments = read(folder / "run.json").at("timeline").at("segments");
    ASSERT_EQ(segments.size(), 2U);
    EXPECT_EQ(segments[0].at("shot"), "end");
    EXPECT_EQ(segments[1].at("shot"), "cup");
    EXPECT_EQ(segments[1].at("ranges")[0].at("first"), 6);
    EXPECT_EQ(segments[1].at("ranges")[0].at("frames"), 20);
    EXPECT_EQ(takes(), before) << "nothing is shot again";

    EXPECT_EQ(run({"run", board_, "-o", dir_ / "out", "-y", "--json"}).result()["outputs"][0]["frames"], 108)
        << "without the cut it is the film of the storyboard";
}

TEST_F(ExportTest, AnEdlOfTheFilmIsTheFilm)
{
    const std::filesystem::path folder = made();
    const json before = read(folder / "run.json").at("timeline").at("segments");
    ASSERT_EQ(run({"export", folder, "-o", dir_ / "cut.edl"}).status, 0);
    ASSERT_EQ(run({"run", board_, "-o", dir_ / "out", "-y", "--timeline", dir_ / "cut.edl", "--no-report"}).status, 0);
    EXPECT_EQ(read(folder / "run.json").at("timeline").at("segments"), before);
}

TEST_F(ExportTest, ACutOfAnotherFilmIsRefusedBeforeAnythingIsMade)
{
    const std::filesystem::path folder = made();
    json otio = read(folder / "timeline.otio");
    otio["tracks"]["children"][0]["children"][0]["metadata"]["longtake"]["shot"] = "sunset";
    std::ofstream(dir_ / "cut.otio") << otio;
    const Outcome outcome =
        run({"run", board_, "-o", dir_ / "other", "--workdir", dir_ / "fresh", "--timeline", dir_ / "cut.otio"});
    EXPECT_EQ(outcome.status, 3);
    EXPECT_NE(outcome.err.find("cut.otio: clip 'cup' is of the shot 'sunset'"), std::string::npos) << outcome.err;
    EXPECT_FALSE(std::filesystem::exists(dir_ / "fresh/takes"));
}

} // namespace
} // namespace longtake
