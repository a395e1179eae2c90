#pragma once

#include <nlohmann/json_fwd.hpp>

#include <vector>

namespace longtake::image {
struct Thumbnail;
}

namespace longtake::stages {

/// What the eye meets at a join: how far the colours step from the last frame before to the first after.
struct SeamStep {
    double delta_e = 0; ///< mean CIEDE2000 between the two frames' colours
    double luma = 0;    ///< of the mean luma, code values of 255; positive: brighter
    double usual = 0;   ///< mean CIEDE2000 between neighbouring frames about the join: what is motion, not step
};

/// Of the frames as they are shown; neither may be empty.
SeamStep seam_step(const std::vector<image::Thumbnail>& before, const std::vector<image::Thumbnail>& after);

void to_json(nlohmann::json& json, const SeamStep& step);
void from_json(const nlohmann::json& json, SeamStep& step);

} // namespace longtake::stages
