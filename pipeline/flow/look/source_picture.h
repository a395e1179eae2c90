#pragma once

#include "pipeline/av/frame.h"
#include "pipeline/model/plan.h"

#include <optional>

namespace longtake::look {

/// A shot's picture, or the middle of its clip, whole: RGB, as large as this box allows; empty: it has neither. Throws
/// Error(input) for one that cannot be read.
std::optional<av::Frame> source_picture(const ShotPlan& shot, Size box);

} // namespace longtake::look
