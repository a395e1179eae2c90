#pragma once

#include <string_view>

namespace longtake::stages::picture {

/// The tags of an EXIF directory that matter here. EXIF is a TIFF file without pixels.
/// Tag numbers: TIFF 6.0 and CIPA DC-008 (Exif 2.32).
struct ExifTags {
    int orientation = 1;
    bool location = false; ///< a GPS directory with something in it
};

/// Reads the first directory. Damage is passed over: what cannot be read keeps its default.
ExifTags read_exif(std::string_view tiff) noexcept;

} // namespace longtake::stages::picture
