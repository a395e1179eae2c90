#pragma once

#include "pipeline/model/preset.h"

#include <string>
#include <vector>

namespace longtake {

/// What a delivery preset's file is, as far as the preset alone decides: not how long and how large it becomes.
FileFacts facts_of(const Preset& preset);

/// What is wrong with a delivery preset: what it makes is not what its platform accepts, it lets films be longer or
/// larger than accepted, its facts were looked up more than a year before `today` (YYYY-MM-DD).
std::vector<std::string> problems_of(const Preset& preset, const std::string& today);

} // namespace longtake
