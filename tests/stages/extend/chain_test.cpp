#include "pipeline/av/picture/picture_reader.h"
#include "pipeline/av/picture/picture_writer.h"
#include "pipeline/base/files.h"
#include "pipeline/base/hash.h"
#include "pipeline/image/colour_stats.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/render/composer.h"
#include "stages/assemble/assemble.h"
#include "stages/extend/extend.h"
#include "stages/extend/strip.h"
#include "stages/generate/generate.h"
#include "tests/stages/extend/material.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <cstdlib>
#include <fstream>

namespace longtake {
namespace {

constexpr Size k_size{256, 144};
constexpr Rate k_rate{24, 1};
constexpr double k_seconds = 0.75;

/// A service that pushes in on the picture it is given, and whose colours are never quite that picture's:
/// warmer, brighter and richer from the first frame, and a little more toward the last.
class DriftingService final : public Provider {
public:
    /// `strength` 0: its colours are true.
    DriftingService(std::filesystem::path folder, double strength) : folder_(std::move(folder)), strength_(strength) {}

    std::string name() const override { return "drifting"; }

    nlohmann::json shape(const TakeRequest& request) const override
    {
        return {{"image", shape_of(request.stills.image)},
                {"parent", request.parent_fingerprint},
                {"index", request.take.index}};
    }

    Submission submit(const TakeRequest& request, std::stop_token /*stop*/) override
    {
        ++submitted;
        return Accepted{
            {nlohmann::json{{"picture", request.stills.image->file.string()}, {"index", request.take.index}}.dump()}};
    }

    JobState poll(const Job& job, std::stop_token /*stop*/) override
    {
        Ready ready;
        ready.url = job.id;
        return ready;
    }

    void download(const Ready& footage, const std::filesystem::path& file, const Progress& /*progress*/,
                  std::stop_token /*stop*/) override
    {
        const auto job = nlohmann::json::parse(footage.url);
        const int index = job.at("index");
        cv::Mat picture = cv::imread(job.at("picture").get<std::string>());
        picture.convertTo(picture, CV_32F);
        cv::multiply(picture, cv::Scalar(1 - 0.035 * strength_, 1, 1 + 0.035 * strength_), picture); // blue, green, red
        picture.convertTo(picture, CV_8U);
        const auto drifted = folder_ / fmt::format("{}.png", index);
        cv::imwrite(drifted.string(), picture);

        local::TakeSpec spec;
        spec.image = drifted;
        spec.camera = CameraMove{.zoom = -2};
        spec.size = k_size;
        spec.rate = k_rate;
        spec.frames = k_rate.frames(k_seconds) + 1;
        const local::TakeRenderer renderer(spec);
        const GradeCurve within{
            {0, {}},
            {spec.frames - 1,
             {{1 + 0.015 * strength_, 1 + 0.02 * strength_, 1 + 0.02 * strength_}, {0.5 * strength_, 0, 0}}}};
        av::MediaSpec media;
        media.size = k_size;
        media.rate = k_rate;
        media.video = test::encoding(16);
        media.threads = 1;
        av::MediaWriter writer(file, media);
        for (std::int64_t i = 0; i < spec.frames; ++i) {
            writer.write(image::graded(test::rendered(renderer, k_size, i), grade_at(within, i)));
        }
        writer.finish();
    }

    int submitted = 0;

private:
    std::filesystem::path folder_;
    double strength_;
};

/// What became of a chain of takes.
struct Chained {
    Clip clip;
    std::vector<Take> takes;
    std::vector<stages::FrameHandoff> handed;
    std::vector<stages::Join> joins;
};

class ChainTest : public ::testing::Test {
protected:
    ChainTest()
    {
        plan_.size = k_size;
        plan_.rate = k_rate;
        shot_.shot.id = "cat";
        const auto photo = std::filesystem::path(LONGTAKE_SOURCE_DIR) / "tests/data/photos/chelsea.png";
        stills_.image = Still{photo, sha256_of_file(photo), {451, 300}, "png", {}, {}};
        rules_.min_side = 64;
    }

