#pragma once

#include "stages/prepare/codecs/codecs.h"

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
/// colour. Throws Error(input) if it is damaged, with Damage::salvage only if nothing of it can be decoded.
Decoded decode(std::string_view bytes, const Header& header, Damage damage = Damage::refuse);

/// The same for a view of a JPEG (part and size as seen upright), in time and memory that hardly exceed those of its
/// entropy coding and of the result. The whole file is read: damage outside the part is noticed too.
/// Where the rows need no more done to them, `made` hears each as soon as it is there, on another thread.
Decoded decode_reduced_jpeg(std::string_view bytes, const Header& header, const View& view, const RowMade& made = {});

} // namespace longtake::stages::picture
