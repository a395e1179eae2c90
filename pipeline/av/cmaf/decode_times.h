#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace longtake::av::cmaf {

/// When the pictures of one closed GOP are decoded, so that its fragment begins when its first picture is shown, no
/// picture is shown before it is decoded, and nothing of it lasts beyond its end. Players disagree on everything else
/// that brings B-pictures to time 0. Playing HLS and DASH, GStreamer 1.22 ignores edit lists and shows pictures late by
/// the reordering; offsets below zero (trun version 1, as CMAF has them) make it and FFmpeg 5.1's demuxer show them
/// late by the largest of them (findings/gstreamer-hls-edit-list-late.sh, findings/ffmpeg-cmaf-offsets-late.sh).
///
/// `shown`: when each is shown, in decode order, in ticks; the first is the first that is shown. As many as the
/// pictures are reordered are squeezed into the first one's time. Throws Error(internal) where that is impossible.
std::vector<std::int64_t> decode_times(std::span<const std::int64_t> shown);

} // namespace longtake::av::cmaf
