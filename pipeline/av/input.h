#pragma once

#include "pipeline/av/accepted.h"
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

    /// When the stream's presentation begins, in AV_TIME_BASE units: its first timestamp is time zero, for a clip
    /// begins with its first picture.
    std::int64_t origin = 0;

    /// Decoding may skip pictures that no other depends on while they end before this (in the stream's time base): what
    /// lies between the keyframe a seek leads to and the picture wanted.
    std::int64_t wanted_from = AV_NOPTS_VALUE;

    /// Its timestamps say when pictures are decoded and nothing says when they are shown: files without composition
    /// times (ctts), and AVI, which has no place for them. They are shown in the order they come out of the decoder.
    bool timed_by_decoding = false;

    /// Seconds from the start of the presentation of a timestamp of this stream.
    double seconds(std::int64_t pts) const noexcept;
};

/// What is to be known of a file's streams.
enum class Detail {
    header,  ///< enough to decode: where the container's header says it, nothing is decoded to find out
    decoded, ///< everything libavformat can tell, which decodes the first frames
};

/// Opens a container: the one place where media are opened. It and its streams are of accepted kinds only, and no
/// other file is opened for it. Throws Error(input) "file: reason".
InputPtr open_container(const std::filesystem::path& file, Detail detail = Detail::decoded,
                        Accept accept = Accept::clips);

/// Reads the next packet of a stream. False at the end of the file; throws Error(input) on damage.
bool read_packet(InputStream& input, AVPacket* packet);

/// Opens a container and finds the best stream of a type in it; all others are discarded. No decoder.
/// Throws Error(input) "file: has no video stream" and the like.
InputStream open_track(const std::filesystem::path& file, AVMediaType type);

/// Nominal (average) frame rate; 25 where nothing is said.
AVRational rate_of(const AVStream* stream);

/// Clockwise rotation the container asks for: 0, 90, 180 or 270 degrees.
int rotation_of(const AVStream* stream);

/// Opens the best stream of a type with its decoder, set to stop at damage.
/// Throws Error(input) "file: has no video stream" and the like.
InputStream open_stream(const std::filesystem::path& file, AVMediaType type, int threads);

/// Feeds the decoder until it gives a frame. False at the end of the stream; throws Error(input) on damage.
bool decode_next(InputStream& input, AVPacket* packet, AVFrame* frame);

} // namespace longtake::av
