#pragma once

#include "pipeline/model/rate.h"

#include <string_view>

namespace longtake::stages::picture {

/// The tags of a TIFF directory that matter here; EXIF is a TIFF file without pixels.
/// Tag numbers: TIFF 6.0 and CIPA DC-008 (Exif 2.32).
struct TiffTags {
    Size size;
    int orientation = 1;
    int bits = 8;
    int samples = 1;
    bool floating = false; ///< samples are floating-point numbers
    bool alpha = false;
    bool location = false; ///< a GPS directory with something in it
};

/// Reads the first directory. Damage is passed over: what cannot be read keeps its default.
TiffTags read_tiff_tags(std::string_view tiff) noexcept;

} // namespace longtake::stages::picture
