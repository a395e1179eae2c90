#include "pipeline/av/bitstream/h264/parameter_sets.h"

#include "pipeline/av/bitstream/bits.h"
#include "pipeline/base/error.h"

#include <algorithm>
#include <array>
#include <string>

namespace longtake::av::h264 {

namespace {

constexpr int k_extended_sar = 255;
constexpr int k_unspecified_format = 5; ///< video_format, table E-2
constexpr int k_max_sps_id = 31;
constexpr int k_max_pps_id = 255;
constexpr int k_max_mbs = 1055; ///< of a side: sqrt(8 * MaxFS) at level 6.2, A.3.1

/// sample_aspect_ratio of aspect_ratio_idc, table E-1. 0: unspecified.
constexpr std::array<std::array<int, 2>, 17> k_sars{{
    {1, 1},
    {1, 1},
    {12, 11},
    {10, 11},
    {16, 11},
    {40, 33},
    {24, 11},
    {20, 11},
    {32, 11},
    {80, 33},
    {18, 11},
    {15, 11},
    {64, 33},
    {160, 99},
    {4, 3},
    {3, 2},
    {2, 1},
}};

/// Profiles whose SPS says chroma format and bit depths: 7.3.2.1.1, and 144, High 4:4:4 as it was before 2007.
constexpr std::array k_high_profiles{100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135, 144};

bool is_high(int profile) noexcept
{
    return std::find(k_high_profiles.begin(), k_high_profiles.end(), profile) != k_high_profiles.end();
}

/// Bits [begin, end) of an RBSP.
struct Spot {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// A parameter set's bits, and how far they mean something.
struct Rbsp {
    Rbsp(View nal, NalType type, const char* name)
    {
        if (nal.empty() || type_of(nal) != type || nal.front() >> 7U != 0) {
            throw Error(Errc::input, std::string("not a ") + name);
        }
        bytes = unescaped(nal);
        end = stop_bit(bytes);
    }

    Bytes bytes;
    std::size_t end = 0; ///< the stop bit
};

/// Reads an SPS in the order of 7.3.2.1.1, and notes where what may be rewritten stands.
class SpsReader {
public:
    explicit SpsReader(const Rbsp& rbsp) : in_(rbsp.bytes, rbsp.end) { read(); }

    Sps sps;
    Spot id;
    std::size_t vui = 0;                     ///< vui_parameters_present_flag
    Spot signal;                             ///< video_signal_type_present_flag, and what it promises
    int video_format = k_unspecified_format; ///< of the latter

private:
    void read()
    {
        sps.profile = static_cast<int>(in_.bits(8, "profile_idc"));
        sps.constraints = static_cast<int>(in_.bits(8, "constraint_set_flags"));
        sps.level = static_cast<int>(in_.bits(8, "level_idc"));
        id.begin = in_.position();
        sps.id = in_.ue("seq_parameter_set_id", k_max_sps_id);
        id.end = in_.position();
        if (is_high(sps.profile)) {
            format();
        }
        sps.log2_max_frame_num = 4 + in_.ue("log2_max_frame_num_minus4", 12);
        picture_order();
        sps.num_ref_frames = in_.ue("max_num_ref_frames", 16);
        sps.gaps_allowed = in_.flag("gaps_in_frame_num_value_allowed_flag");
        size();
        vui = in_.position();
        sps.vui = in_.flag("vui_parameters_present_flag");
        if (sps.vui) {
            usability();
        }
    }

    void format()
    {
        sps.chroma_format = in_.ue("chroma_format_idc", 3);
        if (sps.chroma_format == 3) {
            sps.separate_planes = in_.flag("separate_colour_plane_flag");
        }
        sps.bit_depth_luma = 8 + in_.ue("bit_depth_luma_minus8", 6);
        sps.bit_depth_chroma = 8 + in_.ue("bit_depth_chroma_minus8", 6);
        in_.flag("qpprime_y_zero_transform_bypass_flag");
        sps.scaling_lists = in_.flag("seq_scaling_matrix_present_flag");
        const int lists = !sps.scaling_lists ? 0 : sps.chroma_format == 3 ? 12 : 8;
        for (int list = 0; list < lists; ++list) {
            if (in_.flag("seq_scaling_list_present_flag")) {
                scaling_list(list < 6 ? 16 : 64);
            }
        }
    }

