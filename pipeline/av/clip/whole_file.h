#pragma once

#include "pipeline/av/ffmpeg.h"

namespace longtake::av {

/// Whether a file is as long as its container says: half a download is not. True where nothing is said.
bool is_whole_file(AVFormatContext* container);

/// Seconds a container's header claims; 0: nothing, or only libavformat's guess.
double claimed_seconds(const AVFormatContext* container);

} // namespace longtake::av
