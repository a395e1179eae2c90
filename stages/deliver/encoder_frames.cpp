#include "stages/deliver/encoder_frames.h"

#include "pipeline/av/filter_graph.h"
#include "pipeline/av/picture/interlace.h"
#include "pipeline/av/picture/palette.h"
#include "pipeline/av/picture/to_rgb.h"
#include "pipeline/av/splice/segment.h"
#include "stages/deliver/film_picture.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace longtake::stages {
namespace {

bool takes_rgb(const std::string& pixel_format)
{
    return pixel_format == "bgra" || pixel_format == "pal8";
}

/// Frames of a rendition up to a count.
render::FrameSource moments_of(const render::Rendition& rendition, const std::string& pixel_format, std::int64_t count)
{
    struct State {
        render::Rendition::Reader reader;
        std::int64_t left;
    };
    auto state = std::make_shared<State>(State{rendition.read(0, pixel_format), count});
    return [state] { return state->left-- > 0 ? state->reader.next() : std::nullopt; };
}

render::FrameSource in_rgb(render::FrameSource source)
{
    auto to_rgb = std::make_shared<av::ToRgb>(av::Orientation{});
    return [source = std::move(source), to_rgb]() -> std::optional<av::Frame> {
        const auto frame = source();
        return frame ? std::optional(to_rgb->apply(*frame)) : std::nullopt;
    };
}

render::FrameSource with_alpha(render::FrameSource source)
{
    auto convert = std::make_shared<av::FilterGraph>("format=bgra");
    return [source = std::move(source), convert]() -> std::optional<av::Frame> {
        const auto frame = source();
        return frame ? std::optional(convert->apply(*frame)) : std::nullopt;
    };
}

/// `soften`: whether the two moments of a frame may differ. Of an odd count the last moment is seen twice.
render::FrameSource in_pairs(render::FrameSource source, bool soften)
{
    return [source = std::move(source), soften]() -> std::optional<av::Frame> {
        const auto first = source();
        if (!first) {
            return std::nullopt;
        }
        const auto second = source();
        return av::interlaced(*first, second ? *second : *first, soften);
    };
}

std::int64_t moments(const render::Rendition& rendition, const Preset& preset)
{
    return preset.first_seconds
               ? std::clamp<std::int64_t>(rendition.rate().frames(*preset.first_seconds), 1, rendition.frames())
               : rendition.frames();
}

} // namespace

EncoderFrames encoder_frames_of(const render::Rendition& rendition, const Preset& preset)
{
    const std::int64_t count = moments(rendition, preset);
    const Rate rate = rendition.rate();
    if (preset.interlaced) {
        const Rate frames = rate.num % 2 == 0 ? Rate{rate.num / 2, rate.den} : Rate{rate.num, 2 * rate.den};
        return {frames, (count + 1) / 2, false};
    }
    return {rate, count, count == rendition.frames() && !takes_rgb(preset.video.pixel_format)};
}

std::string whole_because(const render::Rendition& rendition, const Preset& preset)
{
    if (is_picture(preset)) {
        return "it is a picture of the film";
    }
    if (preset.dynamic_range != DynamicRange::sdr) {
        return "its pictures are of high dynamic range, which are composed apart";
    }
    if (preset.interlaced) {
        return "it is interlaced";
    }
    if (preset.container == "avif") { // libavformat 59 crashes writing packets that come from another file
        return "AVIF is written by its encoder alone";
    }
    if (!encoder_frames_of(rendition, preset).plain) {
        return preset.first_seconds ? "it is the film's beginning alone" : "its pictures are in RGB";
    }
    av::MediaSpec media;
    media.video = preset.video;
    return av::segment_blocker(media);
}

render::FrameSource read_encoder_frames(const render::Rendition& rendition, const Preset& preset)
{
    const std::string& format = preset.video.pixel_format;
    render::FrameSource source =
        moments_of(rendition, takes_rgb(format) ? "yuv420p" : format, moments(rendition, preset));
    if (preset.interlaced) {
        // A film of the frames' own rate moves from frame to frame alone: both fields of each are of one moment.
        const bool moves_within = !(rendition.timeline().rate == encoder_frames_of(rendition, preset).rate);
        return in_pairs(std::move(source), moves_within);
    }
    if (format == "bgra") {
        return with_alpha(in_rgb(std::move(source)));
    }
    if (format == "pal8") {
        auto frames = std::make_shared<av::PalettedFrames>(in_rgb(std::move(source)));
        return [frames] { return frames->next(); };
    }
    return source;
}

} // namespace longtake::stages
