#include "stages/prepare/codecs/codecs.h"

#include "pipeline/base/error.h"
#include "stages/prepare/codecs/colour.h"

#include <cstring>
#include <libheif/heif.h>
#include <memory>
#include <opencv2/imgproc.hpp>

namespace longtake::stages::picture {
namespace {

using HeifContext = std::unique_ptr<heif_context, decltype(&heif_context_free)>;
using HeifHandle = std::unique_ptr<heif_image_handle, decltype(&heif_image_handle_release)>;
using HeifImage = std::unique_ptr<heif_image, decltype(&heif_image_release)>;
using Nclx = std::unique_ptr<heif_color_profile_nclx, decltype(&heif_nclx_color_profile_free)>;

void check_heif(const heif_error& error, Format format)
{
    if (error.code != heif_error_Ok) {
        damaged(name(format), error.message);
    }
}

/// A file opened at its primary picture.
struct Opened {
    HeifContext context{heif_context_alloc(), &heif_context_free};
    HeifHandle picture{nullptr, &heif_image_handle_release};

    heif_error open(std::string_view file)
    {
        heif_error error = heif_context_read_from_memory_without_copy(context.get(), file.data(), file.size(), nullptr);
        heif_image_handle* handle = nullptr;
        if (error.code == heif_error_Ok) {
            error = heif_context_get_primary_image_handle(context.get(), &handle);
        }
        picture.reset(handle);
        return error;
    }
};

std::string raw_profile(const heif_image_handle* picture)
{
    std::string icc(heif_image_handle_get_raw_color_profile_size(picture), '\0');
    if (icc.empty() || heif_image_handle_get_raw_color_profile(picture, icc.data()).code != heif_error_Ok) {
        return {};
    }
    return icc;
}

/// A profile for what code points say (ITU-T H.273); sRGB needs none.
std::string nclx_profile(const heif_image_handle* picture, Format format)
{
    heif_color_profile_nclx* raw = nullptr;
    const heif_error error = heif_image_handle_get_nclx_color_profile(picture, &raw);
    const Nclx nclx(raw, &heif_nclx_color_profile_free); // may be there after a failure too
    if (error.code != heif_error_Ok || !nclx) {
        return {};
    }
    return profile_of_code_points(nclx->color_primaries, nclx->transfer_characteristics, name(format));
}

/// Samples of 10 or 12 bits, brought to the whole of 16.
void widen(cv::Mat& samples, int bits)
{
    const double greatest = (1 << bits) - 1;
    samples.convertTo(samples, -1, 65535 / greatest);
}

cv::Mat interleaved(const heif_image_handle* picture, Format format)
{
    const bool alpha = heif_image_handle_has_alpha_channel(picture) != 0;
    const bool deep = heif_image_handle_get_luma_bits_per_pixel(picture) > 8;
    const heif_chroma chroma = deep ? (alpha ? heif_chroma_interleaved_RRGGBBAA_LE : heif_chroma_interleaved_RRGGBB_LE)
                                    : (alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB);
    heif_image* raw = nullptr;
    check_heif(heif_decode_image(picture, &raw, heif_colorspace_RGB, chroma, nullptr), format);
    const HeifImage image(raw, &heif_image_release);
    int stride = 0;
    const std::uint8_t* data = heif_image_get_plane_readonly(image.get(), heif_channel_interleaved, &stride);
    if (data == nullptr) {
        damaged(name(format));
    }
    const int type = CV_MAKETYPE(deep ? CV_16U : CV_8U, alpha ? 4 : 3);
    const cv::Mat view(heif_image_get_primary_height(image.get()), heif_image_get_primary_width(image.get()), type,
                       const_cast<std::uint8_t*>(data), static_cast<std::size_t>(stride));
    cv::Mat samples = view.clone();
    if (deep) {
        widen(samples, heif_image_get_bits_per_pixel_range(image.get(), heif_channel_interleaved));
    }
    return samples;
}

} // namespace

std::optional<Header> read_heif_header(std::string_view bytes, Format format)
{
    Opened file;
    const heif_error error = file.open(bytes);
    if (error.code == heif_error_Invalid_input && error.subcode == heif_suberror_End_of_data) {
        return std::nullopt;
    }
    check_heif(error, format);
    const heif_image_handle* picture = file.picture.get();
    Header header{.format = format}; // libheif turns it as the container says; EXIF's word does not count there
    header.stored = {heif_image_handle_get_width(picture), heif_image_handle_get_height(picture)};
    header.bits = heif_image_handle_get_luma_bits_per_pixel(picture);
    header.alpha = heif_image_handle_has_alpha_channel(picture) != 0;
    header.animated = bytes.substr(8, 4) == "avis" || bytes.substr(8, 4) == "msf1";
    return header;
}

Raster decode_heif(std::string_view file, const Header& header)
{
    const Format format = header.format;
    Opened opened;
    check_heif(opened.open(file), format);
    check_size(header, heif_image_handle_get_width(opened.picture.get()),
               heif_image_handle_get_height(opened.picture.get()));
    std::string icc = raw_profile(opened.picture.get());
    if (icc.empty()) {
        icc = nclx_profile(opened.picture.get(), format);
    }
    const cv::Mat samples = interleaved(opened.picture.get(), format);
    Raster raster{{}, {}, std::move(icc)};
    const bool alpha = samples.channels() == 4;
    cv::cvtColor(samples, raster.colour, alpha ? cv::COLOR_RGBA2BGR : cv::COLOR_RGB2BGR);
    if (alpha) {
        cv::extractChannel(samples, raster.alpha, 3);
    }
    return raster;
}

} // namespace longtake::stages::picture
