#include "pipeline/flow/canvases.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

stages::OutputSpec output(const std::string& name, std::optional<Size> size)
{
    stages::OutputSpec output{master_preset(), name + ".mp4"};
    output.preset.name = name;
    output.preset.size = size;
    return output;
}

/// A film of 1280x720.
Plan plan(bool paid)
{
    Plan plan;
    plan.paid = paid;
    plan.size = {1280, 720};
    plan.aspect_ratio = "16:9";
    return plan;
}

using Sizes = std::vector<std::pair<std::string, std::vector<std::string>>>;

/// Each canvas's size, and the outputs on it.
Sizes canvases(const Plan& plan, const std::vector<stages::OutputSpec>& outputs, bool native = true)
{
    Sizes sizes;
    for (const CanvasFilm& film : canvas_films(plan, outputs, native)) {
        std::vector<std::string> names;
        for (const stages::OutputSpec& shown : film.outputs) {
            names.push_back(shown.preset.name);
        }
        sizes.emplace_back(film.plan.size.text() + " " + film.plan.aspect_ratio, names);
    }
    return sizes;
}

const stages::OutputSpec k_master = output("master", std::nullopt);
const stages::OutputSpec k_web = output("web", Size{640, 360});
const stages::OutputSpec k_hd = output("hd", Size{1920, 1080});
const stages::OutputSpec k_reels = output("reels", Size{1080, 1920});
const stages::OutputSpec k_small_reels = output("small-reels", Size{540, 960});
const stages::OutputSpec k_square = output("square", Size{1080, 1080});

TEST(CanvasFilmsTest, OutputsOfOneShapeShareACanvas)
{
    EXPECT_EQ(canvases(plan(false), {k_small_reels, k_master, k_reels, k_square, k_web}),
              (Sizes{{"1280x720 16:9", {"master", "web"}},
                     {"1080x1920 9:16", {"small-reels", "reels"}},
                     {"1080x1080 1:1", {"square"}}}));
}

TEST(CanvasFilmsTest, TheFilmsOwnIsLeftOutWhereNobodySeesItAndNothingIsPaidFor)
{
    EXPECT_EQ(canvases(plan(false), {k_reels}), (Sizes{{"1080x1920 9:16", {"reels"}}}));
    EXPECT_EQ(canvases(plan(true), {k_reels}), (Sizes{{"1280x720 16:9", {}}, {"1080x1920 9:16", {"reels"}}}));
}

TEST(CanvasFilmsTest, AFinishedFilmIsReframed)
{
    EXPECT_EQ(canvases(plan(false), {k_reels, k_hd}, false), (Sizes{{"1280x720 16:9", {"reels", "hd"}}}));
}

} // namespace
} // namespace longtake
