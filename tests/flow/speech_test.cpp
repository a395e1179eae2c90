#include "pipeline/flow/probe_inputs.h"
#include "pipeline/flow/shot_runner.h"
#include "pipeline/providers/local/local.h"
#include "stages/plan/plan.h"
#include "tests/support/boards.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

/// A service that is asked for takes and speech alike; the local renderer makes its footage.
class TalkingService : public Provider {
public:
    std::string name() const override { return "local"; }
    nlohmann::json shape(const TakeRequest& request) const override { return local_.shape(request); }
    Submission submit(const TakeRequest& request, std::stop_token stop) override
    {
        requests.push_back(request);
        return local_.submit(request, stop);
    }
    JobState poll(const Job& job, std::stop_token stop) override { return local_.poll(job, stop); }
    void download(const Ready& footage, const std::filesystem::path& file, const Progress& progress,
                  std::stop_token stop) override
    {
        local_.download(footage, file, progress, stop);
    }

    std::vector<TakeRequest> requests;

private:
    local::LocalProvider local_;
};

TEST(SpeechTest, TakesThePlaceOfTheFilmItIsLaidOn)
{
    const test::TempDir dir;
    nlohmann::json board = test::quick_board();
    board["shots"] = {{{"id", "host"},
                       {"image", test::photo("astronaut.png")},
                       {"prompt", "she speaks"},
                       {"seconds", 1},
                       {"lip_sync", {{"text", "Good morning"}, {"voice", "v"}}}}};
    const Storyboard storyboard = storyboard_from_json(board, dir.path(), "test");
    const ModelCatalog models = load_models({std::filesystem::path(LONGTAKE_SOURCE_DIR) / "presets"});
    Plan plan = stages::plan(storyboard, models, probe_inputs(storyboard));
    PlannedTake speech = plan.shots[0].takes[0]; // what a service that can would be asked for
    speech.kind = PlannedTake::Kind::lip_sync;
    speech.index = 1;
    speech.guaranteed = 0;
    speech.prompt = "Good morning";
    plan.shots[0].takes.push_back(speech);

    const Workdir workdir = {dir / "work"};
    std::filesystem::create_directories(workdir.stills());
    const auto ledger = open_ledger(workdir.ledger(), Durability::lasting);
    FileHashes hashes(workdir.ledger(), Durability::lasting);
    TalkingService service;
    Budget budget({}, *ledger);
    Generator::Settings generator_settings;
    generator_settings.takes = workdir.takes();
    generator_settings.poll = std::chrono::milliseconds(1);
    Generator generator(service, *ledger, hashes, budget, generator_settings);
    Stills stills(plan, models.provider("local").image, {}, *ledger, hashes, workdir.stills(), Stills::Mode::make);
    const Observer nobody;
    ShotRunner shots(plan, models, stills, *ledger, hashes, generator, 1, nobody);
    shots.prepare();
    EXPECT_TRUE(shots.shoot().empty());

    ASSERT_EQ(service.requests.size(), 2U) << "the film is long enough, but has not spoken yet";
    const TakeRequest& asked = service.requests[1];
    EXPECT_FALSE(service.requests[0].lip_sync);
    EXPECT_EQ(asked.lip_sync->text, "Good morning");
    EXPECT_FALSE(asked.parent.is_null());
    EXPECT_TRUE(std::filesystem::exists(asked.parent_footage));
    EXPECT_EQ(asked.parent_fingerprint, generator.fingerprint(service.requests[0]));
    const Clip& clip = shots.media().clips.at("host");
    ASSERT_EQ(clip.footage.size(), 1U);
    EXPECT_NE(clip.footage[0].file, asked.parent_footage);
    EXPECT_EQ(clip.footage[0].frames, plan.shots[0].frames);
}

} // namespace
} // namespace longtake
