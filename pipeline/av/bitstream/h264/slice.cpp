#include "pipeline/av/bitstream/h264/slice.h"

#include "pipeline/av/bitstream/bits.h"
#include "pipeline/base/error.h"

#include <algorithm>
#include <string>

namespace longtake::av::h264 {

namespace {

constexpr const char* k_slice = "H.264 slice";

constexpr int k_p = 0;
constexpr int k_b = 1;
constexpr int k_i = 2;
constexpr int k_si = 4;

constexpr int k_max_pps = 255;
constexpr int k_max_idr_pic_id = 65535;
constexpr int k_max_references = 16; ///< of a frame; fields may have 32
constexpr int k_max_markings = 66;   ///< more than a frame's references could be told, once each as short and long term
constexpr int k_max_qp_delta = 87;   ///< from -36, at 14 bits, to 51

/// The elements up to idr_pic_id take no more than this, emulation prevention included: four Exp-Golomb numbers of 63
/// bits and 18 bits more are 34 bytes, and at most every third byte is there to prevent emulation.
constexpr std::size_t k_head_bytes = 64;

bool is_intra(int type) noexcept
{
    return type == k_i || type == k_si;
}

[[noreturn]] void refused(const char* what)
{
    throw Error(Errc::input, std::string(what) + " cannot be taken over; re-encode it");
}

void expect_slice(View nal)
{
    const bool slice = !nal.empty() && nal.front() >> 7U == 0 &&
                       (type_of(nal) == NalType::slice || type_of(nal) == NalType::idr_slice);
    if (!slice) {
        throw Error(Errc::input, "not a slice");
    }
}

/// The beginning of a slice, enough for parse_slice.
Bytes head_of(View slice)
{
    expect_slice(slice);
    return unescaped(slice.first(std::min(slice.size(), k_head_bytes)));
}

/// Reads a slice header in the order of 7.3.3, and notes where what may be rewritten stands.
class HeaderReader {
public:
    HeaderReader(View rbsp, std::size_t end, const Sps& sps, const Pps& pps)
        : in_(rbsp, end), sps_(sps), pps_(pps), header_(rbsp.front())
    {
    }

    Slice slice;
    std::size_t pps_begin = 0;
    std::size_t pps_end = 0;
    std::size_t idr_begin = 0; ///< both 0 unless IDR
    std::size_t idr_end = 0;

    std::size_t position() const noexcept { return in_.position(); }

    void head()
    {
        if (!sps_.frame_mbs_only) {
            refused("interlaced video");
        }
        slice.idr = type_of({&header_, 1}) == NalType::idr_slice;
        slice.ref_idc = header_ >> 5U & 3U;
        slice.first_mb = in_.ue("first_mb_in_slice", std::max(0, sps_.coded.width / 16 * (sps_.coded.height / 16) - 1));
        slice.type = in_.ue("slice_type", 9) % 5;
        if (slice.idr && !is_intra(slice.type)) {
            throw Error(Errc::input, "slice_type: an IDR picture that refers to others");
        }
        pps_begin = in_.position();
        slice.pps_id = in_.ue("pic_parameter_set_id", k_max_pps);
        pps_end = in_.position();
        if (sps_.separate_planes) {
            in_.bits(2, "colour_plane_id");
        }
        slice.frame_num = static_cast<int>(in_.bits(sps_.log2_max_frame_num, "frame_num"));
        if (slice.idr) {
            idr_begin = in_.position();
            slice.idr_pic_id = in_.ue("idr_pic_id", k_max_idr_pic_id);
            idr_end = in_.position();
        }
    }

