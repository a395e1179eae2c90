#include "stages/deliver/webp_animation.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"

#include <webp/demux.h>

#include <memory>
#include <string>

namespace longtake::stages {
namespace {

struct DecoderFree {
    void operator()(WebPAnimDecoder* decoder) const noexcept { WebPAnimDecoderDelete(decoder); }
};

/// An animation and what decodes it, which reads the bytes where they are.
struct Animation {
    explicit Animation(const std::filesystem::path& file) : bytes(read_text(file))
    {
        const WebPData data = {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
        decoder.reset(WebPAnimDecoderNew(&data, nullptr));
        if (!decoder || WebPAnimDecoderGetInfo(decoder.get(), &info) == 0) {
            throw Error(Errc::input, file.string() + ": not an animated WebP");
        }
    }

    std::string bytes;
    std::unique_ptr<WebPAnimDecoder, DecoderFree> decoder;
    WebPAnimInfo info{};
};

} // namespace

av::MediaInfo probe_webp(const std::filesystem::path& file)
{
    const Animation animation(file);
    av::MediaInfo info;
    info.container = "webp";
    info.bytes = static_cast<std::int64_t>(animation.bytes.size());
    av::MediaInfo::Video video;
    video.codec = "webp";
    video.size = {static_cast<int>(animation.info.canvas_width), static_cast<int>(animation.info.canvas_height)};
    video.frames_claimed = animation.info.frame_count;
    info.video = video;
    return info;
}

av::Measured measure_webp(const std::filesystem::path& file, Rate rate)
{
    const Animation animation(file);
    int shown_until = 0; // ms
    for (std::uint32_t k = 0; k < animation.info.frame_count; ++k) {
        std::uint8_t* picture = nullptr;
        if (WebPAnimDecoderGetNext(animation.decoder.get(), &picture, &shown_until) == 0) {
            throw Error(Errc::input, file.string() + ": a picture is damaged");
        }
    }
    av::Measured measured;
    measured.seconds = shown_until / 1000.0;
    measured.frames = rate.frames(measured.seconds);
    return measured;
}

} // namespace longtake::stages
