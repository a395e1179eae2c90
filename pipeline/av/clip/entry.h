#pragma once

#include "pipeline/av/ffmpeg.h"

namespace longtake::av {

/// Whether everything from a stream's first packet on can be decoded and shown. Not so of streams cut where a picture
/// needs what came before: at a keyframe of an open group of pictures (H.264 recovery points, HEVC CRA, MPEG-2 without
/// closed_gop) or between keyframes.
bool can_begin_at(const AVStream* stream, const AVPacket* first);

/// The first packet of an MP4's stream, taken by its index: the reader stays where it is, as it goes to each packet's
/// place anyway. Null where there is no index, or the file ends before.
PacketPtr first_by_index(AVFormatContext* container, const AVStream* stream);

} // namespace longtake::av
