#pragma once

#include "pipeline/model/plan.h"
#include "stages/plan/abilities.h"

#include <string>
#include <vector>

namespace longtake::stages {

/// Size, rate and aspect of the film.
struct Format {
    Size size;
    Rate rate;
    std::string aspect_ratio; ///< what pictures are conformed to
    std::vector<std::string> notes;
};

/// What the storyboard says; where it says auto, what the plan's models deliver for the pictures' aspect, else what
/// most clips have, else 1280x720 at 30. Throws Error(usage) if shots ask for different aspects.
Format format_of(const Storyboard& board, const std::vector<ModelChoice>& generated, const Inputs& facts);

/// "9:16", in lowest terms.
std::string exact_aspect(const Size& size);

/// "16:9" as a number.
double ratio_of(const std::string& aspect_ratio);

/// The facts of one input. Throws Error(internal) if nobody gathered them.
const InputInfo& facts_of(const Inputs& facts, const std::filesystem::path& file);

} // namespace longtake::stages
