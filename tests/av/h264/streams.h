#pragma once

#include "pipeline/av/bitstream/h264/slice.h"
#include "tests/support/h264.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

namespace longtake::av::h264 {

/// Streams of every kind an encoder can be asked for, each with a syntax element that proves it is of its kind.
inline constexpr std::array<test::H264Spec, 29> k_specs{{
    {"Baseline", "-profile:v baseline", "profile_idc", 66},
    {"MainCavlcWithOneReference", "-profile:v main -x264-params cabac=0:ref=1:bframes=0", "pic_order_cnt_type", 2},
    {"CavlcWithBFrames", "-x264-params cabac=0:bframes=3:ref=3", "slice_type", 6},
    {"Pyramid", "-x264-params bframes=3:b-adapt=0:ref=5", "ref_pic_list_modification_flag_l0", 1},
    {"StrictPyramid", "-x264-params bframes=3:b-pyramid=strict:b-adapt=0", "memory_management_control_operation", 1},
    {"WeightedP", "-x264-params weightp=2:bframes=0:ref=3", "luma_weight_l0_flag[0]", 1},
    {"WeightedPCavlc", "-x264-params weightp=2:cabac=0:bframes=2:ref=3", "luma_weight_l0_flag[0]", 1},
    {"WeightedB", "-x264-params weightb=1:bframes=3", "weighted_bipred_idc", 2},
    {"No8x8", "-x264-params 8x8dct=0", "profile_idc", 77},
    {"ScalingLists", "-x264-params cqm=jvt", "pic_scaling_matrix_present_flag", 1},
    {"FourSlices", "-x264-params slices=4", "first_mb_in_slice", 55},
    {"FourSlicesCavlc", "-x264-params slices=4:cabac=0", "first_mb_in_slice", 55},
    {"OnlyIdr", "-x264-params keyint=1", "idr_pic_id", 1, "176x144", 6},
    {"CroppedLarge", "", "frame_crop_bottom_offset", 5, "1918x1078", 2},
    {"CroppedSmall", "", "frame_crop_right_offset", 7, "322x182", 4},
    {"Sar4To3", "-vf setsar=4/3", "aspect_ratio_idc", 14},
    {"Sar7To5", "-vf setsar=7/5", "aspect_ratio_idc", 255},
    {"Bt709", "-x264-params colorprim=bt709:transfer=bt709:colormatrix=bt709", "colour_primaries", 1},
    {"Bt470bg", "-x264-params colorprim=bt470bg:transfer=bt470bg:colormatrix=bt470bg", "colour_primaries", 5},
    {"FullRangeAlone", "-x264-params fullrange=on", "video_full_range_flag", 1},
    {"Hrd", "-x264-params nal-hrd=vbr:vbv-maxrate=400:vbv-bufsize=400", "nal_hrd_parameters_present_flag", 1},
    {"OpenGop", "-x264-params open-gop=1:keyint=6:bframes=3:b-adapt=0", "recovery_frame_cnt", 0, "176x144", 16},
    {"TenBit", "-pix_fmt yuv420p10le", "bit_depth_luma_minus8", 2},
    {"Yuv444", "-pix_fmt yuv444p -x264-params weightp=2", "chroma_format_idc", 3},
    {"Yuv422", "-pix_fmt yuv422p", "chroma_format_idc", 2, "178x146"},
    {"GrayWeighted", "-pix_fmt gray -x264-params weightp=2:bframes=0", "chroma_format_idc", 0},
    {"NoDeblocking", "-x264-params no-deblock=1", "disable_deblocking_filter_idc", 1},
    {"SpsId7", "-x264-params sps-id=7", "pic_parameter_set_id", 7},
    {"Interlaced", "-x264-params interlaced=1", "frame_mbs_only_flag", 0},
}};

inline bool is_slice(View nal)
{
    return type_of(nal) == NalType::slice || type_of(nal) == NalType::idr_slice;
}

/// The first unit of a type.
inline const Bytes& first_of(const std::vector<Bytes>& nals, NalType type)
{
    for (const Bytes& nal : nals) {
        if (type_of(nal) == type) {
            return nal;
        }
    }
    throw std::runtime_error("no such NAL unit");
}

/// A stream whose slices all refer to one pair of parameter sets.
struct Stream {
    explicit Stream(const std::filesystem::path& file)
        : nals(test::nals_of(file)), sps(parse_sps(first_of(nals, NalType::sps))),
          pps(parse_pps(first_of(nals, NalType::pps)))
    {
    }

    std::vector<Bytes> nals;
    Sps sps;
    Pps pps;
};

/// Those of the streams that have these names.
inline std::vector<test::H264Spec> specs(const std::vector<std::string>& names)
{
    std::vector<test::H264Spec> found;
    for (const std::string& name : names) {
        const auto spec =
            std::find_if(k_specs.begin(), k_specs.end(), [&](const auto& one) { return one.name == name; });
        found.push_back(spec != k_specs.end() ? *spec : throw std::runtime_error("no stream is called " + name));
    }
    return found;
}

inline std::string spec_name(const ::testing::TestParamInfo<test::H264Spec>& info)
{
    return info.param.name;
}

} // namespace longtake::av::h264