    /// What follows `head`, up to the slice data.
    void rest()
    {
        picture_order();
        references();
        if ((pps_.weighted_pred && slice.type == k_p) || (pps_.weighted_bipred == 1 && slice.type == k_b)) {
            weights();
        }
        if (slice.ref_idc != 0) {
            marking();
        }
        if (pps_.cabac && !is_intra(slice.type)) {
            in_.ue("cabac_init_idc", 2);
        }
        in_.se("slice_qp_delta", -k_max_qp_delta, k_max_qp_delta);
        if (pps_.deblocking_control && in_.ue("disable_deblocking_filter_idc", 2) != 1) {
            in_.se("slice_alpha_c0_offset_div2", -6, 6);
            in_.se("slice_beta_offset_div2", -6, 6);
        }
    }

    void alignment()
    {
        while (in_.position() % 8 != 0) {
            if (!in_.flag("cabac_alignment_one_bit")) {
                throw Error(Errc::input, "cabac_alignment_one_bit: is 0");
            }
        }
    }

private:
    void picture_order()
    {
        if (sps_.poc_type == 0) {
            in_.bits(sps_.log2_max_poc_lsb, "pic_order_cnt_lsb");
            if (pps_.bottom_field_pic_order) {
                in_.skip_se("delta_pic_order_cnt_bottom");
            }
        } else if (sps_.poc_type == 1 && !sps_.delta_pic_order_always_zero) {
            in_.skip_se("delta_pic_order_cnt[0]");
            if (pps_.bottom_field_pic_order) {
                in_.skip_se("delta_pic_order_cnt[1]");
            }
        }
        if (pps_.redundant_pic_cnt) {
            in_.ue("redundant_pic_cnt", 127);
        }
    }

    void references()
    {
        if (slice.type == k_b) {
            in_.flag("direct_spatial_mv_pred_flag");
        }
        if (is_intra(slice.type)) {
            return;
        }
        if (in_.flag("num_ref_idx_active_override_flag")) {
            references_[0] = 1 + in_.ue("num_ref_idx_l0_active_minus1", k_max_references - 1);
            if (slice.type == k_b) {
                references_[1] = 1 + in_.ue("num_ref_idx_l1_active_minus1", k_max_references - 1);
            }
        }
        for (int list = 0; list < lists(); ++list) {
            modification(list);
        }
    }

    int lists() const noexcept { return slice.type == k_b ? 2 : 1; }

    /// ref_pic_list_modification, 7.3.3.1, of one list.
    void modification(int list)
    {
        if (!in_.flag("ref_pic_list_modification_flag")) {
            return;
        }
        for (int count = 0; in_.ue("modification_of_pic_nums_idc", 3) != 3; ++count) {
            if (count == references_[list]) {
                throw Error(Errc::input, "modification_of_pic_nums_idc: more than there are references");
            }
            in_.skip_ue("abs_diff_pic_num_minus1 or long_term_pic_num");
        }
    }

    /// pred_weight_table, 7.3.3.2.
    void weights()
    {
        const bool chroma = sps_.chroma_format != 0 && !sps_.separate_planes;
        in_.ue("luma_log2_weight_denom", 7);
        if (chroma) {
            in_.ue("chroma_log2_weight_denom", 7);
        }
        for (int list = 0; list < lists(); ++list) {
            for (int i = 0; i < references_[list]; ++i) {
                weight(1);
                if (chroma) {
                    weight(2);
                }
            }
        }
    }

    void weight(int planes)
    {
        const bool given = in_.flag("weight_flag");
        for (int i = 0; given && i < planes; ++i) {
            in_.se("weight", -128, 127);
            in_.se("offset", -128, 127);
        }
    }

    /// dec_ref_pic_marking, 7.3.3.3.
    void marking()
    {
        if (slice.idr) {
            in_.flag("no_output_of_prior_pics_flag");
            in_.flag("long_term_reference_flag");
            return;
        }
        if (!in_.flag("adaptive_ref_pic_marking_mode_flag")) {
            return;
        }
        int count = 0;
        while (const int operation = in_.ue("memory_management_control_operation", 6)) {
            if (++count > k_max_markings) {
                throw Error(Errc::input, "memory_management_control_operation: too many");
            }
            if (operation != 5) {
                in_.skip_ue("difference_of_pic_nums_minus1, long_term_pic_num or index");
            }
            if (operation == 3) {
                in_.skip_ue("long_term_frame_idx");
            }
        }
    }

