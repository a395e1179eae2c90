#pragma once

#include "pipeline/av/cmaf/track_index.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace longtake::av::cmaf {

/// What players fetch at once: fragments that follow each other.
struct MediaSegment {
    ByteRange where;
    std::int64_t start = 0; ///< ticks
    std::int64_t ticks = 0;
};

/// The fragments of a track in segments of as many as go into `target` seconds, at least one each: tracks whose
/// fragments begin at the same times have segments that do.
std::vector<MediaSegment> segments_of(const TrackIndex& track, double target);

/// The most segments of `seconds` that segments_of() makes: two in a row are longer than `target` together.
std::int64_t most_segments(double seconds, double target);

/// Bits a second.
struct Bandwidth {
    std::int64_t peak = 0;    ///< RFC 8216, 4.1: of segments in a row that last 0.5 to 1.5 targets
    std::int64_t average = 0; ///< of all
};

/// Measured, not guessed.
Bandwidth bandwidth_of(std::span<const MediaSegment> segments, std::int64_t timescale, double target);

/// A segment index (sidx, ISO/IEC 14496-12, 8.16.3) that stands directly before the first segment, all of which begin
/// with a picture that decoding may begin with.
std::vector<std::uint8_t> segment_index(std::span<const MediaSegment> segments, std::int64_t timescale);

/// Bytes of a segment index of so many segments.
std::int64_t segment_index_bytes(std::int64_t segments) noexcept;

/// Writes a segment index of a finished track into the room that was left before its first fragment, in a `free` box
/// that begins at `room`. Throws Error(internal) where it is too small, Error(storage), and as read_track().
void write_segment_index(const std::filesystem::path& file, ByteRange room, double target);

/// Throws Error(unverified) unless an index (the payload of a sidx) names stretches of the file that are whole
/// fragments of the durations it says, from the first to the last.
void need_matching_index(const TrackIndex& track, std::span<const std::uint8_t> index);

} // namespace longtake::av::cmaf
