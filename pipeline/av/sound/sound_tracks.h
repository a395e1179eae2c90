#pragma once

#include "pipeline/av/ffmpeg.h"

#include <vector>

namespace longtake::av {

/// Which of a file's sound tracks are heard. Owned by the container.
struct SoundTracks {
    std::vector<AVStream*> heard; ///< none, one, or two of one channel each: left and right
    std::vector<AVStream*> others;
};

/// The track marked as the default, or the best. Cameras write each microphone to a track of its own (MXF, MOV): where
/// all are mono PCM at one rate, the first two are left and right.
SoundTracks sound_tracks(AVFormatContext* container);

} // namespace longtake::av
