#include "stages/deliver/rate_limit.h"

#include <algorithm>

namespace longtake::stages {

std::optional<RateLimit> rate_limit_of(const Preset::Video& video)
{
    if (!video.max_bitrate) {
        return std::nullopt;
    }
    const auto rate = static_cast<double>(*video.max_bitrate);
    return RateLimit{rate, 2 * rate};
}

std::optional<Overdraw> first_overdraw(const std::vector<std::vector<std::int64_t>>& parts, Rate rate,
                                       const RateLimit& limit)
{
    const double a_frame = limit.bits_per_second / rate.fps();
    double full = limit.start * limit.buffer_bits;
    for (std::size_t part = 0; part < parts.size(); ++part) {
        const double at_start = full / limit.buffer_bits;
        for (const std::int64_t bytes : parts[part]) {
            full -= 8 * static_cast<double>(bytes);
            if (full < 0) {
                return Overdraw{part, at_start};
            }
            full = std::min(full + a_frame, limit.buffer_bits);
        }
    }
    return std::nullopt;
}

} // namespace longtake::stages
