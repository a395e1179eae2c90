#include "pipeline/av/bitstream/hevc/slice_header.h"

#include "pipeline/base/error.h"

#include <algorithm>

namespace longtake::av::hevc {
namespace {

constexpr int k_b = 0;
constexpr int k_p = 1;
constexpr int k_i = 2;

constexpr int k_most_references = 15; ///< num_ref_idx_l0_active_minus1 is at most 14
constexpr int k_most_long_term = 33;
constexpr int k_most_entry_points = 440 * 20 - 1; ///< rows of blocks and columns of tiles, level 6.2 (table A.8)

} // namespace

SliceHeaderReader::SliceHeaderReader(View rbsp, const Sps& sps, const Pps& pps)
    : in_(rbsp, 8 * rbsp.size(), k_header_bytes), sps_(sps), pps_(pps)
{
    slice.type = type_of(rbsp);
}

void SliceHeaderReader::head()
{
    slice.first = in_.flag("first_slice_segment_in_pic_flag");
    if (is_entry(slice.type)) {
        drops_at = in_.position();
        slice.drops_earlier = in_.flag("no_output_of_prior_pics_flag");
    }
    pps_begin = in_.position();
    slice.pps_id = in_.ue("slice_pic_parameter_set_id", k_most_pps_id);
    pps_end = in_.position();
    const bool dependent = !slice.first && pps_.dependent_slices && in_.flag("dependent_slice_segment_flag");
    if (!slice.first) {
        in_.bits(bits_for(sps_.blocks), "slice_segment_address");
    }
    if (dependent) {
        return;
    }
    in_.bits(pps_.extra_slice_bits, "slice_reserved_flag");
    slice_type_ = in_.ue("slice_type", 2);
    if (is_entry(slice.type) && slice_type_ != k_i) {
        throw Error(Errc::input, "slice_type: an entry that refers to other pictures");
    }
    slice.is_b = slice_type_ == k_b;
    if (pps_.output_flag) {
        in_.flag("pic_output_flag");
    }
    if (sps_.separate_planes) {
        in_.bits(2, "colour_plane_id");
    }
    if (!is_idr(slice.type)) {
        slice.poc_lsb = static_cast<int>(in_.bits(sps_.log2_max_poc_lsb, "slice_pic_order_cnt_lsb"));
    }
}

void SliceHeaderReader::rest()
{
    if (slice.is_b) {
        independent();
    }
    if (pps_.tiles || pps_.wavefronts) {
        entry_points();
    }
    if (pps_.slice_extension) {
        extension();
    }
}

void SliceHeaderReader::independent()
{
    if (!is_idr(slice.type)) {
        references_of_picture();
    }
    if (sps_.sample_adaptive_offset) {
        filtered_ = in_.flag("slice_sao_luma_flag");
        if (sps_.chroma_format != 0 && !sps_.separate_planes) {
            const bool chroma = in_.flag("slice_sao_chroma_flag");
            filtered_ = filtered_ || chroma;
        }
    }
    if (slice_type_ != k_i) {
        prediction();
    }
    in_.se("slice_qp_delta", -125, 125);
    if (pps_.slice_chroma_qp) {
        in_.se("slice_cb_qp_offset", -12, 12);
        in_.se("slice_cr_qp_offset", -12, 12);
    }
    filters();
}

void SliceHeaderReader::references_of_picture()
{
    if (!in_.flag("short_term_ref_pic_set_sps_flag")) {
        used_pictures_ = read_short_term_set(in_, sps_.short_term, true).used();
    } else {
        const auto sets = static_cast<int>(sps_.short_term.size());
        const std::size_t index = in_.bits(bits_for(sets), "short_term_ref_pic_set_idx");
        if (index >= sps_.short_term.size()) {
            throw Error(Errc::input, "short_term_ref_pic_set_idx: there is no such set");
        }
        used_pictures_ = sps_.short_term[index].used();
    }
    if (sps_.long_term) {
        used_pictures_ += long_term_pictures();
    }
    temporal_mvp_ = sps_.temporal_mvp && in_.flag("slice_temporal_mvp_enabled_flag");
}

/// How many of them the picture itself uses.
int SliceHeaderReader::long_term_pictures()
{
    const auto named = static_cast<int>(sps_.long_term_used.size());
    const int of_sps = named > 0 ? in_.ue("num_long_term_sps", named) : 0;
    const int count = of_sps + in_.ue("num_long_term_pics", k_most_long_term);
    int used = 0;
    for (int i = 0; i < count; ++i) {
        if (i < of_sps) {
            const std::size_t index = in_.bits(bits_for(named), "lt_idx_sps");
            used += index < sps_.long_term_used.size() && sps_.long_term_used[index] ? 1 : 0;
        } else {
            in_.bits(sps_.log2_max_poc_lsb, "poc_lsb_lt");
            used += in_.flag("used_by_curr_pic_lt_flag") ? 1 : 0;
        }
        if (in_.flag("delta_poc_msb_present_flag")) {
            in_.skip_ue("delta_poc_msb_cycle_lt");
        }
    }
    return used;
}

void SliceHeaderReader::prediction()
{
    const bool b = slice_type_ == k_b;
    if (in_.flag("num_ref_idx_active_override_flag")) {
        references_[0] = 1 + in_.ue("num_ref_idx_l0_active_minus1", k_most_references - 1);
        if (b) {
            references_[1] = 1 + in_.ue("num_ref_idx_l1_active_minus1", k_most_references - 1);
        }
    }
    if (pps_.lists_modification && used_pictures_ > 1) {
        list_modifications(used_pictures_);
    }
    if (b) {
        in_.flag("mvd_l1_zero_flag");
    }
    if (pps_.cabac_init) {
        in_.flag("cabac_init_flag");
    }
    if (temporal_mvp_) {
        temporal_prediction(b);
    }
    if ((pps_.weighted_pred && slice_type_ == k_p) || (pps_.weighted_bipred && b)) {
        weights(b);
    }
    in_.ue("five_minus_max_num_merge_cand", 4);
}

/// ref_pic_lists_modification, 7.3.6.2.
void SliceHeaderReader::list_modifications(int pictures)
{
    for (int list = 0; list < (slice_type_ == k_b ? 2 : 1); ++list) {
        if (in_.flag("ref_pic_list_modification_flag")) {
            for (int i = 0; i < references_[list]; ++i) {
                in_.bits(bits_for(pictures), "list_entry");
            }
        }
    }
}

void SliceHeaderReader::temporal_prediction(bool b)
{
    const bool from_l0 = !b || in_.flag("collocated_from_l0_flag");
    if (references_[from_l0 ? 0 : 1] > 1) {
        in_.ue("collocated_ref_idx", k_most_references - 1);
    }
}

/// pred_weight_table, 7.3.6.3.
void SliceHeaderReader::weights(bool b)
{
    in_.ue("luma_log2_weight_denom", 7);
    if (sps_.chroma_format != 0) {
        in_.se("delta_chroma_log2_weight_denom", -7, 7);
    }
    for (int list = 0; list < (b ? 2 : 1); ++list) {
        weights_of(references_[list]);
    }
}

void SliceHeaderReader::weights_of(int references)
{
    std::vector<bool> luma;
    std::vector<bool> chroma(static_cast<std::size_t>(references));
    for (int i = 0; i < references; ++i) {
        luma.push_back(in_.flag("luma_weight_flag"));
    }
    for (int i = 0; sps_.chroma_format != 0 && i < references; ++i) {
        chroma[static_cast<std::size_t>(i)] = in_.flag("chroma_weight_flag");
    }
    for (std::size_t i = 0; i < luma.size(); ++i) {
        for (int values = (luma[i] ? 2 : 0) + (chroma[i] ? 4 : 0); values > 0; --values) {
            in_.skip_se("weight or offset");
        }
    }
}

void SliceHeaderReader::filters()
{
    bool deblocking_off = pps_.deblocking_off;
    if (pps_.deblocking_override && in_.flag("deblocking_filter_override_flag")) {
        deblocking_off = in_.flag("slice_deblocking_filter_disabled_flag");
        if (!deblocking_off) {
            in_.se("slice_beta_offset_div2", -6, 6);
            in_.se("slice_tc_offset_div2", -6, 6);
        }
    }
    if (pps_.filter_across_slices && (filtered_ || !deblocking_off)) {
        in_.flag("slice_loop_filter_across_slices_enabled_flag");
    }
}

/// They count bytes of slice data, which stays as it is.
void SliceHeaderReader::entry_points()
{
    const int count = in_.ue("num_entry_point_offsets", k_most_entry_points);
    const int bits = count > 0 ? 1 + in_.ue("offset_len_minus1", 31) : 0;
    for (int i = 0; i < count; ++i) {
        in_.bits(bits, "entry_point_offset_minus1");
    }
}

void SliceHeaderReader::extension()
{
    for (int bytes = in_.ue("slice_segment_header_extension_length", 256); bytes > 0; --bytes) {
        in_.bits(8, "slice_segment_header_extension_data_byte");
    }
}

void SliceHeaderReader::alignment()
{
    if (!in_.flag("alignment_bit_equal_to_one")) {
        throw Error(Errc::input, "alignment_bit_equal_to_one: is 0");
    }
    while (in_.position() % 8 != 0) {
        if (in_.flag("alignment_bit_equal_to_zero")) {
            throw Error(Errc::input, "alignment_bit_equal_to_zero: is 1");
        }
    }
}

} // namespace longtake::av::hevc