    void scaling_list(int size)
    {
        int next = 8;
        for (int i = 0; i < size && next != 0; ++i) {
            next = (next + in_.se("delta_scale", -128, 127) + 256) % 256;
        }
    }

    void picture_order()
    {
        sps.poc_type = in_.ue("pic_order_cnt_type", 2);
        if (sps.poc_type == 0) {
            sps.log2_max_poc_lsb = 4 + in_.ue("log2_max_pic_order_cnt_lsb_minus4", 12);
        } else if (sps.poc_type == 1) {
            sps.delta_pic_order_always_zero = in_.flag("delta_pic_order_always_zero_flag");
            in_.skip_se("offset_for_non_ref_pic");
            in_.skip_se("offset_for_top_to_bottom_field");
            const int cycle = in_.ue("num_ref_frames_in_pic_order_cnt_cycle", 255);
            for (int i = 0; i < cycle; ++i) {
                in_.skip_se("offset_for_ref_frame");
            }
        }
    }

    void size()
    {
        const int width = 16 * (1 + in_.ue("pic_width_in_mbs_minus1", k_max_mbs - 1));
        const int units = 1 + in_.ue("pic_height_in_map_units_minus1", k_max_mbs - 1);
        sps.frame_mbs_only = in_.flag("frame_mbs_only_flag");
        if (!sps.frame_mbs_only) {
            in_.flag("mb_adaptive_frame_field_flag");
        }
        in_.flag("direct_8x8_inference_flag");
        const int fields = sps.frame_mbs_only ? 1 : 2;
        sps.coded = sps.size = {width, 16 * units * fields};
        if (in_.flag("frame_cropping_flag")) {
            // In chroma samples, 7.4.2.1.1; without chroma, or with planes of their own, in luma samples.
            const int x = (sps.chroma_format == 1 || sps.chroma_format == 2) ? 2 : 1;
            const int y = (sps.chroma_format == 1 ? 2 : 1) * fields;
            sps.size.width -= crop("frame_crop_left_offset", x) + crop("frame_crop_right_offset", x);
            sps.size.height -= crop("frame_crop_top_offset", y) + crop("frame_crop_bottom_offset", y);
            if (sps.size.width <= 0 || sps.size.height <= 0) {
                throw Error(Errc::input, "frame_cropping: leaves nothing of the picture");
            }
        }
    }

    int crop(const char* name, int unit) { return unit * in_.ue(name, 16 * k_max_mbs); }

    /// VUI, E.1.1.
    void usability()
    {
        if (in_.flag("aspect_ratio_info_present_flag")) {
            aspect_ratio();
        }
        if (in_.flag("overscan_info_present_flag")) {
            in_.flag("overscan_appropriate_flag");
        }
        signal.begin = in_.position();
        if (in_.flag("video_signal_type_present_flag")) {
            colour();
        }
        signal.end = in_.position();
        if (in_.flag("chroma_loc_info_present_flag")) {
            in_.ue("chroma_sample_loc_type_top_field", 5);
            in_.ue("chroma_sample_loc_type_bottom_field", 5);
        }
        if (in_.flag("timing_info_present_flag")) {
            in_.bits(32, "num_units_in_tick");
            in_.bits(32, "time_scale");
            in_.flag("fixed_frame_rate_flag");
        }
        buffering();
        in_.flag("pic_struct_present_flag");
        if (in_.flag("bitstream_restriction_flag")) {
            restriction();
        }
    }

    void aspect_ratio()
    {
        const auto known = static_cast<int>(in_.bits(8, "aspect_ratio_idc"));
        int num = 1;
        int den = 1;
        if (known == k_extended_sar) {
            num = static_cast<int>(in_.bits(16, "sar_width"));
            den = static_cast<int>(in_.bits(16, "sar_height"));
        } else if (known < static_cast<int>(k_sars.size())) {
            num = k_sars[static_cast<std::size_t>(known)][0];
            den = k_sars[static_cast<std::size_t>(known)][1];
        }
        if (num > 0 && den > 0) { // 0: unspecified, E.2.1
            sps.sar_num = num;
            sps.sar_den = den;
        }
    }

