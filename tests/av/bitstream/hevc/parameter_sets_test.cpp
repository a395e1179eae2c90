#include "pipeline/av/bitstream/hevc/parameter_sets.h"

#include "pipeline/base/error.h"
#include "tests/av/hevc/streams.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake::av::hevc {
namespace {

using test::Traced;

void expect_profile(const Profile& profile, const Traced& traced)
{
    EXPECT_EQ(profile.idc(), traced.get("general_profile_idc"));
    EXPECT_EQ(profile.tier(), traced.get("general_tier_flag"));
    EXPECT_EQ(profile.level(), traced.get("general_level_idc"));
    EXPECT_EQ(profile.bytes[5] >> 7, traced.get("general_progressive_source_flag"));
}

void expect_vui(const Sps& sps, const Traced& traced)
{
    EXPECT_EQ(sps.hrd, traced.get("vui_hrd_parameters_present_flag") != 0);
    EXPECT_EQ(sps.fields, traced.get("field_seq_flag") != 0);
    EXPECT_EQ(sps.colour.has_value(), traced.get("video_signal_type_present_flag") != 0);
    if (sps.colour) {
        EXPECT_EQ(sps.colour->full_range, traced.get("video_full_range_flag") != 0);
        EXPECT_EQ(sps.colour->primaries, traced.get("colour_primaries", 2));
        EXPECT_EQ(sps.colour->transfer, traced.get("transfer_characteristics", 2));
        EXPECT_EQ(sps.colour->matrix, traced.get("matrix_coefficients", 2));
    }
    const bool extended = traced.get("aspect_ratio_idc") == 255;
    EXPECT_EQ(sps.sar_num, extended ? traced.get("sar_width") : 1);
    EXPECT_EQ(sps.sar_den, extended ? traced.get("sar_height") : 1);
}

void expect_sps(const Sps& sps, const Traced& traced)
{
    EXPECT_EQ(sps.id, traced.get("sps_seq_parameter_set_id"));
    EXPECT_EQ(sps.vps_id, traced.get("sps_video_parameter_set_id"));
    EXPECT_EQ(sps.sub_layers, 1 + traced.get("sps_max_sub_layers_minus1"));
    EXPECT_EQ(sps.temporal_nesting, traced.get("sps_temporal_id_nesting_flag") != 0);
    EXPECT_EQ(sps.chroma_format, traced.get("chroma_format_idc"));
    EXPECT_EQ(sps.coded.width, traced.get("pic_width_in_luma_samples"));
    EXPECT_EQ(sps.coded.height, traced.get("pic_height_in_luma_samples"));
    EXPECT_EQ(sps.bit_depth_luma, 8 + traced.get("bit_depth_luma_minus8"));
    EXPECT_EQ(sps.bit_depth_chroma, 8 + traced.get("bit_depth_chroma_minus8"));
    EXPECT_EQ(sps.log2_max_poc_lsb, 4 + traced.get("log2_max_pic_order_cnt_lsb_minus4"));
    const std::string highest = "[" + std::to_string(sps.sub_layers - 1) + "]";
    EXPECT_EQ(sps.dpb_pictures, 1 + traced.get("sps_max_dec_pic_buffering_minus1" + highest));
    EXPECT_EQ(sps.reorder_frames, traced.get("sps_max_num_reorder_pics" + highest));
    EXPECT_EQ(sps.sample_adaptive_offset, traced.get("sample_adaptive_offset_enabled_flag") != 0);
    EXPECT_EQ(std::ssize(sps.short_term), traced.get("num_short_term_ref_pic_sets"));
    EXPECT_EQ(sps.long_term, traced.get("long_term_ref_pics_present_flag") != 0);
    EXPECT_EQ(sps.temporal_mvp, traced.get("sps_temporal_mvp_enabled_flag") != 0);
    if (!sps.hrd) {
        EXPECT_EQ(sps.extended, traced.get("sps_extension_present_flag") != 0);
    }
    expect_profile(sps.profile, traced);
    expect_vui(sps, traced);
}

void expect_pps(const Pps& pps, const Traced& traced)
{
    EXPECT_EQ(pps.id, traced.get("pps_pic_parameter_set_id"));
    EXPECT_EQ(pps.sps_id, traced.get("pps_seq_parameter_set_id"));
    EXPECT_EQ(pps.dependent_slices, traced.get("dependent_slice_segments_enabled_flag") != 0);
    EXPECT_EQ(pps.output_flag, traced.get("output_flag_present_flag") != 0);
    EXPECT_EQ(pps.extra_slice_bits, traced.get("num_extra_slice_header_bits"));
    EXPECT_EQ(pps.cabac_init, traced.get("cabac_init_present_flag") != 0);
    EXPECT_EQ(pps.num_ref_idx_l0, 1 + traced.get("num_ref_idx_l0_default_active_minus1"));
    EXPECT_EQ(pps.num_ref_idx_l1, 1 + traced.get("num_ref_idx_l1_default_active_minus1"));
    EXPECT_EQ(pps.slice_chroma_qp, traced.get("pps_slice_chroma_qp_offsets_present_flag") != 0);
    EXPECT_EQ(pps.weighted_pred, traced.get("weighted_pred_flag") != 0);
    EXPECT_EQ(pps.weighted_bipred, traced.get("weighted_bipred_flag") != 0);
    EXPECT_EQ(pps.tiles, traced.get("tiles_enabled_flag") != 0);
    EXPECT_EQ(pps.wavefronts, traced.get("entropy_coding_sync_enabled_flag") != 0);
    EXPECT_EQ(pps.filter_across_slices, traced.get("pps_loop_filter_across_slices_enabled_flag") != 0);
    EXPECT_EQ(pps.deblocking_override, traced.get("deblocking_filter_override_enabled_flag") != 0);
    EXPECT_EQ(pps.deblocking_off, traced.get("pps_deblocking_filter_disabled_flag") != 0);
    EXPECT_EQ(pps.lists_modification, traced.get("lists_modification_present_flag") != 0);
    EXPECT_EQ(pps.slice_extension, traced.get("slice_segment_header_extension_present_flag") != 0);
    EXPECT_EQ(pps.extended, traced.get("pps_extension_present_flag") != 0);
}

/// Of every kind of stream.
class HevcSetsTest : public ::testing::TestWithParam<test::HevcSpec> {
protected:
    HevcSetsTest() : file_(test::write_hevc(dir_ / "in.hevc", GetParam())), in_(file_) {}

