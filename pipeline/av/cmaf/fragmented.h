#pragma once

#include "pipeline/av/cmaf/track_index.h"
#include "pipeline/av/ffmpeg.h"

#include <cstdint>
#include <span>

namespace longtake::av::cmaf {

/// libavformat's MP4 muxer told to write a header at once, and a fragment when it is flushed. Its own choices of when a
/// fragment ends, and its index, are not used. Holds libav types, so it is included from sources only.
void set_options(AVDictionary** options);

/// Writes an empty box behind the header, which is written, for an index of so many segments.
ByteRange leave_room(AVIOContext* file, std::int64_t segments);

/// Writes the packets of a closed GOP (pts in units of `base`, in decode order) as one fragment, which lasts until
/// `end`, with decode_times(). Throws Error(internal), Error(storage).
void write_fragment(AVFormatContext* output, const AVStream* stream, AVRational base, std::span<const PacketPtr> gop,
                    std::int64_t end);

/// Ends the fragment of what was written.
void end_fragment(AVFormatContext* output);

} // namespace longtake::av::cmaf