    BitReader in_;
    const Sps& sps_;
    const Pps& pps_;
    std::uint8_t header_;
    int references_[2] = {pps_.num_ref_idx_l0, pps_.num_ref_idx_l1};
};

void expect_rewritable(const Slice& slice, const Sps& sps, const Pps& pps)
{
    if (sps.separate_planes) {
        refused("separate colour planes");
    }
    if (pps.slice_groups > 1) {
        refused("several slice groups");
    }
    if (slice.type > k_i) {
        refused("an SP or SI slice");
    }
}

std::uint32_t chosen(const char* name, std::optional<int> wanted, int own, int max)
{
    const int value = wanted.value_or(own);
    if (value < 0 || value > max) {
        throw Error(Errc::internal,
                    std::string(name) + ": " + std::to_string(value) + " is not in 0.." + std::to_string(max));
    }
    return static_cast<std::uint32_t>(value);
}

Bytes rewrite(View nal, const Sps& sps, const Pps& pps, const SliceIds& ids)
{
    expect_slice(nal);
    const Bytes rbsp = unescaped(nal);
    const std::size_t stop = stop_bit(rbsp);
    HeaderReader header(rbsp, stop, sps, pps);
    header.head();
    expect_rewritable(header.slice, sps, pps);
    header.rest();
    const std::size_t header_end = header.position();
    if (pps.cabac) {
        header.alignment();
    }
    if (header.position() == stop) {
        throw Error(Errc::input, "slice_data: missing");
    }

    const int own_idr_pic_id = header.slice.idr_pic_id.value_or(0);
    const std::uint32_t pps_id = chosen("pic_parameter_set_id", ids.pps_id, header.slice.pps_id, k_max_pps);
    const std::uint32_t idr_pic_id = chosen("idr_pic_id", ids.idr_pic_id, own_idr_pic_id, k_max_idr_pic_id);
    const bool same_idr = !header.slice.idr || static_cast<int>(idr_pic_id) == own_idr_pic_id;
    if (static_cast<int>(pps_id) == header.slice.pps_id && same_idr) {
        return {nal.begin(), nal.end()};
    }

    BitWriter out(rbsp.front());
    out.copy(rbsp, 8, header.pps_begin);
    out.ue(pps_id);
    std::size_t copied = header.pps_end;
    if (header.slice.idr) {
        out.copy(rbsp, copied, header.idr_begin);
        out.ue(idr_pic_id);
        copied = header.idr_end;
    }
    out.copy(rbsp, copied, header_end);
    if (pps.cabac) {
        out.align(true);
        const std::size_t data_end = stop / 8 + 1; // with its stop bit; cabac_zero_words of two bytes may follow
        out.copy(rbsp, header.position(), 8 * (data_end + (rbsp.size() - data_end) / 2 * 2));
    } else {
        out.copy(rbsp, header_end, stop);
        out.finish();
    }
    return out.nal();
}

} // namespace

int pps_id_of(View slice)
{
    return in_context(k_slice, [&] {
        const Bytes head = head_of(slice);
        BitReader in(head, 8 * head.size());
        in.skip_ue("first_mb_in_slice");
        in.ue("slice_type", 9);
        return in.ue("pic_parameter_set_id", k_max_pps);
    });
}

Slice parse_slice(View slice, const Sps& sps, const Pps& pps)
{
    return in_context(k_slice, [&] {
        const Bytes head = head_of(slice);
        HeaderReader header(head, 8 * head.size(), sps, pps);
        header.head();
        return header.slice;
    });
}

Bytes rewritten(View slice, const Sps& sps, const Pps& pps, const SliceIds& ids)
{
    return in_context(k_slice, [&] { return rewrite(slice, sps, pps, ids); });
}

} // namespace longtake::av::h264
