#include "pipeline/render/logo.h"

#include "pipeline/av/picture/picture_decoder.h"
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
Size png_size(const std::string& bytes, const std::string& name)
{
    constexpr std::size_t k_width_at = 16, k_height_at = 20, k_header = 24;
    if (!bytes.starts_with(k_png) || bytes.size() < k_header) {
        throw Error(Errc::input, "logo '" + name + "' is no PNG; save it as a PNG with a transparent ground");
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
        throw Error(Errc::input, fmt::format("logo '{}' is {}, more than 64 megapixels; save it smaller, 2000 pixels "
                                             "across are plenty",
                                             name, size.text()));
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

} // namespace

av::Raster read_logo(const std::filesystem::path& file, int width)
{
    const std::string name = file.filename().string();
    const std::string bytes = read_text(file);
    const Size size = png_size(bytes, name);
    const cv::Mat whole = in_context("logo '" + name + "'",
                                     [&] { return premultiplied(av::decode_picture(bytes, av::PictureCodec::png)); });
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

} // namespace longtake::render
