#include "pipeline/av/bitstream/h264/parameter_sets.h"
#include "pipeline/av/bitstream/h264/slice.h"
#include "tests/av/h264/streams.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake::av::h264 {
namespace {

using test::Traced;

void expect_vui(const Sps& sps, const Traced& traced)
{
    EXPECT_EQ(sps.vui, traced.get("vui_parameters_present_flag"));
    EXPECT_EQ(sps.hrd,
              traced.get("nal_hrd_parameters_present_flag") + traced.get("vcl_hrd_parameters_present_flag") > 0);
    EXPECT_EQ(sps.colour.has_value(), traced.get("video_signal_type_present_flag"));
    if (sps.colour) {
        EXPECT_EQ(sps.colour->full_range, traced.get("video_full_range_flag"));
        EXPECT_EQ(sps.colour->primaries, traced.get("colour_primaries", 2));
        EXPECT_EQ(sps.colour->transfer, traced.get("transfer_characteristics", 2));
        EXPECT_EQ(sps.colour->matrix, traced.get("matrix_coefficients", 2));
    }
    EXPECT_EQ(sps.reorder_frames.value_or(-1), traced.get("max_num_reorder_frames", -1));
    EXPECT_EQ(sps.dpb_frames.value_or(-1), traced.get("max_dec_frame_buffering", -1));
    const long sar = traced.get("aspect_ratio_idc");
    EXPECT_EQ(sps.sar_num, sar == 255 ? traced.get("sar_width") : sar == 14 ? 4 : 1);
    EXPECT_EQ(sps.sar_den, sar == 255 ? traced.get("sar_height") : sar == 14 ? 3 : 1);
}

void expect_sps(const Sps& sps, const Traced& traced)
{
    EXPECT_EQ(sps.id, traced.get("seq_parameter_set_id"));
    EXPECT_EQ(sps.profile, traced.get("profile_idc"));
    EXPECT_EQ(sps.level, traced.get("level_idc"));
    long constraints = 0;
    for (int i = 0; i < 6; ++i) {
        constraints = 2 * constraints + traced.get("constraint_set" + std::to_string(i) + "_flag");
    }
    EXPECT_EQ(sps.constraints, 4 * constraints);
    EXPECT_EQ(sps.chroma_format, traced.get("chroma_format_idc", 1));
    EXPECT_EQ(sps.bit_depth_luma, 8 + traced.get("bit_depth_luma_minus8"));
    EXPECT_EQ(sps.bit_depth_chroma, 8 + traced.get("bit_depth_chroma_minus8"));
    EXPECT_EQ(sps.separate_planes, traced.get("separate_colour_plane_flag"));
    EXPECT_EQ(sps.scaling_lists, traced.get("seq_scaling_matrix_present_flag"));
    EXPECT_EQ(sps.log2_max_frame_num, 4 + traced.get("log2_max_frame_num_minus4"));
    EXPECT_EQ(sps.poc_type, traced.get("pic_order_cnt_type"));
    EXPECT_EQ(sps.log2_max_poc_lsb, 4 + traced.get("log2_max_pic_order_cnt_lsb_minus4"));
    EXPECT_EQ(sps.num_ref_frames, traced.get("max_num_ref_frames"));
    EXPECT_EQ(sps.gaps_allowed, traced.get("gaps_in_frame_num_allowed_flag"));
    EXPECT_EQ(sps.frame_mbs_only, traced.get("frame_mbs_only_flag"));
    EXPECT_EQ(sps.coded.width, 16 * (1 + traced.get("pic_width_in_mbs_minus1")));
    const long fields = 2 - traced.get("frame_mbs_only_flag");
    EXPECT_EQ(sps.coded.height, 16 * fields * (1 + traced.get("pic_height_in_map_units_minus1")));
    expect_vui(sps, traced);
}

void expect_pps(const Pps& pps, const Traced& traced)
{
    EXPECT_EQ(pps.id, traced.get("pic_parameter_set_id"));
    EXPECT_EQ(pps.sps_id, traced.get("seq_parameter_set_id"));
    EXPECT_EQ(pps.cabac, traced.get("entropy_coding_mode_flag"));
    EXPECT_EQ(pps.bottom_field_pic_order, traced.get("bottom_field_pic_order_in_frame_present_flag"));
    EXPECT_EQ(pps.slice_groups, 1 + traced.get("num_slice_groups_minus1"));
    EXPECT_EQ(pps.num_ref_idx_l0, 1 + traced.get("num_ref_idx_l0_default_active_minus1"));
    EXPECT_EQ(pps.num_ref_idx_l1, 1 + traced.get("num_ref_idx_l1_default_active_minus1"));
    EXPECT_EQ(pps.weighted_pred, traced.get("weighted_pred_flag"));
    EXPECT_EQ(pps.weighted_bipred, traced.get("weighted_bipred_idc"));
    EXPECT_EQ(pps.deblocking_control, traced.get("deblocking_filter_control_present_flag"));
    EXPECT_EQ(pps.redundant_pic_cnt, traced.get("redundant_pic_cnt_present_flag"));
    EXPECT_EQ(pps.scaling_lists, traced.get("pic_scaling_matrix_present_flag"));
}

void expect_slice(const Slice& slice, const Traced& traced)
{
    EXPECT_EQ(slice.idr, traced.get("nal_unit_type") == 5);
    EXPECT_EQ(slice.ref_idc, traced.get("nal_ref_idc"));
    EXPECT_EQ(slice.first_mb, traced.get("first_mb_in_slice"));
    EXPECT_EQ(slice.type, traced.get("slice_type") % 5);
    EXPECT_EQ(slice.pps_id, traced.get("pic_parameter_set_id"));
    EXPECT_EQ(slice.frame_num, traced.get("frame_num"));
    EXPECT_EQ(slice.idr_pic_id.value_or(-1), traced.get("idr_pic_id", -1));
}

void expect_back(const Bytes& nal, const Stream& in)
{
    EXPECT_EQ(rewritten(nal, in.sps, in.pps, {}), nal);
    EXPECT_EQ(rewritten(nal, in.sps, in.pps, {in.pps.id, std::nullopt}), nal);
    const Slice slice = parse_slice(nal, in.sps, in.pps);
    for (const int id : {1, 5, 30, 255}) {
        const Bytes other = rewritten(nal, in.sps, in.pps, {id, 65535});
        EXPECT_NE(other, nal);
        EXPECT_EQ(pps_id_of(other), id);
        EXPECT_EQ(rewritten(other, in.sps, in.pps, {in.pps.id, slice.idr_pic_id}), nal);
    }
}

/// Of every kind of unit in a stream: what is read from it, and that other ids can be taken back.
class HeadersTest : public ::testing::TestWithParam<test::H264Spec> {
protected:
    HeadersTest() : file_(test::write_h264(dir_ / "in.h264", GetParam())), in_(file_), traced_(test::trace(file_)) {}

