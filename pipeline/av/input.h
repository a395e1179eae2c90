#pragma once

#include "pipeline/av/bitstream/codec.h"
#include "pipeline/av/bitstream/h264/parameter_sets.h"
#include "pipeline/av/clip/damage.h"
#include "pipeline/av/container.h"
#include "pipeline/av/ffmpeg.h"
#include "pipeline/model/rate.h"

#include <filesystem>
#include <memory>
#include <optional>

namespace longtake::av {

/// Seconds of sound after the last picture from which on that picture is held.
constexpr double k_sound_holds = 0.25;

/// An opened container and one stream of it with its decoder. Shared by the readers of this room; holds libav
/// types, so it is included from sources only.
struct InputStream {
    InputPtr container;
    AVStream* stream = nullptr; ///< owned by the container
    CodecPtr decoder;
    std::string name; ///< of the file, for messages

    /// When the stream's presentation begins, in AV_TIME_BASE units: a clip begins with the first of its pictures that
    /// can be shown.
    std::int64_t origin = 0;

    /// It was cut where decoding cannot begin: until a picture comes that can be shown, what does not decode is passed
    /// over.
    bool cut_in = false;

    Damage damage = Damage::refused;

    /// Seconds from the start of the presentation: where what was read of the stream ends, and where the sound ends
    /// (in formats without an index only what lies before the packets read).
    double read_until = 0;
    double sound_until = 0;

    /// A packet that was looked at and is still to be given.
    PacketPtr ahead;

    /// The track's first packet, where decoding can begin at it: some streams say there how they are read.
    PacketPtr first;

    /// Decoding may skip pictures that no other depends on while they end before this (in the stream's time base): what
    /// lies between the keyframe a seek leads to and the picture wanted.
    std::int64_t wanted_from = AV_NOPTS_VALUE;

    /// Pictures between others are left out: of HEVC, where all may be of one kind, those that no other depends on;
    /// else those predicted from both sides (B), which leaves the others bit-exact in what encoders make.
    bool sparse = false;

    /// Its timestamps say when pictures are decoded and nothing says when they are shown: files without composition
    /// times (ctts), and AVI, which has no place for them. They are shown in the order they come out of the decoder.
    bool timed_by_decoding = false;

    /// Seconds from the start of the presentation of a timestamp of this stream.
    double seconds(std::int64_t pts) const noexcept;

    /// The same of a time of another stream of the file.
    double seconds(std::int64_t time, AVRational base) const noexcept;
};

/// Reads the next packet of a stream. False at the end of the file; throws Error(input) on damage, also where the file
/// ends before the length it claims.
bool read_packet(InputStream& input, AVPacket* packet);

/// Opens a container and finds the best video stream in it; streams that are not needed are discarded. No decoder.
/// Throws Error(input) "file: has no video stream" and the like, also if no picture of it can be shown.
InputStream open_track(const std::filesystem::path& file, Damage damage = Damage::refused);

/// Opens the best video stream with its decoder, set to stop at damage unless it is to be passed over.
/// Throws Error(input) "file: has no video stream" and the like.
InputStream open_stream(const std::filesystem::path& file, int threads, Damage damage = Damage::refused);

/// A packet's bytes, and those of a stream's header (empty: it has none); valid as long as what they are of.
View bytes_of(const AVPacket* packet);
View header_of(const AVCodecParameters* parameters);

/// How the packets of a track are read. Throws Error(input) if its header is damaged.
std::unique_ptr<StreamHeader> header_of(const InputStream& input, const SpliceableCodec& codec);

/// The sequence parameter set in the header of an H.264 stream; empty if there is none, or it cannot be read.
std::optional<h264::Sps> sps_of(const AVCodecParameters* parameters);

/// Nominal (average) frame rate; 25 where nothing is said.
AVRational rate_of(const AVStream* stream);

/// Whether pixels are square, within half a per cent: what scaling to even sides leaves. Unknown is square.
bool is_square(AVRational pixel_aspect) noexcept;

/// The shape of a frame's pixels as players show it: the container's word before the stream's; 1:1 where it is as good
/// as square, or nobody's (16:1 and longer).
AVRational pixel_aspect(AVFormatContext* container, AVStream* stream, AVFrame* frame);

/// The size a stream's pictures are shown at: pixels made square (the height stays), then turned upright.
Size displayed_size(AVFormatContext* container, AVStream* stream);

/// After a seek into the middle: what does not decode is damage, or a seek that led astray.
void expect_all(InputStream& input);

/// Feeds the decoder until it gives a frame. False at the end of the stream; throws Error(input) on damage.
bool decode_next(InputStream& input, AVPacket* packet, AVFrame* frame);

} // namespace longtake::av
