#pragma once

#include "pipeline/av/bitstream/hevc/slice.h"
#include "tests/support/hevc.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>

namespace longtake::av::hevc {

/// Streams of every kind an encoder can be asked for, each with a syntax element that proves it is of its kind.
inline constexpr std::array<test::HevcSpec, 29> k_specs{{
    {"NoBFrames", "bframes=0", "sps_max_num_reorder_pics[0]", 0},
    {"Pyramid", "bframes=4:b-adapt=0:ref=4", "sps_max_num_reorder_pics[0]", 2},
    {"NoPyramid", "bframes=3:b-adapt=0:b-pyramid=0", "sps_max_num_reorder_pics[0]", 1},
    {"FiveReferences", "ref=5:bframes=0", "num_negative_pics", 4},
    {"OpenGop", "open-gop=1:keyint=6:min-keyint=6:bframes=3:b-adapt=0", "nal_unit_type", 21, "", "176x144", 20},
    {"RaslThatOthersReferTo", "open-gop=1:keyint=8:min-keyint=8:bframes=4:b-adapt=0", "nal_unit_type", 9, "", "176x144",
     20},
    {"Radl", "open-gop=0:radl=2:keyint=8:min-keyint=8:bframes=4:b-adapt=0", "nal_unit_type", 7, "", "176x144", 24},
    {"OnlyIdr", "keyint=1", "nal_unit_type", 20, "", "176x144", 6},
    {"Wavefronts", "ctu=16:wpp=1", "num_entry_point_offsets", 8},
    {"NoWavefronts", "ctu=16:wpp=0", "entropy_coding_sync_enabled_flag", 0},
    {"FourSlices", "ctu=16:slices=4", "slice_segment_address", 22},
    {"WeightedP", "weightp=1:bframes=0:ref=3", "luma_weight_l0_flag[0]", 1},
    {"WeightedB", "weightb=1:bframes=3:b-adapt=0", "weighted_bipred_flag", 1},
    {"NoSampleAdaptiveOffset", "sao=0", "sample_adaptive_offset_enabled_flag", 0},
    {"NoDeblocking", "deblock=0:no-deblock=1", "pps_deblocking_filter_disabled_flag", 1},
    {"OtherDeblocking", "deblock=-2,3", "pps_tc_offset_div2", -2},
    {"SubLayers", "temporal-layers=1:bframes=3:b-adapt=0", "sps_max_sub_layers_minus1", 1},
    {"ScalingLists", "scaling-list=default", "scaling_list_enabled_flag", 1},
    {"ChromaOffsets", "cbqpoffs=3:crqpoffs=-4", "pps_cb_qp_offset", 3},
    {"Lossless", "lossless=1", "transquant_bypass_enabled_flag", 1},
    {"ShortOrder", "log2-max-poc-lsb=4", "log2_max_pic_order_cnt_lsb_minus4", 2},
    {"CroppedSmall", "", "conf_win_right_offset", 3, "", "322x182", 4},
    {"Sar7To5", "", "aspect_ratio_idc", 255, "-vf setsar=7/5"},
    {"Bt709", "colorprim=bt709:transfer=bt709:colormatrix=bt709", "colour_primaries", 1},
    {"FullRangeAlone", "range=full", "video_full_range_flag", 1},
    {"Hrd", "hrd=1:vbv-maxrate=400:vbv-bufsize=400", "vui_hrd_parameters_present_flag", 1},
    {"TenBit", "", "bit_depth_luma_minus8", 2, "-pix_fmt yuv420p10le"},
    {"Yuv444", "weightp=1", "chroma_format_idc", 3, "-pix_fmt yuv444p"},
    {"Delimiters", "aud=1:repeat-headers=1:keyint=6", "nal_unit_type", 35},
}};

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

/// A stream whose slices all refer to one group of parameter sets.
struct Stream {
    explicit Stream(const std::filesystem::path& file)
        : nals(test::nals_of(file)), vps(parse_vps(first_of(nals, NalType::vps))),
          sps(parse_sps(first_of(nals, NalType::sps))), pps(parse_pps(first_of(nals, NalType::pps)))
    {
    }

    std::vector<Bytes> nals;
    Vps vps;
    Sps sps;
    Pps pps;
};

/// Those of the streams that have these names.
inline std::vector<test::HevcSpec> specs(const std::vector<std::string>& names)
{
    std::vector<test::HevcSpec> found;
    for (const std::string& name : names) {
        const auto spec =
            std::find_if(k_specs.begin(), k_specs.end(), [&](const auto& one) { return one.name == name; });
        found.push_back(spec != k_specs.end() ? *spec : throw std::runtime_error("no stream is called " + name));
    }
    return found;
}

inline std::string spec_name(const ::testing::TestParamInfo<test::HevcSpec>& info)
{
    return info.param.name;
}

} // namespace longtake::av::hevc
