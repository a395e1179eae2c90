#pragma once

#include "pipeline/av/frame.h"
#include "pipeline/image/delta_e.h"

#include <array>

namespace longtake::image {

/// Mean and standard deviation of Y', Cb, Cr in code values of 8-bit limited-range BT.709.
struct ColourMoments {
    std::array<double, 3> mean{};
    std::array<double, 3> deviation{};
};

/// Mean colours of five equal parts of a picture's pixels, from the darkest up.
using ColourBands = std::array<Lab, 5>;

/// How a picture's colours are spread, wherever in it they stand: a camera may move and leave it as it is.
struct ColourStats {
    ColourBands bands{};
    ColourMoments moments;
};

/// Of an RGB picture; a small one tells as much as a large one.
ColourStats colour_stats_of_rgb(const av::Frame& rgb);

/// Of an 8-bit 4:2:0 BT.709 limited frame: moments of all its pixels, bands of a copy of at most 160 pixels a side.
ColourStats colour_stats_of_yuv(const av::Frame& frame);

/// Mean CIEDE2000 between two pictures' bands.
double difference(const ColourBands& one, const ColourBands& two);

} // namespace longtake::image
