#pragma once

#include "pipeline/av/bitstream/hevc/parameter_sets.h"

#include <vector>

namespace longtake::av::hevc {

/// hvcC, the decoder configuration record of ISO/IEC 14496-15, 8.3.3.1.
struct HevcConfig {
    int length_size = 4;
    std::vector<Bytes> vps; ///< NAL units
    std::vector<Bytes> sps;
    std::vector<Bytes> pps;
};

/// From hvcC or from Annex B (length_size 0 then). Throws Error(input).
HevcConfig parse_config(View extradata);

/// hvcC for `hvc1`: 4-byte lengths, all parameter sets in it and none in the stream. The profile is one that all SPS
/// conform to, tier and level are the highest. At most 16 VPS and SPS and 64 PPS, of one kind of picture: throws
/// Error(internal) otherwise.
Bytes build_config(const std::vector<Bytes>& vps, const std::vector<Bytes>& sps, const std::vector<Bytes>& pps);

} // namespace longtake::av::hevc