    void colour()
    {
        video_format = static_cast<int>(in_.bits(3, "video_format"));
        Colour colour;
        colour.full_range = in_.flag("video_full_range_flag");
        if (in_.flag("colour_description_present_flag")) {
            colour.primaries = static_cast<int>(in_.bits(8, "colour_primaries"));
            colour.transfer = static_cast<int>(in_.bits(8, "transfer_characteristics"));
            colour.matrix = static_cast<int>(in_.bits(8, "matrix_coefficients"));
        }
        sps.colour = colour;
    }

    void buffering()
    {
        for (const char* name : {"nal_hrd_parameters_present_flag", "vcl_hrd_parameters_present_flag"}) {
            if (in_.flag(name)) {
                sps.hrd = true;
                hrd();
            }
        }
        if (sps.hrd) {
            in_.flag("low_delay_hrd_flag");
        }
    }

    void hrd()
    {
        const int count = 1 + in_.ue("cpb_cnt_minus1", 31);
        in_.bits(8, "bit_rate_scale");
        for (int i = 0; i < count; ++i) {
            in_.skip_ue("bit_rate_value_minus1");
            in_.skip_ue("cpb_size_value_minus1");
            in_.flag("cbr_flag");
        }
        in_.bits(20, "initial_cpb_removal_delay_length_minus1");
    }

    void restriction()
    {
        in_.flag("motion_vectors_over_pic_boundaries_flag");
        in_.ue("max_bytes_per_pic_denom", 16);
        in_.ue("max_bits_per_mb_denom", 16);
        in_.ue("log2_max_mv_length_horizontal", 16);
        in_.ue("log2_max_mv_length_vertical", 16);
        sps.reorder_frames = in_.ue("max_num_reorder_frames", 16);
        sps.dpb_frames = in_.ue("max_dec_frame_buffering", 16);
    }

    BitReader in_;
};

/// Reads a PPS in the order of 7.3.2.2.
class PpsReader {
public:
    explicit PpsReader(const Rbsp& rbsp) : in_(rbsp.bytes, rbsp.end) { read(); }

    Pps pps;
    Spot ids;

private:
    void read()
    {
        ids.begin = in_.position();
        pps.id = in_.ue("pic_parameter_set_id", k_max_pps_id);
        pps.sps_id = in_.ue("seq_parameter_set_id", k_max_sps_id);
        ids.end = in_.position();
        pps.cabac = in_.flag("entropy_coding_mode_flag");
        pps.bottom_field_pic_order = in_.flag("bottom_field_pic_order_in_frame_present_flag");
        pps.slice_groups = 1 + in_.ue("num_slice_groups_minus1", 7);
        if (pps.slice_groups > 1) {
            slice_groups();
        }
        pps.num_ref_idx_l0 = 1 + in_.ue("num_ref_idx_l0_default_active_minus1", 31);
        pps.num_ref_idx_l1 = 1 + in_.ue("num_ref_idx_l1_default_active_minus1", 31);
        pps.weighted_pred = in_.flag("weighted_pred_flag");
        pps.weighted_bipred = static_cast<int>(in_.bits(2, "weighted_bipred_idc"));
        if (pps.weighted_bipred > 2) {
            throw Error(Errc::input, "weighted_bipred_idc: 3 is reserved");
        }
        in_.se("pic_init_qp_minus26", -62, 25);
        in_.se("pic_init_qs_minus26", -26, 25);
        in_.se("chroma_qp_index_offset", -12, 12);
        pps.deblocking_control = in_.flag("deblocking_filter_control_present_flag");
        in_.flag("constrained_intra_pred_flag");
        pps.redundant_pic_cnt = in_.flag("redundant_pic_cnt_present_flag");
        if (!in_.at_end()) { // more_rbsp_data: High profiles
            in_.flag("transform_8x8_mode_flag");
            // How many lists there are is the SPS's to say, so nothing is read from here on.
            pps.scaling_lists = in_.flag("pic_scaling_matrix_present_flag");
        }
    }

