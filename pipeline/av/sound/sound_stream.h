#pragma once

#include "pipeline/av/clip/damage.h"
#include "pipeline/av/ffmpeg.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace longtake::av {

/// Packets and frames of one sound track, each frame with the moment it is heard.
class SoundStream {
public:
    /// `which` of the tracks that are heard (see SoundTracks). Throws Error(input) if there is none, or no decoder for
    /// it.
    explicit SoundStream(const std::filesystem::path& file, std::size_t which = 0, Damage damage = Damage::refused);

    /// The next decoded frame, or null at the true end. Valid until the next call. Throws Error(input) on damage,
    /// also where the file ends before what its index or header promised.
    AVFrame* next();

    /// The first source sample `frame` holds, counted at its own rate from the file's time 0; empty if it has no
    /// timestamp.
    std::optional<std::int64_t> position(const AVFrame* frame);

    /// How many of the frame's samples belong to the film: MP4 says by the last packet's duration what is padding.
    int sounding(const AVFrame* frame) const;

    /// Tries to go to shortly before `seconds`; only where timestamps survive a seek.
    void seek(double seconds);

    /// Of the header; what is decoded may be at another.
    int rate() const noexcept { return codec_->sample_rate; }

    /// How many tracks of the file are heard.
    std::size_t tracks() const noexcept { return tracks_; }

    /// Whether a gap in the timestamps can only mean lost data: Ogg drops pages that fail their checksum.
    bool gap_is_damage() const { return damage_ == Damage::refused && format_is("ogg"); }

    /// Throws Error(input) naming the file.
    [[noreturn]] void damaged(const std::string& how) const;

private:
    /// Where a file's clock begins.
    enum class Origin { zero, first_picture, first_sound };

    void open_codec();
    void check_rate(int rate) const;
    void feed();
    void send(const AVPacket* packet);
    bool is_last(const AVFrame* frame) const;
    void expect_whole() const;
    std::optional<double> claimed_seconds() const;
    bool format_is(const char* part) const;

    /// Bare streams are timed by libavformat, by the rate they begin with.
    bool has_no_clock() const;

    std::string name_;
    Damage damage_;
    std::size_t tracks_ = 0;
    InputPtr input_;
    CodecPtr codec_;
    PacketPtr packet_{av_packet_alloc()};
    FramePtr frame_{av_frame_alloc()};
    AVStream* stream_ = nullptr;
    Origin origin_kind_ = Origin::zero;
    std::optional<double> origin_; ///< seconds on the file's clock of our time 0
    std::int64_t last_dts_ = AV_NOPTS_VALUE;
    double heard_until_ = 0; ///< seconds on the file's clock
};

} // namespace longtake::av
