#pragma once

#include "pipeline/av/clip/video_reader.h"
#include "pipeline/av/media_writer.h"

#include <string>

namespace longtake::test {

/// What libx264 is asked for of a clip's frames at CRF 18.
inline av::MediaSpec libx264_spec(const av::VideoReader& reader, const std::string& preset)
{
    av::MediaSpec spec;
    spec.size = reader.size();
    spec.rate = reader.rate();
    spec.video.codec = "h264";
    spec.video.encoder = "libx264";
    spec.video.encoder_preset = preset;
    spec.video.crf = 18;
    return spec;
}

} // namespace longtake::test
