#pragma once

#include "pipeline/av/clip/damage.h"
#include "pipeline/av/frame.h"
#include "pipeline/model/dynamic_range.h"
#include "pipeline/model/storyboard.h"
#include "pipeline/model/timeline.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

namespace longtake::av {

/// What a clip is brought to before it is composed.
struct Conform {
    Size size;
    Rate rate;
    Fit fit = Fit::blur;      ///< when the clip has another aspect
    std::string background{}; ///< "#rrggbb" under what is transparent; empty: black
    Damage damage = Damage::refused;
    DynamicRange range = DynamicRange::sdr; ///< hlg, pq: 10-bit 4:2:0 BT.2020 instead
};

/// What a timeline asks of a range's file.
Conform conform_of(const Timeline& timeline, const Range& range);

/// What a range says of damage in its file.
Damage damage_of(const Range& range) noexcept;

/// Reads a clip as if it had been shot at the timeline's size and rate: 8-bit 4:2:0 BT.709, one frame for each
/// tick, whole pictures of interlaced ones. Pictures change at the tick nearest to the time the file says; the last is
/// held as long as it says. Where the rate asked for is at least one and a half times that of an interlaced clip, each
/// field becomes a picture.
class ConformedReader {
public:
    /// The first frame delivered is number `first` of the conformed clip.
    ConformedReader(const std::filesystem::path& file, const Conform& to, std::int64_t first = 0);
    ~ConformedReader();
    ConformedReader(ConformedReader&&) noexcept;
    ConformedReader& operator=(ConformedReader&&) noexcept;

    /// The next frame; nullopt when the clip has ended.
    std::optional<Frame> next();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Reads a picture file as one frame of the conform's size (a card, a held still).
Frame read_still(const std::filesystem::path& file, const Conform& to);

} // namespace longtake::av
