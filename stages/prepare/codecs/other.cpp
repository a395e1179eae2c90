#include "stages/prepare/codecs/codecs.h"

#include "pipeline/av/picture/picture_decoder.h"
#include "pipeline/base/error.h"
#include "stages/prepare/bytes.h"

#include <fmt/format.h>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace longtake::stages::picture {
namespace {

av::PictureCodec codec_for(std::string_view file, Format format)
{
    switch (format) {
    case Format::gif: return av::PictureCodec::gif;
    case Format::jpeg2000: return av::PictureCodec::jpeg2000;
    case Format::bmp: return av::PictureCodec::bmp;
    default: break;
    }
    switch (file.at(1)) { // PNM: P1 and P4 bitmaps, P2 and P5 greys, P3 and P6 colours
    case '1':
    case '4': return av::PictureCodec::pbm;
    case '2':
    case '5': return av::PictureCodec::pgm;
    default: return av::PictureCodec::ppm;
    }
}

/// How long the file of a BMP or binary PNM is at the least, by its own words; 0 where that cannot be known.
std::size_t expected_length(std::string_view file, const Header& header)
{
    const std::size_t width = header.stored.width;
    const std::size_t height = header.stored.height;
    if (header.format == Format::bmp) {
        const std::size_t stated = Bytes{file, true}.u32(2);
        return std::min(stated, 4 * width * height + 65'536);
    }
    const std::size_t bytes = header.bits > 8 ? 2 : 1;
    switch (header.format == Format::pnm ? file.at(1) : ' ') {
    case '4': return (width + 7) / 8 * height + 4;
    case '5': return bytes * width * height + 8;
    case '6': return 3 * bytes * width * height + 8;
    default: return 0;
    }
}

/// A file that is too short goes on in grey: these formats have their samples plainly one after the other.
std::string continued(std::string_view file, const Header& header)
{
    constexpr std::size_t k_text_header = 64; // of a PNM: white space may make it longer than what was counted
    const std::size_t length = expected_length(file, header);
    std::string whole(file);
    whole.resize(std::max(file.size(), length == 0 ? 0 : length + k_text_header), '\x80');
    return whole;
}

} // namespace

void check_size(const Header& header, std::int64_t width, std::int64_t height)
{
    if (width != header.stored.width || height != header.stored.height) {
        damaged(name(header.format), "its size is not what its header says");
    }
}

cv::Mat blank(int rows, int columns, int type, bool alpha)
{
    const double full = CV_MAT_DEPTH(type) == CV_16U ? 65535 : 255;
    cv::Scalar grey = cv::Scalar::all(std::ceil(full / 2));
    if (alpha) {
        grey[CV_MAT_CN(type) - 1] = full;
    }
    cv::Mat out(rows, columns, type);
    if (CV_MAT_CN(type) <= 4) {
        out = grey;
    } else {
        out.setTo(0); // inks and extra samples: OpenCV fills four channels at the most
    }
    return out;
}

std::string rows_lost(int decoded, int rows)
{
    return fmt::format("only the first {} % of its rows could be decoded", 100 * std::int64_t{decoded} / rows);
}

void damaged(std::string_view kind, std::string_view detail)
{
    throw Error(Errc::input, "the " + std::string(kind) + " data is damaged" +
                                 (detail.empty() ? "" : " (" + std::string(detail) + ")") +
                                 "; fetch or export it again");
}

Raster decode_other(std::string_view file, const Header& header, Damage damage)
{
    const av::PictureCodec codec = codec_for(file, header.format);
    const std::size_t expected = expected_length(file, header);
    const bool short_of = damage == Damage::salvage && file.size() < expected;
    if (short_of && file.size() < expected / 100) {
        damaged(name(header.format), "hardly anything of it is there");
    }
    const av::DecodedPicture decoded = [&] {
        try {
            return short_of ? av::decode_picture(continued(file, header), codec) : av::decode_picture(file, codec);
        } catch (const Error& error) {
            damaged(name(header.format), error.what());
        }
    }();
    const av::Frame& frame = decoded.frame;
    check_size(header, frame.size().width, frame.size().height);
    const cv::Mat samples(frame.size().height, frame.size().width,
                          CV_MAKETYPE(decoded.bits == 16 ? CV_16U : CV_8U, decoded.alpha ? 4 : 3), frame.plane(0),
                          static_cast<std::size_t>(frame.stride(0)));
    Raster raster;
    cv::cvtColor(samples, raster.colour, decoded.alpha ? cv::COLOR_RGBA2BGR : cv::COLOR_RGB2BGR);
    if (decoded.alpha) {
        cv::extractChannel(samples, raster.alpha, 3);
    }
    if (short_of) {
        raster.lost = fmt::format("only {} of its {} bytes are there", file.size(), expected);
    }
    return raster;
}

} // namespace longtake::stages::picture
