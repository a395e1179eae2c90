#pragma once

#include "pipeline/model/plan.h"

#include <cstdint>
#include <vector>

namespace longtake::stages {

/// Frames [from, to) of the timeline.
struct Stretch {
    std::int64_t from = 0, to = 0;
};

/// Where each shot is seen alone: between the way into it and the way out of it.
std::vector<Stretch> alone(const Plan& plan);

} // namespace longtake::stages
