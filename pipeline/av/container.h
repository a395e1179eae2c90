#pragma once

#include "pipeline/av/clip/accepted.h"
#include "pipeline/av/ffmpeg.h"

#include <filesystem>

namespace longtake::av {

/// What is to be known of a file's streams.
enum class Detail {
    header,  ///< enough to decode: where the container's header says it, nothing is decoded to find out
    decoded, ///< everything libavformat can tell, which decodes the first frames
};

/// Opens a container: the one place where media are opened. It and its streams are of accepted kinds only, and no
/// other file is opened for it. Throws Error(input) "file: reason".
InputPtr open_container(const std::filesystem::path& file, Detail detail = Detail::decoded,
                        Accept accept = Accept::clips);

/// Whether the header of an opened container told everything a decoder and a clock need. MP4's does, where finding out
/// by decoding costs 50 ms a 1080p clip; it also has an index of every packet.
bool told_by_header(const AVFormatContext* container);

} // namespace longtake::av