    Chained shoot(const std::string& name, int takes, const ShotSettings& settings, double strength = 1)
    {
        std::filesystem::create_directories(dir_ / name);
        DriftingService service(dir_ / name, strength);
        const auto ledger = open_ledger(dir_ / (name + "/ledger.db"), Durability::lasting);
        FileHashes hashes(dir_ / (name + "/ledger.db"), Durability::lasting);
        Budget budget({}, *ledger);
        Generator::Settings generator_settings;
        generator_settings.takes = dir_ / (name + "/takes");
        generator_settings.poll = std::chrono::milliseconds(1);
        Generator generator(service, *ledger, hashes, budget, generator_settings);
        shot_.shot.settings = settings;
        shot_.takes.clear();
        for (int i = 0; i < takes; ++i) {
            PlannedTake take;
            take.kind = i == 0 ? PlannedTake::Kind::open : PlannedTake::Kind::chain;
            take.index = i;
            take.seconds = k_seconds;
            take.guaranteed = k_seconds;
            shot_.takes.push_back(take);
        }
        Chained chain;
        chain.takes.push_back(stages::generate(plan_, shot_, stills_, generator, {}, {}));
        chain.clip = {"cat", {chain.takes[0].footage}};
        Grade drifted;
        for (int i = 1; i < takes; ++i) {
            const PlannedTake& planned = shot_.takes[static_cast<std::size_t>(i)];
            const Take& last = chain.takes.back();
            chain.handed.push_back(stages::hand_off_frame(
                {last.footage, drifted, planned.kind, settings.match_colour, rules_}, dir_ / (name + "/stills")));
            try {
                stages::check_drift(chain.handed.back(), planned, settings);
            } catch (...) {
                submitted_ = service.submitted;
                throw;
            }
            const Take made =
                stages::extend(last, plan_, shot_, planned, stills_, chain.handed.back(), generator, {}, {});
            chain.joins.push_back(
                stages::join({chain.clip.footage.back(), last.footage, made.footage, planned.kind, planned.seconds,
                              planned.guaranteed, settings.match_colour, chain.handed.back().grade, true}));
            drifted = image::chained(drifted, chain.joins.back().change);
            chain.clip.footage.back() = chain.joins.back().before;
            chain.clip.footage.push_back(chain.joins.back().added);
            chain.takes.push_back(made);
        }
        submitted_ = service.submitted;
        return chain;
    }

    /// For a chained take, of a shot's first.
    stages::FrameHandoff hand_off(const Footage& take, const ImageRules& rules)
    {
        return stages::hand_off_frame({take, {}, PlannedTake::Kind::chain, MatchColour::handoff, rules},
                                      dir_ / "stills");
    }

    /// The film as it is delivered, near-lossless, in small pictures.
    stages::Strip film_of(const std::string& name, const Chained& chain)
    {
        shot_.frames = 0;
        for (const Footage& piece : chain.clip.footage) {
            shot_.frames += piece.frames;
        }
        plan_.shots = {shot_};
        stages::ShotMedia material;
        material.clips["cat"] = chain.clip;
        const Timeline timeline = stages::assemble(plan_, material);
        av::MediaSpec media;
        media.size = k_size;
        media.rate = k_rate;
        media.video = test::encoding(4);
        {
            av::MediaWriter writer(dir_ / (name + ".mp4"), media);
            render::Composer composer(timeline);
            while (auto frame = composer.next()) {
                writer.write(*frame);
            }
            writer.finish();
        }
        return stages::strip_of(dir_ / (name + ".mp4"), 0, 10000, image::thumbnail_size(k_size));
    }

    /// Colour steps at the joins of the delivered film.
    static std::vector<double> steps(const stages::Strip& film, const Clip& clip)
    {
        std::vector<double> steps;
        std::size_t at = 0;
        for (std::size_t i = 0; i + 1 < clip.footage.size(); ++i) {
            at += static_cast<std::size_t>(clip.footage[i].frames);
            steps.push_back(image::difference(image::colour_stats_of_rgb(film[at - 1].rgb).bands,
                                              image::colour_stats_of_rgb(film[at].rgb).bands));
        }
        return steps;
    }

    /// How far each take's middle is from the same moment of another film of the same takes.
    static std::vector<double> apart(const stages::Strip& film, const stages::Strip& other, const Clip& clip)
    {
        std::vector<double> apart;
        std::size_t at = 0;
        for (const Footage& piece : clip.footage) {
            const auto middle = at + static_cast<std::size_t>(piece.frames / 2);
            apart.push_back(image::difference(image::colour_stats_of_rgb(film[middle].rgb).bands,
                                              image::colour_stats_of_rgb(other[middle].rgb).bands));
            at += static_cast<std::size_t>(piece.frames);
        }
        return apart;
    }

