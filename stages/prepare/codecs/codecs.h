#pragma once

#include "stages/prepare/header.h"

#include <opencv2/core/mat.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace longtake::stages::picture {

/// The samples of a picture as its file has them: not turned, not colour-managed.
struct Raster {
    cv::Mat colour;     ///< CV_8U or CV_16U; 1 channel: grey, 3: BGR, 4: CMYK (0 is no ink)
    cv::Mat alpha{};    ///< of the same depth, straight; empty: opaque
    std::string icc{};  ///< the embedded colour profile; empty: none, taken for sRGB
    std::string lost{}; ///< what of a damaged file could not be decoded and is grey; empty: nothing
};

/// A part of a picture at a size not larger than its own.
struct View {
    cv::Size picture; ///< all of it, as its header says
    cv::Rect part;
    cv::Size size;
};

/// Must not throw.
using RowMade = std::function<void(const cv::Mat& row)>;

/// Throws Error(input): the data of a picture of this kind is damaged. `detail`: the library's own words.
[[noreturn]] void damaged(std::string_view kind, std::string_view detail = {});

/// Throws as `damaged` does unless these are the sides that the header, which the caller has checked, promised.
void check_size(const Header& header, std::int64_t width, std::int64_t height);

/// A picture nothing is known of yet: grey, its alpha (the last of 2 or 4 channels, where `alpha`) opaque.
cv::Mat blank(int rows, int columns, int type, bool alpha);

/// "only the first 61 % of its rows could be decoded": what stands in `Raster::lost`.
std::string rows_lost(int decoded, int rows);

/// The decoders: whole files in, the first picture out. All throw Error(input) for damaged or missing data, and
/// allocate no more than the size stated in the header (which the caller has checked) asks for. With
/// Damage::salvage what can be decoded of a damaged file is taken and `lost` says what not; none at all is refused.
///
/// JPEG by libjpeg-turbo. Inverted CMYK (the Adobe marker) is turned to 0 = no ink.
Raster decode_jpeg(std::string_view file, Damage damage);
/// A part of it, made smaller while it is decoded, in little more memory than the result takes; nothing is salvaged. A
/// profile that says sRGB is left out. Where the result is sRGB in three channels, `made` hears each of its rows as
/// soon as it is there, on another thread.
Raster decode_jpeg(std::string_view file, const View& view, const RowMade& made = {});
/// PNG by libpng: 1 to 16 bits, palettes, interlaced; of an APNG the default picture. The chunks cICP, iCCP, sRGB, and
/// gAMA with cHRM say its colours, in this order of precedence (PNG, third edition, 4.3).
Raster decode_png(std::string_view file, const Header& header, Damage damage);
/// WebP by libwebp; of an animation, of which nothing can be salvaged, the first picture.
Raster decode_webp(std::string_view file, const Header& header, Damage damage);
/// TIFF by libtiff: the first directory; 8 and 16 bits, grey, RGB, CMYK, palettes, YCbCr, strips and tiles.
Raster decode_tiff(std::string_view file, const Header& header, Damage damage);
/// HEIC and AVIF by libheif: the primary picture, turned and mirrored as the file says. More than 8 bits become 16.
/// Nothing can be salvaged.
Raster decode_heif(std::string_view file, const Header& header);
/// BMP, GIF, JPEG 2000 and PNM by libavcodec. JPEG 2000 and PNM in letters cannot be salvaged.
Raster decode_other(std::string_view file, const Header& header, Damage damage);

/// What HEIC and AVIF files say of themselves: libheif reads it. nullopt if the bytes end before that.
std::optional<Header> read_heif_header(std::string_view bytes, Format format);

/// What a TIFF says of itself: libtiff reads it. nullopt if the bytes end before that. Throws Error(input) for samples
/// that are no integers.
std::optional<Header> read_tiff_header(std::string_view bytes);

/// Encodes 8-bit BGR (or grey) as a baseline JPEG, row by row; whole chroma (4:4:4) from quality 90. The Huffman tables
/// are the standard's: better ones save 2 % and take three times as long.
class JpegEncoder {
public:
    /// `most`: bytes; nothing longer is made.
    JpegEncoder(cv::Size size, int channels, int quality, std::int64_t most);
    ~JpegEncoder();

    void add(const cv::Mat& row) noexcept;
    /// nullopt if it is longer than `most`, or rows are missing.
    std::optional<std::string> finish();

private:
    struct Writing;
    std::unique_ptr<Writing> writing_;
};

/// A whole picture; nullopt as soon as it is longer than `most` bytes.
std::optional<std::string> encode_jpeg(const cv::Mat& bgr, int quality, std::int64_t most);

/// Encodes 8-bit BGR (or grey) as a PNG, exactly.
std::string encode_png(const cv::Mat& bgr);

} // namespace longtake::stages::picture
