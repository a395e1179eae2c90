#pragma once

#include "pipeline/av/bitstream/hevc/rbsp.h"
#include "pipeline/av/bitstream/hevc/slice.h"

namespace longtake::av::hevc {

/// Reads a slice segment header in the order of ITU-T H.265, 7.3.6.1, and notes where what may be rewritten stands.
class SliceHeaderReader {
public:
    /// `rbsp`: unescaped, at least the header.
    SliceHeaderReader(View rbsp, const Sps& sps, const Pps& pps);

    /// Up to slice_pic_order_cnt_lsb.
    void head();

    /// What follows, up to byte_alignment().
    void rest();

    Slice slice;
    std::size_t drops_at = 0; ///< no_output_of_prior_pics_flag; entries only
    std::size_t pps_begin = 0;
    std::size_t pps_end = 0;

    std::size_t position() const noexcept { return in_.position(); }

    /// byte_alignment(): a one, then zeros up to the next byte.
    void alignment();

private:
    void independent();
    void references_of_picture();
    int long_term_pictures();
    void prediction();
    void list_modifications(int pictures);
    void temporal_prediction(bool b);
    void weights(bool b);
    void weights_of(int references);
    void filters();
    void entry_points();
    void extension();

    BitReader in_;
    const Sps& sps_;
    const Pps& pps_;
    int references_[2] = {pps_.num_ref_idx_l0, pps_.num_ref_idx_l1};
    int slice_type_ = 2;
    int used_pictures_ = 0; ///< NumPicTotalCurr
    bool temporal_mvp_ = false;
    bool filtered_ = false; ///< by sample adaptive offset
};

} // namespace longtake::av::hevc