    /// A strip of pictures: a row a join, its last three frames before and first three after.
    static void write_strip(const std::filesystem::path& file, const std::filesystem::path& delivered, const Clip& clip)
    {
        const stages::Strip film = stages::strip_of(delivered, 0, 10000, k_size);
        const int rows = static_cast<int>(clip.footage.size()) - 1;
        const av::Frame sheet = av::Frame::rgb({6 * k_size.width, rows * k_size.height});
        std::size_t at = 0;
        for (int row = 0; row < rows; ++row) {
            at += static_cast<std::size_t>(clip.footage[static_cast<std::size_t>(row)].frames);
            for (int column = 0; column < 6; ++column) {
                const av::Frame& frame = film[at + static_cast<std::size_t>(column) - 3].rgb;
                for (int y = 0; y < k_size.height; ++y) {
                    std::copy_n(frame.plane(0) + y * frame.stride(0), 3 * k_size.width,
                                sheet.plane(0) + (row * k_size.height + y) * sheet.stride(0) +
                                    3 * column * k_size.width);
                }
            }
        }
        write_atomic(file, av::encode_png(sheet));
    }

    /// Prints the numbers; keeps the strip where LONGTAKE_STRIPS names a folder.
    void report(const std::string& name, const stages::Strip& film, const stages::Strip& truth,
                const Chained& chain) const
    {
        const auto line = [](const char* what, const std::vector<double>& values) {
            std::string text = fmt::format("  {:<24}", what);
            for (const double value : values) {
                text += fmt::format(" {:5.2f}", value);
            }
            std::puts(text.c_str());
        };
        std::puts((name + ", CIEDE2000:").c_str());
        line("step at each join", steps(film, chain.clip));
        line("take from the true one", apart(film, truth, chain.clip));
        if (const char* folder = std::getenv("LONGTAKE_STRIPS")) {
            write_strip(std::filesystem::path(folder) / (name + ".png"), dir_ / (name + ".mp4"), chain.clip);
        }
    }

    static ShotSettings matching(MatchColour match)
    {
        ShotSettings settings;
        settings.match_colour = match;
        return settings;
    }

    static double greatest(const std::vector<double>& values)
    {
        return *std::max_element(values.begin(), values.end());
    }

