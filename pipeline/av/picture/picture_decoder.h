#pragma once

#include "pipeline/av/frame.h"

#include <string_view>

namespace longtake::av {

enum class PictureCodec { bmp, gif, jpeg, jpeg2000, pbm, pgm, png, ppm };

/// A picture file's first picture.
struct DecodedPicture {
    Frame frame;        ///< full-range RGB or RGBA (straight), interleaved in plane 0, in the machine's byte order
    int bits = 8;       ///< of a sample: 8 or 16
    bool alpha = false; ///< RGBA
};

/// Decodes a whole file held in memory, as its samples lie (EXIF orientation and colour profiles are the caller's).
/// YCbCr is JFIF's: BT.601, full range, chroma sited in the middle.
/// Throws Error(input) on damage, and for more than 100 megapixels.
DecodedPicture decode_picture(std::string_view file, PictureCodec codec);

} // namespace longtake::av
