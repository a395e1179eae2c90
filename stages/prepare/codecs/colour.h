#pragma once

#include "stages/prepare/codecs/codecs.h"

#include <string>

namespace longtake::stages::picture {

struct Managed {
    cv::Mat bgr;           ///< 8-bit BGR in sRGB
    std::string profile{}; ///< description of the profile it was converted from; empty: it was sRGB
    std::string warning{}; ///< what could not be honoured; empty: nothing
};

/// Converts to sRGB by the embedded profile (relative colorimetric, black point compensation; without one: taken for
/// sRGB, CMYK as ideal inks). 16 bits stay 16 through the conversion and are dithered to 8; whole 8-bit values (n *
/// 257) stay what they are.
Managed to_srgb(const Raster& raster);

/// Whether RGB samples with this profile are sRGB, under whatever name (none: they are).
bool is_srgb(const std::string& icc);

/// Rounds 16-bit alpha to 8.
cv::Mat alpha_8_bit(const cv::Mat& alpha);

enum class Primaries { display_p3, bt2020 };

/// An ICC profile of these primaries, D65 and sRGB's transfer function (ITU-T H.273, table 2).
std::string profile_of(Primaries primaries);

} // namespace longtake::stages::picture
