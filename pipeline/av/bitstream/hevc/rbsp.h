#pragma once

#include "pipeline/av/bitstream/bits.h"
#include "pipeline/av/bitstream/hevc/nal.h"
#include "pipeline/av/bitstream/hevc/parameter_sets.h"

namespace longtake::av::hevc {

/// A NAL unit's bits, and how far they mean something. Throws Error(input) when it is of another type.
struct Rbsp {
    Rbsp(View nal, NalType type, const char* name);

    /// Behind the header.
    BitReader reader() const { return {bytes, end, k_header_bytes}; }

    /// With the same header.
    BitWriter writer() const;

    Bytes bytes;
    std::size_t end = 0; ///< the stop bit
};

/// The st_ref_pic_set (ITU-T H.265, 7.3.7) after those that are known; `in_slice`: a slice's own, not one of the SPS.
ShortTermSet read_short_term_set(BitReader& in, const std::vector<ShortTermSet>& known, bool in_slice);

/// profile_tier_level (7.3.3), of the whole stream and then of its sub-layers.
Profile read_profile(BitReader& in, int sub_layers);

/// scaling_list_data (7.3.4), which is passed over.
void skip_scaling_lists(BitReader& in);

/// Bits that a number below `count` takes: Ceil(Log2(count)).
int bits_for(int count) noexcept;

} // namespace longtake::av::hevc
