#pragma once

#include "pipeline/av/media_writer.h"
#include "pipeline/model/timeline.h"

#include <vector>

namespace longtake::render {

/// The film's frames that mix two whole pictures (dissolves, fades), as they come at `rate`. In order.
std::vector<av::Blend> blended_frames(const Timeline& timeline, const Rate& rate);

/// What of `runs` lies within [from, from + frames), counted from `from`.
std::vector<av::Blend> within(const std::vector<av::Blend>& runs, std::int64_t from, std::int64_t frames);

} // namespace longtake::render