    void check_slice(const Bytes& nal, const Traced& traced)
    {
        EXPECT_EQ(pps_id_of(nal), traced.get("pic_parameter_set_id"));
        if (in_.sps.frame_mbs_only) {
            expect_slice(parse_slice(nal, in_.sps, in_.pps), traced);
            expect_back(nal, in_);
        }
    }

    test::TempDir dir_;
    std::filesystem::path file_;
    Stream in_;
    std::vector<Traced> traced_;
};

TEST_P(HeadersTest, SayWhatAnotherParserReadsAndComeBackByteForByte)
{
    ASSERT_EQ(in_.nals.size(), traced_.size());
    EXPECT_EQ(in_.sps.size.text(), GetParam().size);
    bool is_of_its_kind = GetParam().element == nullptr;
    for (std::size_t i = 0; i < traced_.size(); ++i) {
        const Bytes& nal = in_.nals[i];
        const Traced& traced = traced_[i];
        is_of_its_kind = is_of_its_kind || traced.get(GetParam().element, -1) == GetParam().value;
        if (type_of(nal) == NalType::sps) {
            const Sps sps = parse_sps(nal);
            expect_sps(sps, traced);
            EXPECT_EQ(with_id(nal, sps.id), nal);
            EXPECT_EQ(with_id(with_id(nal, 30), sps.id), nal);
        } else if (type_of(nal) == NalType::pps) {
            const Pps pps = parse_pps(nal);
            expect_pps(pps, traced);
            EXPECT_EQ(with_ids(nal, pps.sps_id, pps.id), nal);
            EXPECT_EQ(with_ids(with_ids(nal, 31, 255), pps.sps_id, pps.id), nal);
        } else if (is_slice(nal)) {
            check_slice(nal, traced);
        }
    }
    EXPECT_TRUE(is_of_its_kind) << "not the stream that was asked for";
}

INSTANTIATE_TEST_SUITE_P(Encoded, HeadersTest, ::testing::ValuesIn(k_specs), spec_name);

TEST(NalTypeTest, TellsTypes)
{
    EXPECT_EQ(type_of(Bytes{0x67}), NalType::sps);
    EXPECT_EQ(type_of(Bytes{0x65}), NalType::idr_slice);
    EXPECT_EQ(type_of(Bytes{0x01}), NalType::slice);
}

} // namespace
} // namespace longtake::av::h264
