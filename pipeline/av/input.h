#pragma once

#include "pipeline/av/ffmpeg.h"

#include <filesystem>

namespace longtake::av {

/// An opened container and one stream of it with its decoder. Shared by the readers of this room; holds libav
/// types, so it is included from sources only.
struct InputStream {
    InputPtr container;
    AVStream* stream = nullptr; ///< owned by the container
    CodecPtr decoder;
    std::string name; ///< of the file, for messages

    /// Presentation time zero in AV_TIME_BASE units: files that start late (transport streams) are read from
    /// their first timestamp, so that picture and sound share one zero.
    std::int64_t origin = 0;

    /// Seconds from the start of the presentation of a timestamp of this stream.
    double seconds(std::int64_t pts) const noexcept;
};

/// Opens a container. Throws Error(input) "file: reason".
InputPtr open_container(const std::filesystem::path& file);

/// Opens the best stream of a type with its decoder, set to stop at damage.
/// Throws Error(input) "file: has no video stream" and the like.
InputStream open_stream(const std::filesystem::path& file, AVMediaType type, int threads);

/// Feeds the decoder until it gives a frame. False at the end of the stream; throws Error(input) on damage.
bool decode_next(InputStream& input, AVPacket* packet, AVFrame* frame);

} // namespace longtake::av
