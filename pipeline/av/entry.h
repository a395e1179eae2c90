#pragma once

#include "pipeline/av/ffmpeg.h"

namespace longtake::av {

/// Whether everything from a stream's first packet on can be decoded and shown. Not so of streams cut where a picture
/// needs what came before: at a keyframe of an open group of pictures (H.264 recovery points, HEVC CRA, MPEG-2 without
/// closed_gop) or between keyframes.
bool can_begin_at(const AVStream* stream, const AVPacket* first);

} // namespace longtake::av
