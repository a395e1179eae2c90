#pragma once

#include "pipeline/av/h264/slice.h"
#include "tests/support/h264.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

namespace longtake::av::h264 {

/// Streams of every kind an encoder can be asked for, each with a syntax element that proves it is of its kind.
inline constexpr std::array k_specs{
    test::H264Spec{"Baseline", "-profile:v baseline", "176x144", 12, "profile_idc", 66},
    test::H264Spec{"MainCavlcWithOneReference", "-profile:v main -x264-params cabac=0:ref=1:bframes=0", "176x144", 12,
                   "pic_order_cnt_type", 2},
    test::H264Spec{"CavlcWithBFrames", "-x264-params cabac=0:bframes=3:ref=3", "176x144", 12, "slice_type", 6},
    test::H264Spec{"Pyramid", "-x264-params bframes=3:b-pyramid=normal:b-adapt=0:ref=5", "176x144", 12,
                   "ref_pic_list_modification_flag_l0", 1},
    test::H264Spec{"StrictPyramid", "-x264-params bframes=3:b-pyramid=strict:b-adapt=0:ref=3", "176x144", 16,
                   "memory_management_control_operation", 1},
    test::H264Spec{"WeightedP", "-x264-params weightp=2:bframes=0:ref=3", "176x144", 12, "luma_weight_l0_flag[0]", 1},
    test::H264Spec{"WeightedPCavlc", "-x264-params weightp=2:cabac=0:bframes=2:ref=3", "176x144", 12,
                   "luma_weight_l0_flag[0]", 1},
    test::H264Spec{"WeightedB", "-x264-params weightb=1:bframes=3", "176x144", 12, "weighted_bipred_idc", 2},
    test::H264Spec{"No8x8", "-x264-params 8x8dct=0", "176x144", 12, "profile_idc", 77},
    test::H264Spec{"ScalingLists", "-x264-params cqm=jvt", "176x144", 12, X,
    test::H264Spec{"FourSlices", "-x264-params slices=4", "176x144", 12, "first_mb_in_slice", 55},
    test::H264Spec{"FourSlicesCavlc", "-x264-params slices=4:cabac=0", "176x144", 12, "first_mb_in_slice", 55},
    test::H264Spec{"OnlyIdr", "-x264-params keyint=1", "176x144", 6, "idr_pic_id", 1},
    test::H264Spec{"CroppedLarge", "", "1918x1078", 2, "frame_crop_bottom_offset", 5},
    test::H264Spec{"CroppedSmall", "", "322x182", 4, "frame_crop_right_offset", 7},
    test::H264Spec{"Sar4To3", "-vf setsar=4/3", "176x144", 4, "aspect_ratio_idc", 14},
    test::H264Spec{"Sar7To5", "-vf setsar=7/5", "176x144", 4, "aspect_ratio_idc", 255},
    test::H264Spec{"Bt709", "-x264-params colorprim=bt709:transfer=bt709:colormatrix=bt709", "176x144", 4,
                   "colour_primaries", 1},
    test::H264Spec{"Bt470bg", "-x264-params colorprim=bt470bg:transfer=bt470bg:colormatrix=bt470bg", "176x144", 4,
                   "colour_primaries", 5},
    test::H264Spec{"FullRangeAlone", "-x264-params fullrange=on", "176x144", 4, "video_full_range_flag", 1},
    test::H264Spec{"Hrd", "-x264-params nal-hrd=vbr:vbv-maxrate=400:vbv-bufsize=400", "176x144", 12,
                   "nal_hrd_parameters_present_flag", 1},
    test::H264Spec{"OpenGop", "-x264-params open-gop=1:keyint=6:bframes=3:b-adapt=0", "176x144", 16,
                   "recovery_frame_cnt", 0},
    test::H264Spec{"TenBit", "-pix_fmt yuv420p10le", "176x144", 12, "bit_depth_luma_minus8", 2},
    test::H264Spec{"Yuv444", "-pix_fmt yuv444p -x264-params weightp=2", "176x144", 12, "chroma_format_idc", 3},
    test::H264Spec{"Yuv422", "-pix_fmt yuv422p", "178x146", 12, "chroma_format_idc", 2},
    test::H264Spec{"GrayWeighted", "-pix_fmt gray -x264-params weightp=2:bframes=0", "176x144", 12, "chroma_format_idc",
                   0},
    test::H264Spec{"NoDeblocking", "-x264-params no-deblock=1", "176x144", 12, "disable_deblocking_filter_idc", 1},
    test::H264Spec{"SpsId7", "-x264-params sps-id=7", "176x144", 12, "pic_parameter_set_id", 7},
    test::H264Spec{"Interlaced", "-x264-params interlaced=1", "176x144", 12, "frame_mbs_only_flag", 0},
};

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
