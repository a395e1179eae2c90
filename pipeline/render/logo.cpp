#include "pipeline/render/logo.h"

#include "pipeline/av/picture/picture_decoder.h"
#include "pipeline/av/picture/svg.h"
#include "pipeline/av/picture/svg_check.h"
#include "pipeline/base/error.h"
#include "pipeline/base/files.h"

#include <fmt/format.h>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

namespace longtake::render {
namespace {

constexpr std::int64_t k_most_logo_pixels = 64'000'000;
constexpr std::string_view k_png = "\x89PNG\r\n\x1a\n";

/// Width and height of a PNG by its header, which begins with the IHDR chunk (W3C PNG, 5.6 and 11.2.2).
Size png_size(const std::string& bytes)
{
    constexpr std::size_t k_width_at = 16, k_height_at = 20, k_header = 24;
    if (bytes.size() < k_header) {
        throw Error(Errc::input, "it is cut off; save it again");
    }
    const auto number = [&](std::size_t at) {
        std::uint32_t value = 0;
        for (std::size_t i = at; i < at + 4; ++i) {
            value = value << 8 | static_cast<std::uint8_t>(bytes[i]);
        }
        return static_cast<int>(std::min<std::uint32_t>(value, 1U << 24));
    };
    const Size size{number(k_width_at), number(k_height_at)};
    if (std::int64_t{size.width} * size.height > k_most_logo_pixels) {
        throw Error(Errc::input, fmt::format("it is {}, more than 64 megapixels; save it smaller, 2000 pixels across "
                                             "are plenty",
                                             size.text()));
    }
    return size;
}

/// Premultiplied BGRA, 0..1.
cv::Mat premultiplied(const av::DecodedPicture& picture)
{
    const Size size = picture.frame.size();
    const int channels = picture.alpha ? 4 : 3;
    const int depth = picture.bits == 8 ? CV_8U : CV_16U;
    const cv::Mat straight(size.height, size.width, CV_MAKETYPE(depth, channels), picture.frame.plane(0),
                           static_cast<std::size_t>(picture.frame.stride(0)));
    cv::Mat bgra;
    cv::cvtColor(straight, bgra, picture.alpha ? cv::COLOR_RGBA2BGRA : cv::COLOR_RGB2BGRA);
    bgra.convertTo(bgra, CV_32F, picture.bits == 8 ? 1.0 / 255 : 1.0 / 65535);
    bgra.forEach<cv::Vec4f>([](cv::Vec4f& pixel, const int*) {
        for (int i = 0; i < 3; ++i) {
            pixel[i] *= pixel[3];
        }
    });
    return bgra;
}

av::Raster png_at(const std::string& bytes, int width)
{
    const Size size = png_size(bytes);
    const cv::Mat whole = premultiplied(av::decode_picture(bytes, av::PictureCodec::png));
    av::Raster raster;
    raster.size = {width, std::max(1, static_cast<int>(std::lround(static_cast<double>(width) / size.aspect())))};
    cv::Mat scaled;
    const int how = width < size.width ? cv::INTER_AREA : cv::INTER_CUBIC;
    cv::resize(whole, scaled, {raster.size.width, raster.size.height}, 0, 0, how);
    raster.bgra.resize(static_cast<std::size_t>(raster.size.width) * raster.size.height * 4);
    cv::Mat out(raster.size.height, raster.size.width, CV_8UC4, raster.bgra.data());
    scaled.convertTo(out, CV_8U, 255);
    return raster;
}

/// What a file is, its bytes say.
av::Raster raster_at(const std::string& bytes, int width)
{
    constexpr std::string_view k_gzip = "\x1f\x8b";
    if (bytes.starts_with(k_png)) {
        return png_at(bytes, width);
    }
    if (av::looks_like_xml(bytes)) {
        return av::draw_svg(bytes, width);
    }
    throw Error(Errc::input, bytes.starts_with(k_gzip)
                                 ? "it is compressed; save it as a plain SVG"
                                 : "it is neither a PNG nor an SVG; save it as one of them, with a transparent ground");
}

/// Whether anything in it can be seen.
bool shows(const av::Raster& raster)
{
    constexpr std::uint8_t k_faint = 8; // of 255
    for (std::size_t alpha = 3; alpha < raster.bgra.size(); alpha += 4) {
        if (raster.bgra[alpha] >= k_faint) {
            return true;
        }
    }
    return false;
}

} // namespace

av::Raster read_logo(const std::filesystem::path& file, int width)
{
    return in_context("logo '" + file.filename().string() + "'", [&] {
        av::Raster raster = raster_at(read_text(file), width);
        if (!shows(raster)) {
            throw Error(Errc::input, "nothing in it is visible; save it again with what is to be seen");
        }
        return raster;
    });
}

} // namespace longtake::render
