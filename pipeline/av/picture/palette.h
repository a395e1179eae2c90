#pragma once

#include "pipeline/av/frame.h"

#include <functional>
#include <optional>

namespace longtake::av {

/// Frames in 256 colours that are chosen for all of them together, for GIF; of each frame only
/// the rectangle that changes is dithered anew (libavfilter's palettegen and paletteuse; the mode of palettegen that
/// looks at what changes alone leaves out the last frame).
class PalettedFrames {
public:
    /// `source` gives 8-bit full-range RGB until it gives nothing. All of it is read, and kept, before the first frame.
    explicit PalettedFrames(const std::function<std::optional<Frame>()>& source);
    ~PalettedFrames();
    PalettedFrames(PalettedFrames&&) noexcept;

    /// The next one; nullopt after the last.
    std::optional<Frame> next();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace longtake::av
