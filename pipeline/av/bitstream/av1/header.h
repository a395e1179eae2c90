#pragma once

#include "pipeline/av/bitstream/av1/obu.h"
#include "pipeline/av/bitstream/av1/sequence_header.h"
#include "pipeline/av/bitstream/codec.h"

namespace longtake::av::av1 {

/// A stream by its sequence header. Where its first packet brings one, that is the header: what the container holds may
/// be another, and is not what decoders go by (FFmpeg 5.1 writes one for SVT-AV1 in which most tools are off).
class Header final : public StreamHeader {
public:
    /// `first`: the stream's first packet, as far as it is known. Throws Error(input) when there is no sequence header,
    /// or a damaged one.
    Header(View extradata, View first);

    std::string copy_blocker() const override;
    std::string identity() const override;
    std::string pixel_format() const override;
    int references() const override;
    int profile() const override { return sequence_.profile; }
    int level() const override { return sequence_.level; }
    CodedPicture look_at(View packet, bool key) const override;
    bool same_picture(View packet, bool begins, const StreamHeader& source, View original) const override;

    const SequenceHeader& sequence() const noexcept { return sequence_; }
    View payload() const noexcept { return payload_; } ///< of the sequence header
    CommonWords words() const noexcept { return {sequence_.level, sequence_.tier, sequence_.chroma_position}; }

    struct Rewritten {
        Bytes unit;
        bool entry = false;
    };

    /// A temporal unit of this stream for one whose sequence headers say `words`: without what has no place in a
    /// sample, and where it is an entry with a sequence header in front of it (as sync samples need).
    Rewritten rewritten(View packet, const CommonWords& words) const;

private:
    void look_into(const Obu& obu, CodedPicture& seen) const;
    void look_into_frame(const Obu& obu, bool first, CodedPicture& seen) const;

    Bytes payload_;
    SequenceHeader sequence_;
    std::string copy_blocker_;
};

} // namespace longtake::av::av1
