#pragma once

#include <string>

struct AVStream;

namespace longtake::av {

/// How a coded picture is to be shown: mirrored left to right first, then turned clockwise. These are the eight
/// orientations of EXIF and of a container's display matrix (ISO/IEC 14496-12, 8.3.2).
struct Orientation {
    int rotation = 0; ///< clockwise degrees: 0, 90, 180 or 270
    bool mirrored = false;

    bool as_coded() const noexcept { return rotation == 0 && !mirrored; }

    /// Whether width and height change places.
    bool swaps_sides() const noexcept { return rotation % 180 != 0; }

    /// Filters that show a picture so, in ffmpeg's language, each with a comma after it; empty: as coded.
    std::string filters() const;

    /// "mirrored and turned by 90 degrees"
    std::string text() const;

    friend bool operator==(const Orientation&, const Orientation&) = default;
};

/// What a stream's container asks for; other angles than right ones are taken for the nearest.
Orientation orientation_of(const AVStream* stream);

} // namespace longtake::av
