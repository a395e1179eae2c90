#pragma once

#include "pipeline/av/frame.h"

#include <string>

namespace longtake::av {

/// The bytes of a PNG of a full-range RGB frame, exactly.
std::string encode_png(const Frame& rgb);

/// The bytes of a JPEG with whole chroma (4:4:4) of a full-range RGB frame. `scale`: quantiser, 1 (best) to 31.
std::string encode_jpeg(const Frame& rgb, int scale);

} // namespace longtake::av