    /// The elements of the units of a type in a file, but for those that differ by intent.
    static auto elements(const std::filesystem::path& file, NalType type, const std::vector<std::string>& but)
    {
        for (const Traced& unit : test::trace(file, "hevc")) {
            if (unit.get("nal_unit_type") == static_cast<long>(type)) {
                return unit.without(but);
            }
        }
        throw std::runtime_error("no such NAL unit");
    }

    test::TempDir dir_;
    std::filesystem::path file_;
    Stream in_;
};

TEST_P(HevcSetsTest, SayWhatAnotherParserReadsAndComeBackByteForByte)
{
    const std::vector<Traced> traced = test::trace(file_, "hevc");
    ASSERT_EQ(in_.nals.size(), traced.size());
    EXPECT_EQ(in_.sps.size.text(), GetParam().size);
    bool is_of_its_kind = false;
    for (std::size_t i = 0; i < traced.size(); ++i) {
        const Bytes& nal = in_.nals[i];
        is_of_its_kind = is_of_its_kind || traced[i].get(GetParam().element, GetParam().value - 1) == GetParam().value;
        if (type_of(nal) == NalType::vps) {
            EXPECT_EQ(parse_vps(nal).id, traced[i].get("vps_video_parameter_set_id"));
            EXPECT_EQ(parse_vps(nal).layers, 1 + traced[i].get("vps_max_layers_minus1"));
            EXPECT_EQ(parse_vps(nal).hrd, traced[i].get("vps_num_hrd_parameters") > 0);
            EXPECT_EQ(with_id(with_id(nal, 15), 0), nal);
        } else if (type_of(nal) == NalType::sps) {
            expect_sps(parse_sps(nal), traced[i]);
            EXPECT_EQ(with_ids(nal, 0, 0), nal);
            EXPECT_EQ(with_ids(with_ids(nal, 9, 15), 0, 0), nal);
        } else if (type_of(nal) == NalType::pps) {
            expect_pps(parse_pps(nal), traced[i]);
            EXPECT_EQ(with_pps_ids(with_pps_ids(nal, 15, 63), 0, 0), nal);
        }
    }
    EXPECT_TRUE(is_of_its_kind) << "not the stream that was asked for";
}

TEST_P(HevcSetsTest, SayTheirColoursOutright)
{
    const Colour colour{false, 9, 16, 10};
    std::vector<Bytes> sets{first_of(in_.nals, NalType::vps), with_colour(first_of(in_.nals, NalType::sps), colour),
                            first_of(in_.nals, NalType::pps)};
    EXPECT_EQ(parse_sps(sets[1]).colour, colour);
    EXPECT_EQ(with_colour(sets[1], colour), sets[1]);
    sets.insert(sets.end(),
                std::find_if(in_.nals.begin(), in_.nals.end(), [](const Bytes& nal) { return is_slice(type_of(nal)); }),
                in_.nals.end());
    const std::vector<std::string> own{"video_signal_type_present_flag",
                                       "video_format",
                                       "video_full_range_flag",
                                       "colour_description_present_flag",
                                       "colour_primaries",
                                       "transfer_characteristics",
                                       "matrix_coefficients"};
    EXPECT_EQ(elements(test::write_annex_b(dir_ / "out.hevc", sets), NalType::sps, own),
              elements(file_, NalType::sps, own));
}

INSTANTIATE_TEST_SUITE_P(Encoded, HevcSetsTest, ::testing::ValuesIn(k_specs), spec_name);

TEST(HevcSetsRefusalTest, OtherUnitsAndIdsThatDoNotExistAreRefused)
{
    const test::TempDir dir;
    const Stream in(test::write_hevc(dir / "in.hevc", k_specs[0]));
    const Bytes& vps = first_of(in.nals, NalType::vps);
    const Bytes& sps = first_of(in.nals, NalType::sps);
    const Bytes& pps = first_of(in.nals, NalType::pps);
    EXPECT_THROW(parse_vps(sps), Error);
    EXPECT_THROW(parse_sps(pps), Error);
    EXPECT_THROW(parse_pps(vps), Error);
    EXPECT_THROW(parse_sps({}), Error);
    EXPECT_THROW(with_id(vps, 16), Error);
    EXPECT_THROW(with_ids(sps, 16, 0), Error);
    EXPECT_THROW(with_ids(sps, 0, 16), Error);
    EXPECT_THROW(with_pps_ids(pps, 16, 0), Error);
    EXPECT_THROW(with_pps_ids(pps, 0, 64), Error);
}

} // namespace
} // namespace longtake::av::hevc
