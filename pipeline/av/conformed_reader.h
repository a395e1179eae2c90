#pragma once

#include "pipeline/av/frame.h"
#include "pipeline/model/storyboard.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

namespace longtake::av {

/// What a clip is brought to before it is composed.
struct Conform {
    Size size;
    Rate rate;
    Fit fit = Fit::blur; ///< when the clip has another aspect
};

/// Reads a clip as if it had been shot at the timeline's size and rate: 8-bit 4:2:0 BT.709, one frame for each
/// tick. Frame k shows the source frame nearest in time to k / rate.
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
