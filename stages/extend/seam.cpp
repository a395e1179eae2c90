#include "stages/extend/seam.h"

#include "stages/extend/look.h"
#include "stages/extend/strip.h"

#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

namespace longtake::stages {
namespace {

std::vector<Look> looks_of(const Strip& strip)
{
    std::vector<Look> looks;
    for (const Small& frame : strip) {
        looks.push_back(look_of(frame.rgb));
    }
    return looks;
}

} // namespace

SeamStep seam_step(const Strip& before, const Strip& after)
{
    const std::vector<Look> looks_before = looks_of(before);
    const std::vector<Look> looks_after = looks_of(after);
    SeamStep step;
    step.delta_e = difference(looks_before.back(), looks_after.front());
    step.luma = cv::mean(after.front().luma)[0] - cv::mean(before.back().luma)[0];
    int pairs = 0;
    for (const auto* looks : {&looks_before, &looks_after}) {
        for (std::size_t i = 1; i < looks->size(); ++i, ++pairs) {
            step.usual += difference((*looks)[i - 1], (*looks)[i]);
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
