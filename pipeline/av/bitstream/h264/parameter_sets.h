#pragma once

#include "pipeline/av/bitstream/colour.h"
#include "pipeline/av/bitstream/h264/nal.h"
#include "pipeline/model/rate.h"

#include <optional>

namespace longtake::av::h264 {

/// What a sequence parameter set says (ITU-T H.264, 7.3.2.1.1 and annex E), as far as joining streams needs it.
struct Sps {
    int id = 0;
    int profile = 0; ///< profile_idc: 66 Baseline, 77 Main, 100 High, ...
    int constraints = 0;
    int level = 0; ///< level_idc: 40 is level 4.0
    int chroma_format = 1;
    int bit_depth_luma = 8;
    int bit_depth_chroma = 8;
    bool separate_planes = false;
    bool scaling_lists = false;
    int log2_max_frame_num = 4;
    int poc_type = 0;
    int log2_max_poc_lsb = 4;
    bool delta_pic_order_always_zero = false;
    int num_ref_frames = 0;
    bool gaps_allowed = false;
    bool frame_mbs_only = true;
    Size coded; ///< whole macroblocks
    Size size;  ///< after cropping
    bool vui = false;
    int sar_num = 1; ///< sample aspect ratio; 1:1 when not said
    int sar_den = 1;
    std::optional<Colour> colour; ///< empty: no video_signal_type in it at all
    bool hrd = false;
    std::optional<int> reorder_frames; ///< max_num_reorder_frames; empty: not said
    std::optional<int> dpb_frames;     ///< max_dec_frame_buffering
};

/// What a picture parameter set says (7.3.2.2), as far as slice headers depend on it.
struct Pps {
    int id = 0;
    int sps_id = 0;
    bool cabac = false;
    bool bottom_field_pic_order = false;
    int slice_groups = 1;
    int num_ref_idx_l0 = 1; ///< the default count, not minus one
    int num_ref_idx_l1 = 1;
    bool weighted_pred = false;
    int weighted_bipred = 0;
    bool deblocking_control = false;
    bool redundant_pic_cnt = false;
    bool scaling_lists = false;
};

/// Both take a whole NAL unit, header byte first. Throw Error(input) when it is damaged or of another type.
Sps parse_sps(View nal);
Pps parse_pps(View nal);

/// The same parameter sets under other ids (0..31 for an SPS; 0..255 for a PPS).
Bytes with_id(View sps, int id);
Bytes with_ids(View pps, int sps_id, int pps_id);

/// The same SPS with its colours said outright; everything else in it stays as it is.
Bytes with_colour(View sps, const Colour& colour);

/// avcC, the decoder configuration record of ISO/IEC 14496-15, 5.3.3.1.
struct AvcConfig {
    int length_size = 4;
    std::vector<Bytes> sps; ///< NAL units
    std::vector<Bytes> pps;
};

/// From avcC or from Annex B (length_size 0 then). Throws Error(input).
AvcConfig parse_config(View extradata);

/// avcC with 4-byte lengths; profile and compatibility of the first SPS, the highest level of all, and the tail that
/// High profiles have. At most 31 SPS and 255 PPS: throws Error(internal) beyond.
Bytes build_config(const std::vector<Bytes>& sps, const std::vector<Bytes>& pps);

} // namespace longtake::av::h264
