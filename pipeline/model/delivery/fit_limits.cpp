#include "pipeline/model/delivery/fit_limits.h"

#include "pipeline/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace longtake {
namespace {

constexpr double k_container = 1.02;            ///< what MP4 takes besides, at the most: its index of packets
constexpr double k_bucket_seconds = 2;          ///< of the bit rate: the size of libx264's buffer (see max_bitrate)
constexpr double k_least_picture_rate = 50'000; ///< bits/s, under which there is no picture to speak of

[[noreturn]] void refuse(const Preset& preset, const std::string& what)
{
    throw Error(Errc::usage, fmt::format("preset {}: {}", preset.name, what));
}

/// Bits a second of pictures of which a film so long certainly fits.
double rate_that_fits(const Preset& preset, double seconds)
{
    const double bits = 8.0 * static_cast<double>(*preset.limits.max_bytes) / k_container;
    return (bits - static_cast<double>(preset.audio.bitrate) * seconds) / (seconds + k_bucket_seconds);
}

/// Lowers the ceiling of the bit rate where it would let the file become too large.
Preset with_rate_that_fits(const Preset& preset, double seconds)
{
    const double rate = rate_that_fits(preset, seconds);
    if (rate < k_least_picture_rate) {
        refuse(preset, fmt::format("{:.1f} s do not fit into the {:.1f} MB the platform takes", seconds,
                                   static_cast<double>(*preset.limits.max_bytes) / 1e6));
    }
    if (preset.video.max_bitrate && static_cast<double>(*preset.video.max_bitrate) <= rate) {
        return preset;
    }
    return changed_preset(preset, {{"video", {{"max_bitrate", std::llround(std::floor(rate / 1000) * 1000)}}}});
}

} // namespace

std::int64_t most_bytes(const Preset& preset, double seconds)
{
    const double picture = static_cast<double>(preset.video.max_bitrate.value_or(0)) * (seconds + k_bucket_seconds);
    const double sound = static_cast<double>(preset.audio.bitrate) * seconds;
    return std::llround(k_container * (picture + sound) / 8);
}

Preset within_limits(const Preset& preset, double seconds, LimitsPolicy policy)
{
    const Preset::Limits& limits = preset.limits;
    if (limits.min_seconds && seconds < *limits.min_seconds) {
        refuse(preset, fmt::format("the film lasts {:.1f} s, the platform takes at least {:g} s: {:.1f} s are missing",
                                   seconds, *limits.min_seconds, *limits.min_seconds - seconds));
    }
    Preset fitted = preset;
    if (limits.max_seconds && seconds > *limits.max_seconds) {
        if (policy == LimitsPolicy::refuse) {
            refuse(preset,
                   fmt::format(
                       "the film lasts {:.1f} s, the platform takes at most {:g} s: {:.1f} s too many; --fit-limits "
                       "delivers its first {:g} s",
                       seconds, *limits.max_seconds, seconds - *limits.max_seconds, *limits.max_seconds));
        }
        fitted = changed_preset(fitted, {{"first_seconds", *limits.max_seconds}});
    }
    if (policy == LimitsPolicy::fit && limits.max_bytes && preset.video.crf &&
        preset.package == Preset::Package::file) {
        fitted = with_rate_that_fits(fitted, std::min(seconds, limits.max_seconds.value_or(seconds)));
    }
    return fitted;
}

} // namespace longtake
