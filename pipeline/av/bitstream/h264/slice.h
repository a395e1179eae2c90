#pragma once

#include "pipeline/av/bitstream/h264/parameter_sets.h"

#include <optional>

namespace longtake::av::h264 {

/// The head of a slice header (ITU-T H.264, 7.3.3).
struct Slice {
    bool idr = false;
    int ref_idc = 0; ///< nal_ref_idc: 0 when no other picture refers to this one
    int first_mb = 0;
    int type = 0; ///< 0 P, 1 B, 2 I, 3 SP, 4 SI (modulo 5)
    int pps_id = 0;
    int frame_num = 0;
    std::optional<int> idr_pic_id; ///< IDR only
};

/// The PPS id alone, which can be read before it is known which parameter sets apply.
int pps_id_of(View slice);

/// Throws Error(input) when the header is damaged or interlaced.
Slice parse_slice(View slice, const Sps& sps, const Pps& pps);

/// Values to be put in place of a slice header's own.
struct SliceIds {
    std::optional<int> pps_id;
    std::optional<int> idr_pic_id; ///< ignored for slices that are not IDR
};

/// The same slice with other ids. Both are of variable length, so the header is written anew: the slice data is
/// re-aligned (CABAC) or shifted (CAVLC), and emulation prevention is done again. Decodes to the same picture.
/// Throws Error(input) for what cannot be rewritten: interlaced, several slice groups, separate colour planes, SP and
/// SI.
Bytes rewritten(View slice, const Sps& sps, const Pps& pps, const SliceIds& ids);

} // namespace longtake::av::h264
