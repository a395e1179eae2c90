#include "stages/prepare/decode.h"

#include "stages/prepare/codecs/colour.h"

#include <opencv2/imgproc.hpp>

#include <utility>

namespace longtake::stages::picture {
namespace {

/// The meaning of EXIF orientations 2..8: what must be done to see the picture upright.
cv::Mat upright(const cv::Mat& stored, int orientation)
{
    cv::Mat out;
    switch (orientation) {
    case 2: cv::flip(stored, out, 1); return out;
    case 3: cv::flip(stored, out, -1); return out;
    case 4: cv::flip(stored, out, 0); return out;
    case 5: cv::transpose(stored, out); return out;
    case 6: cv::rotate(stored, out, cv::ROTATE_90_CLOCKWISE); return out;
    case 7: {
        cv::Mat turned;
        cv::transpose(stored, turned);
        cv::flip(turned, out, -1);
        return out;
    }
    case 8: cv::rotate(stored, out, cv::ROTATE_90_COUNTERCLOCKWISE); return out;
    default: return stored;
    }
}

/// Drops an alpha channel that hides nothing, as screenshots and many exports have.
cv::Mat without_idle_alpha(const cv::Mat& picture)
{
    if (picture.channels() != 4) {
        return picture;
    }
    cv::Mat alpha;
    cv::extractChannel(picture, alpha, 3);
    if (cv::countNonZero(alpha != 255) > 0) {
        return picture;
    }
    cv::Mat out;
    cv::cvtColor(picture, out, cv::COLOR_BGRA2BGR);
    return out;
}

/// Where something on the upright picture (of this size) lies in the file.
cv::Rect stored(const cv::Rect& part, Size picture, int orientation)
{
    const int from_right = picture.width - part.x - part.width;
    const int from_bottom = picture.height - part.y - part.height;
    switch (orientation) {
    case 2: return {from_right, part.y, part.width, part.height};
    case 3: return {from_right, from_bottom, part.width, part.height};
    case 4: return {part.x, from_bottom, part.width, part.height};
    case 5: return {part.y, part.x, part.height, part.width};
    case 6: return {part.y, from_right, part.height, part.width};
    case 7: return {from_bottom, from_right, part.height, part.width};
    case 8: return {from_bottom, part.x, part.height, part.width};
    default: return part;
    }
}

Raster decode_stored(std::string_view file, const Header& header, Damage damage)
{
    switch (header.format) {
    case Format::jpeg: return decode_jpeg(file, damage);
    case Format::png: return decode_png(file, header, damage);
    case Format::webp: return decode_webp(file, header, damage);
    case Format::tiff: return decode_tiff(file, header, damage);
    case Format::heic:
    case Format::avif: return decode_heif(file, header);
    default: return decode_other(file, header, damage);
    }
}

cv::Mat with_alpha(const cv::Mat& bgr, const cv::Mat& alpha)
{
    if (alpha.empty()) {
        return bgr;
    }
    cv::Mat out;
    cv::cvtColor(bgr, out, cv::COLOR_BGR2BGRA);
    cv::insertChannel(alpha_8_bit(alpha), out, 3);
    return out;
}

Decoded finished(const Raster& raster, const Header& header)
{
    Managed managed = to_srgb(raster);
    const cv::Mat picture = without_idle_alpha(with_alpha(managed.bgr, raster.alpha));
    return {upright(picture, header.orientation), std::move(managed.profile), std::move(managed.warning), raster.lost};
}

} // namespace

Decoded decode(std::string_view bytes, const Header& header, Damage damage)
{
    const Raster raster = decode_stored(bytes, header, damage);
    if (raster.colour.cols != header.stored.width || raster.colour.rows != header.stored.height) {
        damaged(name(header.format), "its size is not what its header says");
    }
    return finished(raster, header);
}

Decoded decode_reduced_jpeg(std::string_view bytes, const Header& header, const View& view, const RowMade& made)
{
    const auto in_file = [&](const cv::Size& upright) {
        return header.orientation >= 5 ? cv::Size(upright.height, upright.width) : upright;
    };
    const View there{in_file(view.picture), stored(view.part, header.displayed(), header.orientation),
                     in_file(view.size)};
    return finished(decode_jpeg(bytes, there, header.orientation == 1 ? made : RowMade()), header);
}

} // namespace longtake::stages::picture
