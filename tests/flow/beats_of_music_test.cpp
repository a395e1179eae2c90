#include "pipeline/flow/probe_inputs.h"
#include "stages/plan/plan.h"
#include "tests/support/boards.h"
#include "tests/support/music.h"
#include "tests/support/sound.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

TEST(BeatsOfMusicTest, AFilmIsCutToTheMusicThatIsHeard)
{
    const test::TempDir dir;
    const test::Piece piece = test::house_at_120(20);
    std::vector<float> stereo;
    for (const float sample : piece.sound) {
        stereo.insert(stereo.end(), {sample, sample, sample, sample}); // 48 kHz
    }
    test::write_wav(dir / "music.wav", stereo);
    nlohmann::json board = test::quick_board();
    board["shots"] = nlohmann::json::array();
    for (const double seconds : {3.2, 2.7, 4.1, 2.4}) {
        board["shots"].push_back(
            {{"image", test::photo("coffee.png")}, {"seconds", seconds}, {"transition", {{"type", "cut"}}}});
    }
    board["audio"] = {{"music", "music.wav"}, {"beat", true}};
    const Storyboard storyboard = storyboard_from_json(board, dir.path(), "test");
    const ModelCatalog models = load_models({std::filesystem::path(LONGTAKE_SOURCE_DIR) / "presets"});
    const Plan plan = stages::plan(storyboard, models, probe_inputs(storyboard));
    std::int64_t cut = 0;
    for (std::size_t i = 0; i + 1 < plan.shots.size(); ++i) {
        cut += plan.shots[i].frames;
        EXPECT_NEAR(std::remainder(plan.rate.seconds(cut), 0.5), 0, 0.040) << "into shot " << i + 1;
    }
    EXPECT_EQ(plan.frames, plan.rate.frames(3.2 + 2.7 + 4.1 + 2.4));
}

TEST(BeatsOfMusicTest, AreNotLookedForUnlessTheyAreAskedFor)
{
    const test::TempDir dir;
    test::write_wav(dir / "music.wav", test::sound(5 * 48000, test::sine(440, 0.1)));
    nlohmann::json board = test::quick_board();
    board["audio"] = {{"music", "music.wav"}};
    EXPECT_EQ(probe_inputs(storyboard_from_json(board, dir.path(), "test")).at(dir / "music.wav").beats.seconds, 0);
}

} // namespace
} // namespace longtake
