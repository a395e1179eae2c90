#pragma once

#include "pipeline/av/bitstream/hevc/parameter_sets.h"

#include <optional>

namespace longtake::av::hevc {

/// The head of a slice segment header (ITU-T H.265, 7.3.6.1).
struct Slice {
    NalType type{};
    bool first = false;         ///< of its picture
    bool drops_earlier = false; ///< no_output_of_prior_pics_flag; entries only
    int pps_id = 0;
    std::optional<bool> is_b;   ///< empty: a dependent slice segment, which goes on with the one before
    std::optional<int> poc_lsb; ///< slice_pic_order_cnt_lsb; empty for IDR pictures and dependent segments
};

/// The PPS id alone, which can be read before it is known which parameter sets apply.
int pps_id_of(View slice);

/// Throws Error(input) when the header is damaged.
Slice parse_slice(View slice, const Sps& sps, const Pps& pps);

/// What becomes of a slice.
struct SliceChange {
    std::optional<int> pps_id;
    /// Its picture is the first after a splice: a CRA picture becomes a BLA picture without leading ones (which are to
    /// be left out), and an entry does not say that pictures before it are not to be shown.
    bool spliced = false;
};

/// The same slice with other words in its header. The PPS id is of variable length, so the header is written anew up to
/// its alignment; the slice data stays byte for byte, emulation prevention and entry points included. Throws
/// Error(input) for a damaged header, and for extensions, whose headers have more in them.
Bytes rewritten(View slice, const Sps& sps, const Pps& pps, const SliceChange& change);

} // namespace longtake::av::hevc
