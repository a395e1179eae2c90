#pragma once

#include "pipeline/av/cmaf/track_index.h"
#include "pipeline/av/media_writer.h"
#include "pipeline/av/sound/sound_feed.h"
#include "pipeline/av/speech/caption_track.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace longtake::av {

struct OutputFree {
    void operator()(AVFormatContext* context) const noexcept;
};

/// Writes one video stream, given as packets, and perhaps one audio stream, given as samples, and captions into a file.
/// Video time is counted in frames. Holds libav types, so it is included from sources only.
class Muxer {
public:
    /// Creates the file. Throws Error(usage) for a container or audio encoder that does not exist.
    Muxer(const std::filesystem::path& part, const MediaSpec& spec, SoundSource sound);

    /// Whether parameter sets belong into the header, not into the stream.
    bool global_header() const noexcept;

    /// Declares the video and writes the header.
    void begin(const AVCodecParameters* video);

    /// Writes a packet with pts and dts in frames; then sound up to a little after it.
    /// Throws Error(internal) unless dts grow and no pts lies before its dts: libavformat would only warn and spoil
    /// both.
    void write(AVPacket* packet);

    /// The rest of the sound and the trailer; closes the file.
    void finish();

private:
    AVStream* add_stream(AVRational time_base);
    void add_chapters();
    PacketSink to(AVStream* stream, AVRational time_base);
    void write_fragment();
    void write_sound(double until);
    void write_captions(double until);

    MediaSpec spec_;
    std::string name_;
    std::unique_ptr<AVFormatContext, OutputFree> output_;
    AVStream* video_ = nullptr; ///< owned by `output_`
    AVStream* audio_ = nullptr; ///< owned by `output_`
    AVStream* text_ = nullptr;  ///< owned by `output_`
    std::optional<SoundFeed> sound_;
    std::optional<CaptionTrack> captions_;
    std::vector<PacketPtr> gop_; ///< of a fragmented file: what is not written yet
    cmaf::ByteRange index_room_;
    std::int64_t frames_ = 0;
    std::int64_t last_dts_ = INT64_MIN;
};

} // namespace longtake::av
