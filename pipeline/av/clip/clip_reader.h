#pragma once

#include "pipeline/av/clip/damage.h"
#include "pipeline/av/clip/video_reader.h"
#include "pipeline/av/picture/deinterlacer.h"
#include "pipeline/av/picture/orientation.h"
#include "pipeline/model/dynamic_range.h"

#include <memory>
#include <optional>
#include <string>

namespace longtake::av {

/// Reads a clip's pictures as they are to be seen: whole pictures in the colours of BT.709, or of a high dynamic range
/// where that is asked for, on a ground where they are transparent. Not turned upright yet, and with pixels of their
/// own shape (`sample_aspect_ratio` is set).
class ClipReader {
public:
    struct Options {
        double start = 0;           ///< seconds; the first picture given is the one shown then
        double early = 0;           ///< seconds before its time from which a picture counts as shown
        std::optional<Rate> wanted; ///< the rate it is shown at: from half as fast again as an interlaced clip's, each
                                    ///< of its fields is a picture
        Damage damage = Damage::refused;
        DynamicRange range = DynamicRange::sdr;
        std::string background; ///< "#rrggbb" under what is transparent; empty: black
    };

    ClipReader(const std::filesystem::path& file, const Options& options);
    ~ClipReader();
    ClipReader(ClipReader&&) noexcept;
    ClipReader& operator=(ClipReader&&) noexcept;

    /// The next picture, or nullopt after the last.
    std::optional<VideoReader::Shown> next();

    /// Seconds at which the last picture ends, which is held while the file's sound goes on. After the last.
    double end() const noexcept;

    Rate rate() const noexcept; ///< nominal (average) frame rate
    Orientation orientation() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace longtake::av
