#include "stages/prepare/codecs/codecs.h"

#include "pipeline/av/picture_decoder.h"
#include "pipeline/base/error.h"

#include <opencv2/imgproc.hpp>

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

} // namespace

void damaged(std::string_view kind, std::string_view detail)
{
    throw Error(Errc::input, "the " + std::string(kind) + " data is damaged" +
                                 (detail.empty() ? "" : " (" + std::string(detail) + ")") +
                                 "; fetch or export it again");
}

Raster decode_other(std::string_view file, Format format)
{
    const av::DecodedPicture decoded = [&] {
        try {
            return av::decode_picture(file, codec_for(file, format));
        } catch (const Error& error) {
            damaged(name(format), error.what());
        }
    }();
    const av::Frame& frame = decoded.frame;
    const cv::Mat samples(frame.size().height, frame.size().width,
                          CV_MAKETYPE(decoded.bits == 16 ? CV_16U : CV_8U, decoded.alpha ? 4 : 3), frame.plane(0),
                          static_cast<std::size_t>(frame.stride(0)));
    Raster raster;
    cv::cvtColor(samples, raster.colour, decoded.alpha ? cv::COLOR_RGBA2BGR : cv::COLOR_RGB2BGR);
    if (decoded.alpha) {
        cv::extractChannel(samples, raster.alpha, 3);
    }
    return raster;
}

} // namespace longtake::stages::picture
