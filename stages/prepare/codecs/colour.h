#pragma once

#include "stages/prepare/codecs/codecs.h"

#include <array>
#include <string>
#include <string_view>

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

/// ICC profiles of a tone curve with this exponent (0: sRGB's curve) and, in xy of white, red, green and blue, these
/// primaries. `name` is what people will read. Where such a space cannot be: no profile that can be used.
std::string profile_of(const std::array<double, 8>& chromaticities, double exponent, const char* name);
std::string grey_profile_of(double exponent, const char* name);

/// An ICC profile for code points of ITU-T H.273; empty for sRGB, BT.709 and what is not specified. The transfer is
/// taken for sRGB's. Throws Error(input) for PQ and HLG, naming `kind`.
std::string profile_of_code_points(int primaries, int transfer, std::string_view kind);

} // namespace longtake::stages::picture
