#pragma once

#include "pipeline/model/preset.h"
#include "pipeline/model/rate.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace longtake::stages {

/// The limit of a stream's rate as a leaky bucket (ITU-T H.264, annex C; libx264's VBV): it fills at a rate up to its
/// size, and every frame takes its bits out at once.
struct RateLimit {
    double bits_per_second = 0;
    double buffer_bits = 0;
    double start = 0.9; ///< share of the buffer that is full before the first frame; libx264's own
};

/// Of a preset's video; empty: it has none.
std::optional<RateLimit> rate_limit_of(const Preset::Video& video);

/// Where a film first takes more bits than the bucket holds.
struct Overdraw {
    std::size_t part = 0;
    double fullness = 0; ///< share of the buffer that was full where the part begins
};

/// `parts`: the bytes of each part's frames, in decode order.
std::optional<Overdraw> first_overdraw(const std::vector<std::vector<std::int64_t>>& parts, Rate rate,
                                       const RateLimit& limit);

} // namespace longtake::stages
