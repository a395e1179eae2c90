#pragma once

#include <cstdint>

namespace longtake::image {

/// A colour in CIE L*a*b* under D65.
struct Lab {
    double l = 0;
    double a = 0;
    double b = 0;
};

/// From 8-bit sRGB, whose transfer function is taken for BT.709's as video does.
Lab lab_of(std::uint8_t red, std::uint8_t green, std::uint8_t blue);

/// CIEDE2000, all weights 1: about 1 is just noticeable side by side.
/// G. Sharma, W. Wu, E. N. Dalal, "The CIEDE2000 Color-Difference Formula", 2005.
double delta_e(const Lab& one, const Lab& two);

} // namespace longtake::image
