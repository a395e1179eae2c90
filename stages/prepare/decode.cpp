#include "stages/prepare/decode.h"

#include "pipeline/base/error.h"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <cmath>

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

/// The mask of a grey PNG that names one of its greys transparent, which OpenCV does not carry over.
cv::Mat visible(const cv::Mat& gray, const Header& header)
{
    const int scale = header.bits < 8 ? 255 / ((1 << header.bits) - 1) : 1;
    cv::Mat mask;
    cv::compare(gray, cv::Scalar(*header.clear_gray * scale), mask, cv::CMP_NE);
    return mask;
}

cv::Mat to_8_bit(const cv::Mat& picture)
{
    if (picture.depth() == CV_8U) {
        return picture;
    }
    if (picture.depth() != CV_16U) {
        throw Error(Errc::input, "its samples are neither 8 nor 16 bits; export it as PNG or JPEG");
    }
    cv::Mat out;
    picture.convertTo(out, CV_8U, 1.0 / 257); // 65535 is 255; convertTo rounds
    return out;
}

cv::Mat to_colour(const cv::Mat& picture, const cv::Mat& mask)
{
    cv::Mat out = picture;
    if (picture.channels() == 1) {
        cv::cvtColor(picture, out, cv::COLOR_GRAY2BGR);
    }
    if (!mask.empty()) {
        cv::cvtColor(out, out, cv::COLOR_BGR2BGRA);
        cv::insertChannel(mask, out, 3);
    }
    return out;
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

cv::Mat decode_stored(std::string_view file, const Header& header)
{
    // libpng would complain about odd colour profiles on stderr, and OpenCV does not use them.
    const std::string lean = header.format == Format::png ? stripped(file, Format::png, Strip::profile) : std::string();
    const std::string_view bytes = lean.empty() ? file : lean;
    const cv::Mat view(1, static_cast<int>(bytes.size()), CV_8U, const_cast<char*>(bytes.data()));
    cv::Mat picture;
    try {
        picture = cv::imdecode(view, cv::IMREAD_UNCHANGED);
    } catch (const cv::Exception& error) {
        throw Error(Errc::input, std::string("the picture cannot be decoded: ") + error.err);
    }
    // OpenCV turns TIFFs upright by itself, whatever it is asked.
    const bool turned = header.format == Format::tiff;
    const Size size = turned ? header.displayed() : header.stored;
    if (picture.empty() || picture.cols != size.width || picture.rows != size.height) {
        throw Error(Errc::input,
                    "the " + std::string(name(header.format)) + " data is damaged; fetch or export it again");
    }
    return turned ? picture : upright(picture, header.orientation);
}

} // namespace

cv::Mat decode(std::string_view bytes, const Header& header)
{
    const cv::Mat picture = decode_stored(bytes, header);
    const bool keyed = header.clear_gray && picture.channels() == 1;
    const cv::Mat mask = keyed ? visible(picture, header) : cv::Mat();
    return without_idle_alpha(to_colour(to_8_bit(picture), mask));
}

} // namespace longtake::stages::picture
