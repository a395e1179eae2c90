#include "stages/extend/seam.h"

#include "pipeline/image/colour_stats.h"
#include "stages/extend/strip.h"

#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

namespace longtake::stages {
namespace {

std::vector<image::ColourBands> bands_of(const Strip& strip)
{
    std::vector<image::ColourBands> bands;
    for (const image::Thumbnail& frame : strip) {
        bands.push_back(image::colour_stats_of_rgb(frame.rgb).bands);
    }
    return bands;
}

} // namespace

SeamStep seam_step(const Strip& before, const Strip& after)
{
    const std::vector<image::ColourBands> bands_before = bands_of(before);
    const std::vector<image::ColourBands> bands_after = bands_of(after);
    SeamStep step;
    step.delta_e = image::difference(bands_before.back(), bands_after.front());
    step.luma = cv::mean(after.front().luma)[0] - cv::mean(before.back().luma)[0];
    int pairs = 0;
    for (const auto* bands : {&bands_before, &bands_after}) {
        for (std::size_t i = 1; i < bands->size(); ++i, ++pairs) {
            step.usual += image::difference((*bands)[i - 1], (*bands)[i]);
        }
    }
    step.usual /= std::max(1, pairs);
    return step;
}

void to_json(nlohmann::json& json, const SeamStep& step)
{
    json = {{"delta_e", step.delta_e}, {"luma", step.luma}, {"usual", step.usual}};
}

void from_json(const nlohmann::json& json, SeamStep& step)
{
    json.at("delta_e").get_to(step.delta_e);
    json.at("luma").get_to(step.luma);
    json.at("usual").get_to(step.usual);
}

} // namespace longtake::stages
