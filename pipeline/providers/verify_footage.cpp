#include "pipeline/providers/verify_footage.h"

#include "pipeline/av/probe.h"
#include "pipeline/base/error.h"
#include "pipeline/base/hash.h"

#include <fmt/format.h>

namespace longtake {
namespace {

constexpr double k_least_extension = 3; ///< seconds; the services add 4 to 5

/// Throws Error(input) for footage that breaks off or is shorter than asked for.
void check_length(const Footage& footage, std::int64_t claimed, const PlannedTake& take)
{
    const double seconds = footage.rate.seconds(footage.frames);
    const double asked = take.kind == PlannedTake::Kind::extend ? k_least_extension : take.seconds;
    if (footage.frames == 0) {
        throw Error(Errc::input, "the footage holds no picture");
    }
    if (claimed > footage.frames + 2) {
        throw Error(Errc::input, fmt::format("the footage breaks off after {} of {} frames", footage.frames, claimed));
    }
    if (seconds < asked * 0.9 - 0.1) {
        throw Error(Errc::input, fmt::format("the footage lasts {:.2f} s, asked for were {:.4g} s", seconds, asked));
    }
}

/// The footage, and how many frames its header claims.
std::pair<Footage, std::int64_t> footage_and_claim(const std::filesystem::path& file, const std::stop_token& stop)
{
    const av::MediaInfo info = in_context("the footage", [&] { return av::probe_take(file); });
    if (!info.video) {
        throw Error(Errc::input, "the footage holds no picture");
    }
    const av::Measured whole = in_context("the footage", [&] { return av::measure(file, stop); });
    Footage footage;
    footage.size = info.video->size;
    footage.rate = info.video->rate;
    footage.frames = whole.frames;
    footage.sound = info.audio.has_value();
    return {footage, info.video->frames_claimed};
}

Footage named_by_content(Footage footage, const std::filesystem::path& file)
{
    footage.sha256 = sha256_of_file(file);
    footage.file = footage.sha256 + ".mp4";
    return footage;
}

} // namespace

Footage measured(const std::filesystem::path& file, const std::stop_token& stop)
{
    const Footage footage = footage_and_claim(file, stop).first;
    if (footage.frames == 0) {
        throw Error(Errc::input, "the footage holds no picture");
    }
    return named_by_content(footage, file);
}

Footage verify_footage(const std::filesystem::path& file, const PlannedTake& take, const std::stop_token& stop)
{
    const auto [footage, claimed] = footage_and_claim(file, stop);
    check_length(footage, claimed, take);
    return named_by_content(footage, file);
}

} // namespace longtake
