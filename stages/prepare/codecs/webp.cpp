#include "stages/prepare/codecs/codecs.h"

#include <array>
#include <memory>
#include <opencv2/imgproc.hpp>
#include <webp/decode.h>
#include <webp/demux.h>

namespace longtake::stages::picture {
namespace {

using Demuxer = std::unique_ptr<WebPDemuxer, decltype(&WebPDemuxDelete)>;
using Progress = std::unique_ptr<WebPIDecoder, decltype(&WebPIDelete)>;
using Animation = std::unique_ptr<WebPAnimDecoder, decltype(&WebPAnimDecoderDelete)>;

std::string webp_profile(const WebPData& data)
{
    WebPDemuxState state = WEBP_DEMUX_PARSE_ERROR;
    const Demuxer demuxer(WebPDemuxPartial(&data, &state), &WebPDemuxDelete);
    WebPChunkIterator chunk;
    if (!demuxer || WebPDemuxGetChunk(demuxer.get(), "ICCP", 1, &chunk) == 0) {
        return {};
    }
    std::string icc(reinterpret_cast<const char*>(chunk.chunk.bytes), chunk.chunk.size);
    WebPDemuxReleaseChunkIterator(&chunk);
    return icc;
}

/// The first picture on its canvas, which it need not fill.
cv::Mat first_of(const WebPData& data, const WebPBitstreamFeatures& features)
{
    WebPAnimDecoderOptions options;
    WebPAnimDecoderOptionsInit(&options);
    options.color_mode = MODE_BGRA;
    const Animation animation(WebPAnimDecoderNew(&data, &options), &WebPAnimDecoderDelete);
    std::uint8_t* canvas = nullptr;
    int shown = 0;
    if (!animation || WebPAnimDecoderGetNext(animation.get(), &canvas, &shown) == 0) {
        damaged("WebP");
    }
    return cv::Mat(features.height, features.width, CV_8UC4, canvas).clone();
}

/// Its pixels may be fewer than there should be: `lost` says so.
cv::Mat only_picture(const WebPData& data, const WebPBitstreamFeatures& features, Damage damage, std::string& lost)
{
    const bool alpha = features.has_alpha != 0;
    cv::Mat out = blank(features.height, features.width, alpha ? CV_8UC4 : CV_8UC3, alpha);
    const std::size_t length = out.total() * out.elemSize();
    const Progress progress(WebPINewRGB(alpha ? MODE_BGRA : MODE_BGR, out.data, length, static_cast<int>(out.step)),
                            &WebPIDelete);
    const VP8StatusCode status =
        progress ? WebPIUpdate(progress.get(), data.bytes, data.size) : VP8_STATUS_OUT_OF_MEMORY;
    if (status == VP8_STATUS_OK) {
        return out;
    }
    int rows = 0;
    if (damage == Damage::refuse || status != VP8_STATUS_SUSPENDED ||
        WebPIDecGetRGB(progress.get(), &rows, nullptr, nullptr, nullptr) == nullptr || rows <= 0) {
        damaged("WebP");
    }
    lost = rows_lost(rows, out.rows);
    return out;
}

} // namespace

Raster decode_webp(std::string_view file, const Header& header, Damage damage)
{
    const WebPData data{reinterpret_cast<const std::uint8_t*>(file.data()), file.size()};
    WebPBitstreamFeatures features;
    if (WebPGetFeatures(data.bytes, data.size, &features) != VP8_STATUS_OK) {
        damaged("WebP");
    }
    check_size(header, features.width, features.height);
    Raster raster;
    const cv::Mat picture =
        features.has_animation != 0 ? first_of(data, features) : only_picture(data, features, damage, raster.lost);
    raster.colour = picture;
    raster.icc = webp_profile(data);
    if (picture.channels() == 4) {
        cv::extractChannel(picture, raster.alpha, 3);
        cv::cvtColor(picture, raster.colour, cv::COLOR_BGRA2BGR);
    }
    return raster;
}

} // namespace longtake::stages::picture
