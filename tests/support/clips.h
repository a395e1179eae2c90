#pragma once

#include "pipeline/av/frame.h"
#include "pipeline/av/media_writer.h"
#include "pipeline/model/rate.h"

#include <cstdint>
#include <filesystem>

namespace longtake::test {

/// A clip whose every frame tells its number: luma is `base + step * index`, flat.
struct ClipSpec {
    int frames = 10;
    Size size{64, 48};
    Rate rate{30, 1};
    int base = 40;
    int step = 2;
    std::string container = "mp4";
};

/// Writes such a clip with libx264 at a quality that keeps flat luma exact within 1.
inline std::filesystem::path write_counting_clip(const std::filesystem::path& file, const ClipSpec& clip = {})
{
    av::MediaSpec spec;
    spec.container = clip.container;
    spec.size = clip.size;
    spec.rate = clip.rate;
    spec.video.codec = "h264";
    spec.video.encoder = "libx264";
    spec.video.encoder_preset = "veryfast";
    spec.video.crf = 5;
    spec.threads = 1;
    av::MediaWriter writer(file, spec);
    for (int i = 0; i < clip.frames; ++i) {
        writer.write(av::Frame::plain(clip.size, static_cast<std::uint8_t>(clip.base + clip.step * i), 128, 128));
    }
    writer.finish();
    return file;
}

/// The luma in the middle of a frame.
inline int middle_luma(const av::Frame& frame)
{
    const Size size = frame.size();
    return frame.plane(0)[size.height / 2 * frame.stride(0) + size.width / 2];
}

} // namespace longtake::test
