#include "pipeline/av/probe.h"

#include "pipeline/av/clip/video_reader.h"
#include "pipeline/av/input.h"
#include "pipeline/av/picture/orientation.h"
#include "pipeline/av/sound/audio_reader.h"
#include "pipeline/av/sound/loudness.h"
#include "pipeline/model/optional_number.h"

#include <algorithm>
#include <climits>
#include <cmath>
#include <vector>

namespace longtake::av {
namespace {

std::string or_unknown(const char* word)
{
    return word != nullptr ? word : "unknown";
}

std::string profile_name(const AVCodecParameters* parameters)
{
    const char* name = avcodec_profile_name(parameters->codec_id, parameters->profile);
    return name != nullptr ? name : "";
}

MediaInfo::Video video_info(const AVStream* stream)
{
    const AVCodecParameters* p = stream->codecpar;
    MediaInfo::Video video;
    video.codec = avcodec_get_name(p->codec_id);
    video.profile = profile_name(p);
    video.size = {p->width, p->height};
    const Orientation shown = orientation_of(stream);
    video.rotation = shown.rotation;
    video.mirrored = shown.mirrored;
    video.pixel_format = or_unknown(av_get_pix_fmt_name(static_cast<AVPixelFormat>(p->format)));
    const AVRational rate = rate_of(stream);
    video.rate = {rate.num, rate.den};
    if (p->sample_aspect_ratio.num > 0) {
        AVRational aspect{}; // GIF's decoder says 64:64
        av_reduce(&aspect.num, &aspect.den, p->sample_aspect_ratio.num, p->sample_aspect_ratio.den, INT_MAX);
        video.sample_aspect_ratio = std::to_string(aspect.num) + ":" + std::to_string(aspect.den);
    }
    video.range = or_unknown(av_color_range_name(p->color_range));
    video.primaries = or_unknown(av_color_primaries_name(p->color_primaries));
    video.transfer = or_unknown(av_color_transfer_name(p->color_trc));
    video.matrix = or_unknown(av_color_space_name(p->color_space));
    video.frames_claimed = stream->nb_frames;
    video.bitrate = p->bit_rate;
    return video;
}

MediaInfo::Audio audio_info(const AVStream* stream)
{
    const AVCodecParameters* p = stream->codecpar;
    return {avcodec_get_name(p->codec_id), profile_name(p), p->sample_rate, p->ch_layout.nb_channels, p->bit_rate};
}

const AVStream* best(const InputPtr& container, AVMediaType type)
{
    const int index = av_find_best_stream(container.get(), type, -1, -1, nullptr, 0);
    return index < 0 ? nullptr : container->streams[index];
}

void measure_picture(const std::filesystem::path& file, Measured& measured, const std::stop_token& stop)
{
    VideoReader reader(file, {.threads = 0});
    const double step = 1 / reader.rate().fps();
    double last = 0;
    while (auto shown = reader.next()) {
        if (stop.stop_requested()) {
            throw Error(Errc::interrupted, file.string() + ": stopped");
        }
        if (measured.frames > 0 && std::abs(shown->seconds - last - step) > 0.0015) {
            measured.constant_rate = false;
        }
        last = shown->seconds;
        ++measured.frames;
    }
    measured.seconds = measured.frames > 0 ? last + step : 0;
}

MediaInfo media_info(const std::filesystem::path& file, Detail detail, Accept accept = Accept::clips)
{
    std::error_code code;
    const InputPtr container = open_container(file, detail, accept);
    MediaInfo info;
    info.container = container->iformat->name;
    info.seconds_claimed =
        container->duration == AV_NOPTS_VALUE ? 0 : static_cast<double>(container->duration) / AV_TIME_BASE;
    info.bytes = static_cast<std::int64_t>(std::filesystem::file_size(file, code));
    if (const AVStream* stream = best(container, AVMEDIA_TYPE_VIDEO)) {
        info.video = video_info(stream);
    }
    if (const AVStream* stream = best(container, AVMEDIA_TYPE_AUDIO)) {
        info.audio = audio_info(stream);
    }
    return info;
}

} // namespace

MediaInfo probe(const std::filesystem::path& file)
{
    return media_info(file, Detail::decoded);
}

MediaInfo probe_take(const std::filesystem::path& file)
{
    return media_info(file, Detail::decoded, Accept::takes);
}

MediaInfo probe_header(const std::filesystem::path& file)
{
    return media_info(file, Detail::header);
}

Measured measure(const std::filesystem::path& file, std::stop_token stop)
{
    const MediaInfo info = probe_header(file);
    Measured measured;
    if (info.audio) {
        measured = measure_sound(file, true, stop);
    }
    if (info.video) {
        measure_picture(file, measured, stop);
    }
    return measured;
}

Measured measure_sound(const std::filesystem::path& file, bool meter, std::stop_token stop)
{
    AudioReader reader(file, 48000);
    LoudnessMeter loudness;
    Measured measured;
    std::vector<float> block(2 * 8192);
    while (const std::size_t got = reader.read(block)) {
        if (stop.stop_requested()) {
            throw Error(Errc::interrupted, file.string() + ": stopped");
        }
        if (meter) {
            loudness.add({block.data(), 2 * got});
        }
        measured.samples += static_cast<std::int64_t>(got);
    }
    if (meter) {
        measured.loudness = loudness.integrated();
        measured.true_peak = loudness.true_peak();
    }
    return measured;
}

std::optional<double> loudest_short_term(const std::filesystem::path& file)
{
    constexpr std::size_t k_step = 4800; // 100 ms
    constexpr std::int64_t k_window = 3 * 48000;
    AudioReader reader(file, 48000);
    LoudnessMeter meter;
    std::vector<float> block(2 * k_step);
    std::optional<double> loudest;
    std::int64_t samples = 0;
    while (const std::size_t got = reader.read(block)) {
        meter.add({block.data(), 2 * got});
        samples += static_cast<std::int64_t>(got);
        const std::optional<double> now = samples < k_window ? std::nullopt : meter.short_term();
        loudest = now ? std::max(loudest.value_or(*now), *now) : loudest;
    }
    return loudest;
}

void to_json(nlohmann::json& json, const MediaInfo& info)
{
    json = {{"container", info.container}, {"seconds", info.seconds_claimed}, {"bytes", info.bytes}};
    if (info.video) {
        const auto& v = *info.video;
        json["video"] = {{"codec", v.codec},
                         {"profile", v.profile},
                         {"size", v.size.text()},
                         {"rotation", v.rotation},
                         {"mirrored", v.mirrored},
                         {"pixel_format", v.pixel_format},
                         {"sample_aspect_ratio", v.sample_aspect_ratio},
                         {"rate", v.rate.text()},
                         {"range", v.range},
                         {"primaries", v.primaries},
                         {"transfer", v.transfer},
                         {"matrix", v.matrix},
                         {"frames_claimed", v.frames_claimed},
                         {"bitrate", v.bitrate}};
    }
    if (info.audio) {
        const auto& a = *info.audio;
        json["audio"] = {{"codec", a.codec},
                         {"profile", a.profile},
                         {"sample_rate", a.sample_rate},
                         {"channels", a.channels},
                         {"bitrate", a.bitrate}};
    }
}

void to_json(nlohmann::json& json, const Measured& measured)
{
    json = {{"frames", measured.frames},
            {"seconds", measured.seconds},
            {"constant_rate", measured.constant_rate},
            {"samples", measured.samples},
            {"loudness", or_null(measured.loudness)},
            {"true_peak", or_null(measured.true_peak)}};
}

} // namespace longtake::av
