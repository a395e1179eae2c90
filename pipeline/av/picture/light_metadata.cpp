#include "pipeline/av/picture/light_metadata.h"

#include "pipeline/av/clip/video_reader.h"
#include "pipeline/av/container.h"
#include "pipeline/av/ffmpeg.h"

extern "C" {
#include <libavutil/mastering_display_metadata.h>
}

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <vector>

namespace longtake::av {
namespace {

constexpr double k_chromaticity = 50'000; ///< units of 1
constexpr double k_luminance = 10'000;    ///< units of a cd/m2

int units(AVRational value, double unit)
{
    return value.den == 0 ? 0 : static_cast<int>(std::lround(av_q2d(value) * unit));
}

std::array<int, 2> point(const AVRational (&xy)[2])
{
    return {units(xy[0], k_chromaticity), units(xy[1], k_chromaticity)};
}

void add_display(const std::uint8_t* data, LightMetadata& light)
{
    const auto* seen = reinterpret_cast<const AVMasteringDisplayMetadata*>(data);
    if (seen == nullptr || light.display || seen->has_primaries == 0 || seen->has_luminance == 0) {
        return;
    }
    light.display = {point(seen->display_primaries[0]),       point(seen->display_primaries[1]),
                     point(seen->display_primaries[2]),       point(seen->white_point),
                     units(seen->min_luminance, k_luminance), units(seen->max_luminance, k_luminance)};
}

void add_content(const std::uint8_t* data, LightMetadata& light)
{
    const auto* seen = reinterpret_cast<const AVContentLightMetadata*>(data);
    if (seen != nullptr && !light.content && seen->MaxCLL > 0) {
        light.content = {static_cast<int>(seen->MaxCLL), static_cast<int>(seen->MaxFALL)};
    }
}

const std::uint8_t* data_of(const AVFrame* frame, AVFrameSideDataType type)
{
    const AVFrameSideData* found = av_frame_get_side_data(frame, type);
    return found == nullptr ? nullptr : found->data;
}

} // namespace

LightMetadata light_metadata(const std::filesystem::path& file)
{
    LightMetadata light;
    const InputPtr container = open_container(file, Detail::header);
    if (const int index = av_find_best_stream(container.get(), AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0); index >= 0) {
        const AVStream* stream = container->streams[index];
        add_display(av_stream_get_side_data(stream, AV_PKT_DATA_MASTERING_DISPLAY_METADATA, nullptr), light);
        add_content(av_stream_get_side_data(stream, AV_PKT_DATA_CONTENT_LIGHT_LEVEL, nullptr), light);
    }
    if (const auto shown = VideoReader(file).next()) {
        add_display(data_of(shown->frame.get(), AV_FRAME_DATA_MASTERING_DISPLAY_METADATA), light);
        add_content(data_of(shown->frame.get(), AV_FRAME_DATA_CONTENT_LIGHT_LEVEL), light);
    }
    return light;
}

std::string x265_params(const LightMetadata& light)
{
    std::vector<std::string> params;
    if (light.display) {
        const LightMetadata::Display& d = *light.display;
        params.push_back(fmt::format("hdr10=1:master-display=G({},{})B({},{})R({},{})WP({},{})L({},{})", d.green[0],
                                     d.green[1], d.blue[0], d.blue[1], d.red[0], d.red[1], d.white[0], d.white[1],
                                     d.most, d.least));
    }
    if (light.content) {
        params.push_back(fmt::format("max-cll={},{}", (*light.content)[0], (*light.content)[1]));
    }
    return fmt::format("{}", fmt::join(params, ":"));
}

} // namespace longtake::av
