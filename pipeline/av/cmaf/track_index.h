#pragma once

#include "pipeline/model/rate.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace longtake::av::cmaf {

/// A stretch of a file.
struct ByteRange {
    std::int64_t at = 0;
    std::int64_t bytes = 0;

    std::int64_t end() const noexcept { return at + bytes; }
    friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// A movie fragment with its media (moof and mdat).
struct Fragment {
    ByteRange where;
    ByteRange first_sample; ///< the data of its first sample, which decoding begins with
    std::int64_t start = 0; ///< ticks
    std::int64_t ticks = 0; ///< how long it lasts
    std::int64_t samples = 0;
};

/// What the header of a fragmented MP4 of one track says, and where its fragments are: read from its boxes alone
/// (ISO/IEC 14496-12), so that it can be held against what libavformat wrote.
struct TrackIndex {
    std::string codec; ///< RFC 6381: "avc1.640028", "mp4a.40.2"
    Size size;         ///< of pictures
    int channels = 0;  ///< of sound
    int sample_rate = 0;
    std::int64_t timescale = 0; ///< ticks a second
    ByteRange header;           ///< ftyp and moov
    ByteRange segment_index;    ///< sidx; no bytes: there is none
    std::vector<Fragment> fragments;

    double seconds(std::int64_t ticks) const noexcept
    {
        return static_cast<double>(ticks) / static_cast<double>(timescale);
    }

    /// Of the whole track.
    std::int64_t ticks() const noexcept;
};

/// Reads a file and holds it against what players rely on: one track, no edit list, fragments that follow each other
/// without a gap from time 0, each begun by a sample that decoding may begin with, no sample shown before its fragment
/// or after it, and a segment index, if there is one, that fits. Throws Error(unverified) "file: what is wrong".
TrackIndex read_track(const std::filesystem::path& file);

} // namespace longtake::av::cmaf
