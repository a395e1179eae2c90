#pragma once

#include "stages/prepare/header.h"

#include <opencv2/core/mat.hpp>

#include <string>
#include <string_view>

namespace longtake::stages::picture {

/// A picture as everything behind the decoder sees it.
struct Decoded {
    cv::Mat pixels;        ///< 8-bit BGR, or BGRA with straight alpha where something is transparent; sRGB, upright
    std::string profile{}; ///< the colour profile it was converted from; empty: it was sRGB
    std::string warning{}; ///< what could not be honoured; empty: nothing
    std::string lost{};    ///< what of a damaged file could not be decoded and is grey; empty: nothing
};

/// Decodes a whole picture: upright (EXIF orientation applied), converted to sRGB, 16 bits dithered to 8, grey as
/// colour. `shrink`: 1, 2, 4 or 8, by which a JPEG's sides are divided (rounded up) while it is decoded.
/// Throws Error(input) if it is damaged, with Damage::salvage only if nothing of it can be decoded.
Decoded decode(std::string_view bytes, const Header& header, int shrink = 1, Damage damage = Damage::refuse);

} // namespace longtake::stages::picture
