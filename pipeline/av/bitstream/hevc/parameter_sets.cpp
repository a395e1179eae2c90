#include "pipeline/av/bitstream/hevc/parameter_sets.h"

#include "pipeline/av/bitstream/hevc/rbsp.h"
#include "pipeline/base/error.h"

#include <algorithm>
#include <string>

namespace longtake::av::hevc {
namespace {

constexpr int k_most_vps_id = 15;
constexpr int k_most_sps_id = 15;
constexpr int k_most_side = 8192 * 2; ///< luma samples: sqrt(8 * MaxLumaPs) at level 6.2, A.4.1
constexpr int k_most_sub_layers = 7;
constexpr int k_extended_sar = 255;
constexpr int k_unspecified_format = 5; ///< video_format, table E.2

constexpr const char* k_vps = "HEVC video parameter set";
constexpr const char* k_sps = "HEVC sequence parameter set";
constexpr const char* k_pps = "HEVC picture parameter set";

/// sample_aspect_ratio of aspect_ratio_idc, table E.1. 0: unspecified, taken for 1:1.
constexpr std::array<std::array<int, 2>, 17> k_aspects{{
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

/// Bits [begin, end) of an RBSP.
struct Stretch {
    std::size_t begin = 0;
    std::size_t end = 0;
};

Vps read_vps(BitReader in)
{
    Vps vps;
    vps.id = static_cast<int>(in.bits(4, "vps_video_parameter_set_id"));
    in.bits(2, "vps_base_layer_flags");
    vps.layers = 1 + static_cast<int>(in.bits(6, "vps_max_layers_minus1"));
    const int sub_layers = 1 + static_cast<int>(in.bits(3, "vps_max_sub_layers_minus1"));
    in.bits(17, "vps_temporal_id_nesting_flag");
    read_profile(in, sub_layers);
    const bool each = in.flag("vps_sub_layer_ordering_info_present_flag");
    for (int i = each ? 0 : sub_layers - 1; i < sub_layers; ++i) {
        in.skip_ue("vps_max_dec_pic_buffering_minus1");
        in.skip_ue("vps_max_num_reorder_pics");
        in.skip_ue("vps_max_latency_increase_plus1");
    }
    const auto highest = static_cast<int>(in.bits(6, "vps_max_layer_id"));
    const int sets = in.ue("vps_num_layer_sets_minus1", 1023);
    for (int i = 0; i < sets * (highest + 1); ++i) {
        in.flag("layer_id_included_flag");
    }
    if (in.flag("vps_timing_info_present_flag")) {
        in.bits(32, "vps_num_units_in_tick");
        in.bits(32, "vps_time_scale");
        if (in.flag("vps_poc_proportional_to_timing_flag")) {
            in.skip_ue("vps_num_ticks_poc_diff_one_minus1");
        }
        vps.hrd = in.ue("vps_num_hrd_parameters", 1024) > 0;
    }
    return vps;
}

/// Reads an SPS in the order of 7.3.2.2, and notes where what may be rewritten stands.
class SpsReader {
public:
    explicit SpsReader(const Rbsp& rbsp) : in_(rbsp.reader()) { read(); }

    Sps sps;
    Stretch id;
    std::size_t vui = 0;                     ///< vui_parameters_present_flag
    Stretch signal;                          ///< video_signal_type_present_flag, and what it promises; 0: no VUI
    int video_format = k_unspecified_format; ///< of the latter

private:
    void read()
    {
        sps.vps_id = static_cast<int>(in_.bits(4, "sps_video_parameter_set_id"));
        sps.sub_layers = 1 + static_cast<int>(in_.bits(3, "sps_max_sub_layers_minus1"));
        if (sps.sub_layers > k_most_sub_layers) {
            throw Error(Errc::input, "sps_max_sub_layers_minus1: 7 is reserved");
        }
        sps.temporal_nesting = in_.flag("sps_temporal_id_nesting_flag");
        sps.profile = read_profile(in_, sps.sub_layers);
        id.begin = in_.position();
        sps.id = in_.ue("sps_seq_parameter_set_id", k_most_sps_id);
        id.end = in_.position();
        format();
        buffers();
        blocks();
        tools();
        pictures();
        vui = in_.position();
        if (in_.flag("vui_parameters_present_flag")) {
            usability();
        }
        sps.extended = !sps.hrd && in_.flag("sps_extension_present_flag");
    }

    void format()
    {
        sps.chroma_format = in_.ue("chroma_format_idc", 3);
        if (sps.chroma_format == 3) {
            sps.separate_planes = in_.flag("separate_colour_plane_flag");
        }
        sps.coded.width = in_.ue("pic_width_in_luma_samples", k_most_side);
        sps.coded.height = in_.ue("pic_height_in_luma_samples", k_most_side);
        sps.size = sps.coded;
        if (in_.flag("conformance_window_flag")) {
            const int x = (sps.chroma_format == 1 || sps.chroma_format == 2) ? 2 : 1; // SubWidthC
            const int y = sps.chroma_format == 1 ? 2 : 1;                             // SubHeightC
            sps.size.width -= crop("conf_win_left_offset", x) + crop("conf_win_right_offset", x);
            sps.size.height -= crop("conf_win_top_offset", y) + crop("conf_win_bottom_offset", y);
        }
        if (sps.size.width <= 0 || sps.size.height <= 0) {
            throw Error(Errc::input, "conformance_window: leaves nothing of the picture");
        }
        sps.bit_depth_luma = 8 + in_.ue("bit_depth_luma_minus8", 8);
        sps.bit_depth_chroma = 8 + in_.ue("bit_depth_chroma_minus8", 8);
    }

    int crop(const char* name, int unit) { return unit * in_.ue(name, k_most_side); }

    void buffers()
    {
        sps.log2_max_poc_lsb = 4 + in_.ue("log2_max_pic_order_cnt_lsb_minus4", 12);
        const bool each = in_.flag("sps_sub_layer_ordering_info_present_flag");
        for (int i = each ? 0 : sps.sub_layers - 1; i < sps.sub_layers; ++i) {
            sps.dpb_pictures = 1 + in_.ue("sps_max_dec_pic_buffering_minus1", 15);
            sps.reorder_frames = in_.ue("sps_max_num_reorder_pics", 15);
            in_.skip_ue("sps_max_latency_increase_plus1");
        }
    }

    void blocks()
    {
        const int smallest = 3 + in_.ue("log2_min_luma_coding_block_size_minus3", 3);
        const int log2_side = smallest + in_.ue("log2_diff_max_min_luma_coding_block_size", 3);
        const auto along = [&](int samples) { return (samples + (1 << log2_side) - 1) >> log2_side; };
        sps.blocks = along(sps.coded.width) * along(sps.coded.height);
        in_.ue("log2_min_luma_transform_block_size_minus2", 3);
        in_.ue("log2_diff_max_min_luma_transform_block_size", 3);
        in_.ue("max_transform_hierarchy_depth_inter", 4);
        in_.ue("max_transform_hierarchy_depth_intra", 4);
    }

    void tools()
    {
        if (in_.flag("scaling_list_enabled_flag") && in_.flag("sps_scaling_list_data_present_flag")) {
            skip_scaling_lists(in_);
        }
        in_.flag("amp_enabled_flag");
        sps.sample_adaptive_offset = in_.flag("sample_adaptive_offset_enabled_flag");
        if (in_.flag("pcm_enabled_flag")) {
            in_.bits(8, "pcm_sample_bit_depth");
            in_.ue("log2_min_pcm_luma_coding_block_size_minus3", 2);
            in_.ue("log2_diff_max_min_pcm_luma_coding_block_size", 2);
            in_.flag("pcm_loop_filter_disabled_flag");
        }
    }

    void pictures()
    {
        const int sets = in_.ue("num_short_term_ref_pic_sets", 64);
        for (int i = 0; i < sets; ++i) {
            sps.short_term.push_back(read_short_term_set(in_, sps.short_term, false));
        }
        sps.long_term = in_.flag("long_term_ref_pics_present_flag");
        const int named = sps.long_term ? in_.ue("num_long_term_ref_pics_sps", 32) : 0;
        for (int i = 0; i < named; ++i) {
            in_.bits(sps.log2_max_poc_lsb, "lt_ref_pic_poc_lsb_sps");
            sps.long_term_used.push_back(in_.flag("used_by_curr_pic_lt_sps_flag"));
        }
        sps.temporal_mvp = in_.flag("sps_temporal_mvp_enabled_flag");
        in_.flag("strong_intra_smoothing_enabled_flag");
    }

    /// VUI, E.2.1.
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
        in_.flag("neutral_chroma_indication_flag");
        sps.fields = in_.flag("field_seq_flag");
        in_.flag("frame_field_info_present_flag");
        if (in_.flag("default_display_window_flag")) {
            for (int i = 0; i < 4; ++i) {
                in_.skip_ue("def_disp_win_offset");
            }
        }
        if (in_.flag("vui_timing_info_present_flag")) {
            timing();
        }
        if (!sps.hrd && in_.flag("bitstream_restriction_flag")) {
            restriction();
        }
    }

    void aspect_ratio()
    {
        const auto known = in_.bits(8, "aspect_ratio_idc");
        int num = 1;
        int den = 1;
        if (known == k_extended_sar) {
            num = static_cast<int>(in_.bits(16, "sar_width"));
            den = static_cast<int>(in_.bits(16, "sar_height"));
        } else if (known < k_aspects.size()) {
            num = k_aspects[known][0];
            den = k_aspects[known][1];
        }
        if (num > 0 && den > 0) { // 0: unspecified, E.3.1
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
            colour.matrix = static_cast<int>(in_.bits(8, "matrix_coeffs"));
        }
        sps.colour = colour;
    }

    void timing()
    {
        in_.bits(32, "vui_num_units_in_tick");
        in_.bits(32, "vui_time_scale");
        if (in_.flag("vui_poc_proportional_to_timing_flag")) {
            in_.skip_ue("vui_num_ticks_poc_diff_one_minus1");
        }
        sps.hrd = in_.flag("vui_hrd_parameters_present_flag");
    }

    void restriction()
    {
        in_.bits(3, "tiles_fixed_structure_flag");
        in_.ue("min_spatial_segmentation_idc", 4095);
        in_.ue("max_bytes_per_pic_denom", 16);
        in_.ue("max_bits_per_min_cu_denom", 16);
        in_.ue("log2_max_mv_length_horizontal", 16);
        in_.ue("log2_max_mv_length_vertical", 15);
    }

    BitReader in_;
};

/// Reads a PPS in the order of 7.3.2.3.
class PpsReader {
public:
    explicit PpsReader(const Rbsp& rbsp) : in_(rbsp.reader()) { read(); }

    Pps pps;
    Stretch ids;

private:
    void read()
    {
        ids.begin = in_.position();
        pps.id = in_.ue("pps_pic_parameter_set_id", k_most_pps_id);
        pps.sps_id = in_.ue("pps_seq_parameter_set_id", k_most_sps_id);
        ids.end = in_.position();
        pps.dependent_slices = in_.flag("dependent_slice_segments_enabled_flag");
        pps.output_flag = in_.flag("output_flag_present_flag");
        pps.extra_slice_bits = static_cast<int>(in_.bits(3, "num_extra_slice_header_bits"));
        in_.flag("sign_data_hiding_enabled_flag");
        pps.cabac_init = in_.flag("cabac_init_present_flag");
        pps.num_ref_idx_l0 = 1 + in_.ue("num_ref_idx_l0_default_active_minus1", 14);
        pps.num_ref_idx_l1 = 1 + in_.ue("num_ref_idx_l1_default_active_minus1", 14);
        quantisers();
        pps.weighted_pred = in_.flag("weighted_pred_flag");
        pps.weighted_bipred = in_.flag("weighted_bipred_flag");
        in_.flag("transquant_bypass_enabled_flag");
        pps.tiles = in_.flag("tiles_enabled_flag");
        pps.wavefronts = in_.flag("entropy_coding_sync_enabled_flag");
        if (pps.tiles) {
            tiles();
        }
        pps.filter_across_slices = in_.flag("pps_loop_filter_across_slices_enabled_flag");
        deblocking();
        if (in_.flag("pps_scaling_list_data_present_flag")) {
            skip_scaling_lists(in_);
        }
        pps.lists_modification = in_.flag("lists_modification_present_flag");
        in_.ue("log2_parallel_merge_level_minus2", 4);
        pps.slice_extension = in_.flag("slice_segment_header_extension_present_flag");
        pps.extended = in_.flag("pps_extension_present_flag");
    }

    void quantisers()
    {
        in_.se("init_qp_minus26", -74, 25);
        in_.flag("constrained_intra_pred_flag");
        in_.flag("transform_skip_enabled_flag");
        if (in_.flag("cu_qp_delta_enabled_flag")) {
            in_.ue("diff_cu_qp_delta_depth", 3);
        }
        in_.se("pps_cb_qp_offset", -12, 12);
        in_.se("pps_cr_qp_offset", -12, 12);
        pps.slice_chroma_qp = in_.flag("pps_slice_chroma_qp_offsets_present_flag");
    }

    void tiles()
    {
        const int columns = in_.ue("num_tile_columns_minus1", 19);
        const int rows = in_.ue("num_tile_rows_minus1", 21);
        if (!in_.flag("uniform_spacing_flag")) {
            for (int i = 0; i < columns + rows; ++i) {
                in_.skip_ue("column_width_minus1 or row_height_minus1");
            }
        }
        in_.flag("loop_filter_across_tiles_enabled_flag");
    }

    void deblocking()
    {
        if (!in_.flag("deblocking_filter_control_present_flag")) {
            return;
        }
        pps.deblocking_override = in_.flag("deblocking_filter_override_enabled_flag");
        pps.deblocking_off = in_.flag("pps_deblocking_filter_disabled_flag");
        if (!pps.deblocking_off) {
            in_.se("pps_beta_offset_div2", -6, 6);
            in_.se("pps_tc_offset_div2", -6, 6);
        }
    }

    BitReader in_;
};

/// The bits around `stretch` as they are, and in its place what `write` writes.
template <class Write>
Bytes with_other(const Rbsp& rbsp, Stretch stretch, Write&& write)
{
    BitWriter out = rbsp.writer();
    out.copy(rbsp.bytes, 8 * k_header_bytes, stretch.begin);
    write(out);
    out.copy(rbsp.bytes, stretch.end, rbsp.end);
    out.finish();
    return out.nal();
}

/// video_signal_type_present_flag and what it promises.
void write_colour(BitWriter& out, int video_format, const Colour& colour)
{
    out.flag(true);
    out.bits(static_cast<std::uint32_t>(video_format), 3);
    out.flag(colour.full_range);
    out.flag(true); // colour_description_present_flag
    out.bits(in_range("colour_primaries", colour.primaries, 255), 8);
    out.bits(in_range("transfer_characteristics", colour.transfer, 255), 8);
    out.bits(in_range("matrix_coeffs", colour.matrix, 255), 8);
}

/// vui_parameters_present_flag, and a VUI that says nothing but the colours.
void write_usability(BitWriter& out, const Colour& colour)
{
    out.flag(true);
    out.flag(false); // aspect_ratio_info_present_flag
    out.flag(false); // overscan_info_present_flag
    write_colour(out, k_unspecified_format, colour);
    out.flag(false); // chroma_loc_info_present_flag
    out.bits(0, 3);  // neutral_chroma_indication_flag, field_seq_flag, frame_field_info_present_flag
    out.flag(false); // default_display_window_flag
    out.flag(false); // vui_timing_info_present_flag
    out.flag(false); // bitstream_restriction_flag
}

} // namespace

int ShortTermSet::used() const noexcept
{
    return static_cast<int>(std::ranges::count(before, true, &Picture::used) +
                            std::ranges::count(after, true, &Picture::used));
}

Vps parse_vps(View nal)
{
    return in_context(k_vps, [&] { return read_vps(Rbsp(nal, NalType::vps, "video parameter set").reader()); });
}

Sps parse_sps(View nal)
{
    return in_context(k_sps, [&] { return SpsReader(Rbsp(nal, NalType::sps, "sequence parameter set")).sps; });
}

Pps parse_pps(View nal)
{
    return in_context(k_pps, [&] { return PpsReader(Rbsp(nal, NalType::pps, "picture parameter set")).pps; });
}

Bytes with_id(View vps, int id)
{
    return in_context(k_vps, [&] {
        const Rbsp rbsp(vps, NalType::vps, "video parameter set");
        const Stretch own{8 * k_header_bytes, 8 * k_header_bytes + 4};
        const std::uint32_t value = in_range("vps_video_parameter_set_id", id, k_most_vps_id);
        return with_other(rbsp, own, [&](BitWriter& out) { out.bits(value, 4); });
    });
}

Bytes with_ids(View sps, int vps_id, int sps_id)
{
    return in_context(k_sps, [&] {
        const Rbsp rbsp(sps, NalType::sps, "sequence parameter set");
        const Stretch own = SpsReader(rbsp).id;
        return with_other(rbsp, {8 * k_header_bytes, own.end}, [&](BitWriter& out) {
            out.bits(in_range("sps_video_parameter_set_id", vps_id, k_most_vps_id), 4);
            out.copy(rbsp.bytes, 8 * k_header_bytes + 4, own.begin);
            out.ue(in_range("sps_seq_parameter_set_id", sps_id, k_most_sps_id));
        });
    });
}

Bytes with_pps_ids(View pps, int sps_id, int pps_id)
{
    return in_context(k_pps, [&] {
        const Rbsp rbsp(pps, NalType::pps, "picture parameter set");
        return with_other(rbsp, PpsReader(rbsp).ids, [&](BitWriter& out) {
            out.ue(in_range("pps_pic_parameter_set_id", pps_id, k_most_pps_id));
            out.ue(in_range("pps_seq_parameter_set_id", sps_id, k_most_sps_id));
        });
    });
}

Bytes with_colour(View sps, const Colour& colour)
{
    return in_context(k_sps, [&] {
        const Rbsp rbsp(sps, NalType::sps, "sequence parameter set");
        const SpsReader old(rbsp);
        if (old.signal.end == 0) {
            return with_other(rbsp, {old.vui, old.vui + 1}, [&](BitWriter& out) { write_usability(out, colour); });
        }
        return with_other(rbsp, old.signal, [&](BitWriter& out) { write_colour(out, old.video_format, colour); });
    });
}

} // namespace longtake::av::hevc
