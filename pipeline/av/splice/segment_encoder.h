#pragma once

#include "pipeline/av/frame.h"
#include "pipeline/av/media_writer.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace longtake::av {

/// A run of frames encoded on its own: it begins with an IDR picture and nothing in it refers to what is outside.
struct EncodedSegment {
    struct Packet {
        std::vector<std::uint8_t> data;
        std::int64_t shown = 0; ///< the picture's place, counted from the segment's first frame
    };
    std::vector<std::uint8_t> parameters; ///< the encoder's extradata
    std::vector<Packet> packets;          ///< in decode order
};

/// Encodes one segment, on one thread: several segments at once use the cores better than one encoder's threads do.
class SegmentEncoder {
public:
    /// Throws Error(usage) as MediaWriter does. `spec.threads` is ignored.
    explicit SegmentEncoder(const MediaSpec& spec);
    ~SegmentEncoder();
    SegmentEncoder(SegmentEncoder&&) noexcept;
    SegmentEncoder& operator=(SegmentEncoder&&) noexcept;

    void write(const Frame& frame);
    EncodedSegment finish();

    /// Frames by which decoding leads showing in what it makes.
    int reorder() const noexcept;

    /// The parameter sets it uses, known before the first frame.
    std::vector<std::uint8_t> parameters() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace longtake::av