    void slice_groups()
    {
        const int groups = pps.slice_groups;
        const int type = in_.ue("slice_group_map_type", 6);
        if (type == 0) {
            for (int i = 0; i < groups; ++i) {
                in_.skip_ue("run_length_minus1");
            }
        } else if (type == 2) {
            for (int i = 0; i < groups - 1; ++i) {
                in_.skip_ue("top_left");
                in_.skip_ue("bottom_right");
            }
        } else if (type == 6) {
            const int units = 1 + in_.ue("pic_size_in_map_units_minus1", k_max_mbs * k_max_mbs);
            for (int i = 0; i < units; ++i) {
                in_.bits(groups > 4 ? 3 : groups > 2 ? 2 : 1, "slice_group_id");
            }
        } else if (type >= 3) {
            in_.flag("slice_group_change_direction_flag");
            in_.skip_ue("slice_group_change_rate_minus1");
        }
    }

    BitReader in_;
};

constexpr const char* k_sps = "H.264 sequence parameter set";
constexpr const char* k_pps = "H.264 picture parameter set";

/// The bits around `spot` as they are, and in its place what `write` writes.
template <class Write>
Bytes replaced(const Rbsp& rbsp, Spot spot, Write&& write)
{
    BitWriter out(rbsp.bytes.front());
    out.copy(rbsp.bytes, 8, spot.begin);
    write(out);
    out.copy(rbsp.bytes, spot.end, rbsp.end);
    out.finish();
    return out.nal();
}

/// video_signal_type_present_flag and what it promises.
void write_signal(BitWriter& out, int video_format, const Colour& colour)
{
    out.flag(true);
    out.bits(static_cast<std::uint32_t>(video_format), 3);
    out.flag(colour.full_range);
    out.flag(true); // colour_description_present_flag
    out.bits(in_range("colour_primaries", colour.primaries, 255), 8);
    out.bits(in_range("transfer_characteristics", colour.transfer, 255), 8);
    out.bits(in_range("matrix_coefficients", colour.matrix, 255), 8);
}

/// vui_parameters_present_flag, and a VUI that says nothing but the colours.
void write_vui(BitWriter& out, const Colour& colour)
{
    out.flag(true);
    out.flag(false); // aspect_ratio_info_present_flag
    out.flag(false); // overscan_info_present_flag
    write_signal(out, k_unspecified_format, colour);
    out.flag(false); // chroma_loc_info_present_flag
    out.flag(false); // timing_info_present_flag
    out.flag(false); // nal_hrd_parameters_present_flag
    out.flag(false); // vcl_hrd_parameters_present_flag
    out.flag(false); // pic_struct_present_flag
    out.flag(false); // bitstream_restriction_flag
}

} // namespace

Sps parse_sps(View nal)
{
    return in_context(k_sps, [&] { return SpsReader(Rbsp(nal, NalType::sps, "sequence parameter set")).sps; });
}

Pps parse_pps(View nal)
{
    return in_context(k_pps, [&] { return PpsReader(Rbsp(nal, NalType::pps, "picture parameter set")).pps; });
}

Bytes with_id(View sps, int id)
{
    return in_context(k_sps, [&] {
        const Rbsp rbsp(sps, NalType::sps, "sequence parameter set");
        const std::uint32_t value = in_range("seq_parameter_set_id", id, k_max_sps_id);
        return replaced(rbsp, SpsReader(rbsp).id, [&](BitWriter& out) { out.ue(value); });
    });
}

Bytes with_ids(View pps, int sps_id, int pps_id)
{
    return in_context(k_pps, [&] {
        const Rbsp rbsp(pps, NalType::pps, "picture parameter set");
        return replaced(rbsp, PpsReader(rbsp).ids, [&](BitWriter& out) {
            out.ue(in_range("pic_parameter_set_id", pps_id, k_max_pps_id));
            out.ue(in_range("seq_parameter_set_id", sps_id, k_max_sps_id));
        });
    });
}

Bytes with_colour(View sps, const Colour& colour)
{
    return in_context(k_sps, [&] {
        const Rbsp rbsp(sps, NalType::sps, "sequence parameter set");
        const SpsReader old(rbsp);
        if (!old.sps.vui) {
            return replaced(rbsp, {old.vui, old.vui + 1}, [&](BitWriter& out) { write_vui(out, colour); });
        }
        return replaced(rbsp, old.signal, [&](BitWriter& out) { write_signal(out, old.video_format, colour); });
    });
}

} // namespace longtake::av::h264