    test::TempDir dir_;
    Plan plan_;
    ShotPlan shot_;
    ShotStills stills_;
    ImageRules rules_;
    int submitted_ = 0;
};

TEST_F(ChainTest, ColoursDriftAndStepUntilTheyAreMatched)
{
    const Chained faithful = shoot("true", 6, matching(MatchColour::off), 0);
    const stages::Strip truth = film_of("true", faithful);

    const Chained off = shoot("off", 6, matching(MatchColour::off));
    const stages::Strip off_film = film_of("off", off);
    report("off", off_film, truth, off);
    const std::vector<double> drift = apart(off_film, truth, off.clip);
    EXPECT_GT(drift[5], 4 * drift[0]) << "without matching the drift adds up";
    EXPECT_GT(greatest(steps(off_film, off.clip)), 1.2);

    const Chained handoff = shoot("handoff", 6, matching(MatchColour::handoff));
    const stages::Strip film = film_of("handoff", handoff);
    report("handoff", film, truth, handoff);
    EXPECT_LT(greatest(apart(film, truth, handoff.clip)), 1.3 * drift[1]) << "it stays at one link's";
    EXPECT_LT(greatest(steps(film, handoff.clip)), 0.6);
    for (std::size_t i = 1; i < handoff.clip.footage.size(); ++i) {
        const Footage& piece = handoff.clip.footage[i];
        EXPECT_EQ(piece.first, 0) << "the new take stays whole";
        EXPECT_TRUE(piece.grade.empty() || piece.grade.front().frame > piece.first) << "and untouched but for its tail";
        EXPECT_EQ(sha256_of_file(piece.file), handoff.takes[i].footage.sha256);
    }

    const Chained anchor = shoot("anchor", 6, matching(MatchColour::anchor));
    const stages::Strip anchored = film_of("anchor", anchor);
    report("anchor", anchored, truth, anchor);
    EXPECT_LT(greatest(apart(anchored, truth, anchor.clip)), drift[1]) << "no take keeps its own colours";
    EXPECT_LT(greatest(steps(anchored, anchor.clip)), 0.6);
    for (std::size_t i = 1; i < anchor.clip.footage.size(); ++i) {
        EXPECT_FALSE(anchor.clip.footage[i].grade.empty()) << i;
    }

    const Chained untouched = shoot("handoff of true colours", 6, matching(MatchColour::handoff), 0);
    const stages::Strip untouched_film = film_of("handoff of true colours", untouched);
    report("handoff of true colours", untouched_film, truth, untouched);
    EXPECT_LT(greatest(apart(untouched_film, truth, untouched.clip)), 1.0) << "a moving camera is no drift";
}

TEST_F(ChainTest, TheJoinsOwnNumbersAreThoseOfTheFilm)
{
    const Chained chain = shoot("numbers", 3, matching(MatchColour::handoff));
    const std::vector<double> seen = steps(film_of("numbers", chain), chain.clip);
    for (std::size_t i = 0; i < seen.size(); ++i) {
        EXPECT_NEAR(chain.joins[i].matched.delta_e, seen[i], 0.4) << i;
    }
    EXPECT_GT(chain.joins[0].plain.delta_e, 1.5);
    EXPECT_LT(chain.joins[0].plain.usual, 1) << "which motion does not explain";
}

TEST_F(ChainTest, AChainThatLeavesItsFirstTakeStopsBeforeTheNextIsPaid)
{
    ShotSettings settings = matching(MatchColour::off);
    settings.max_drift = 4;
    try {
        shoot("guard", 6, settings);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::provider);
        const std::string text = error.what();
        EXPECT_NE(text.find("over max_drift 4"), std::string::npos) << text;
        EXPECT_NE(text.find("\"match_colour\": \"handoff\""), std::string::npos) << text;
    }
    EXPECT_GT(submitted_, 1);
    EXPECT_LT(submitted_, 6);
    int kept = 0;
    for (const auto& entry : std::filesystem::directory_iterator(dir_ / "guard/takes")) {
        kept += entry.path().extension() == ".mp4" ? 1 : 0;
    }
    EXPECT_EQ(kept, submitted_);
}

TEST_F(ChainTest, AFaithfulHandOverIsThePictureItself)
{
    const Footage take = test::piece(dir_ / "take.mp4", 0, 48);
    const auto handed = hand_off(take, rules_);
    EXPECT_EQ(handed.grade, Grade{}) << "the first take's own last frame is no drift";
    EXPECT_EQ(handed.drift, 0);
    ASSERT_TRUE(handed.still);
    EXPECT_EQ(handed.still->format, "png");
    const av::Frame last = av::last_picture(take.file);
    const cv::Mat expected(last.size().height, last.size().width, CV_8UC3, last.plane(0),
                           static_cast<std::size_t>(last.stride(0)));
    cv::Mat got = cv::imread(handed.still->file.string());
    cv::cvtColor(got, got, cv::COLOR_BGR2RGB);
    EXPECT_EQ(cv::norm(got, expected, cv::NORM_INF), 0);
}

TEST_F(ChainTest, AHandOverKeepsTheServicesRules)
{
    const Footage take = test::piece(dir_ / "take.mp4", 0, 24);
    ImageRules rules = rules_;
    rules.max_bytes = 30'000;
    const auto jpeg = hand_off(take, rules);
    EXPECT_EQ(jpeg.still->format, "jpeg");
    EXPECT_LE(std::filesystem::file_size(jpeg.still->file), 30'000U);
    EXPECT_EQ(jpeg.still->size, test::k_film_size);
    rules = ImageRules{};
    const auto large = hand_off(take, rules);
    EXPECT_EQ(large.still->size, (Size{534, 300}));
    rules.max_bytes = 100;
    EXPECT_THROW(hand_off(take, rules), Error);
}

TEST_F(ChainTest, AHandOverIsReadBackAsItWasMade)
{
    const Footage take = test::piece(dir_ / "take.mp4", 0, 24);
    auto handed = hand_off(take, rules_);
    handed.grade = {{1.01, 0.99, 1}, {1, 0, -2}};
    EXPECT_EQ(nlohmann::json(nlohmann::json(handed).get<stages::FrameHandoff>()), nlohmann::json(handed));
}

} // namespace
} // namespace longtake
