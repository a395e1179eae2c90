#pragma once

#include "pipeline/av/ffmpeg.h"
#include "pipeline/av/media_writer.h"

#include <vector>

namespace longtake::av {

/// A spec's captions as packets of a subtitle stream, in milliseconds. Holds libav types, so it is included from
/// sources only.
class CaptionTrack {
public:
    static constexpr AVRational k_time_base{1, 1000};

    /// Throws Error(usage) where holds_captions() says no.
    explicit CaptionTrack(const MediaSpec& spec);

    /// Describes the stream, its language with it.
    void describe(AVStream* stream) const;

    /// The next one that begins before this moment, in seconds; null: there is none.
    PacketPtr next_before(double seconds);

private:
    std::vector<Caption> captions_;
    std::string language_; ///< ISO 639-2
    CodecPtr encoder_;
    std::size_t next_ = 0;
};

} // namespace longtake::av
