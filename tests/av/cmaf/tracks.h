#pragma once

#include "pipeline/av/media_writer.h"

#include <filesystem>

namespace longtake::test {

/// What a silent track of a stream with B-pictures and a GOP of half a second is asked for.
inline av::MediaSpec track_spec(std::int64_t frames)
{
    av::MediaSpec spec;
    spec.container = "cmaf";
    spec.size = {320, 180};
    spec.rate = {30, 1};
    spec.frames = frames;
    spec.segment_seconds = 1;
    spec.video.codec = "h264";
    spec.video.encoder = "libx264";
    spec.video.encoder_preset = "veryfast";
    spec.video.crf = 23;
    spec.video.bframes = 2;
    spec.video.gop_seconds = 0.5;
    spec.video.options = {{"x264-params", "scenecut=0"}};
    spec.threads = 1;
    return spec;
}

/// Whose every frame is a little lighter than the one before.
inline std::filesystem::path write_track(const std::filesystem::path& file, std::int64_t frames)
{
    const av::MediaSpec spec = track_spec(frames);
    av::MediaWriter writer(file, spec);
    for (std::int64_t i = 0; i < frames; ++i) {
        writer.write(av::Frame::plain(spec.size, static_cast<std::uint8_t>(40 + i % 180), 128, 128));
    }
    writer.finish();
    return file;
}

} // namespace longtake::test
