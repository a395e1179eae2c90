#pragma once

#include "pipeline/av/bitstream/colour.h"
#include "pipeline/av/bitstream/hevc/nal.h"
#include "pipeline/model/rate.h"

#include <array>
#include <optional>
#include <vector>

namespace longtake::av::hevc {

constexpr int k_most_pps_id = 63;

/// profile_tier_level (ITU-T H.265, 7.3.3), of the whole stream: as its first 12 bytes stand there.
struct Profile {
    std::array<std::uint8_t, 12> bytes{}; ///< space, tier and idc; 32 compatibility flags; 48 constraints; level

    int idc() const noexcept { return bytes[0] & 31; } ///< 1 Main, 2 Main 10, ...
    int tier() const noexcept { return bytes[0] >> 5 & 1; }
    int level() const noexcept { return bytes[11]; } ///< general_level_idc: 120 is level 4

    friend bool operator==(const Profile&, const Profile&) = default;
};

/// What a video parameter set says (7.3.2.1), as far as joining streams needs it.
struct Vps {
    int id = 0;
    int layers = 1;
    bool hrd = false;
};

/// The pictures one refers to, by their distance in the order of showing (7.3.7, 7.4.8).
struct ShortTermSet {
    struct Picture {
        int distance = 0;
        bool used = false; ///< by the picture itself, not only by later ones
    };
    std::vector<Picture> before; ///< from the nearest on
    std::vector<Picture> after;

    int size() const noexcept { return static_cast<int>(before.size() + after.size()); }
    int used() const noexcept;
};

/// What a sequence parameter set says (7.3.2.2 and annex E), as far as joining streams and reading slices needs it.
struct Sps {
    int id = 0;
    int vps_id = 0;
    Profile profile;
    int sub_layers = 1;
    bool temporal_nesting = false;
    int chroma_format = 1;
    bool separate_planes = false;
    Size coded;
    Size size; ///< after cropping
    int bit_depth_luma = 8;
    int bit_depth_chroma = 8;
    int log2_max_poc_lsb = 4;
    int dpb_pictures = 1;   ///< sps_max_dec_pic_buffering of the highest sub-layer, the picture itself included
    int reorder_frames = 0; ///< sps_max_num_reorder_pics of it
    int blocks = 1;         ///< coding tree blocks of a picture
    bool sample_adaptive_offset = false;
    std::vector<ShortTermSet> short_term;
    bool long_term = false;
    std::vector<bool> long_term_used; ///< of those that slices may name
    bool temporal_mvp = false;
    int sar_num = 1; ///< sample aspect ratio; 1:1 when not said
    int sar_den = 1;
    std::optional<Colour> colour; ///< empty: no video_signal_type in it at all
    bool fields = false;          ///< pictures are single fields
    bool hrd = false;             ///< nothing behind it was read
    bool extended = false;        ///< range, multi-layer, 3D or screen content extensions
};

/// What a picture parameter set says (7.3.2.3), as far as slice headers depend on it.
struct Pps {
    int id = 0;
    int sps_id = 0;
    bool dependent_slices = false;
    bool output_flag = false;
    int extra_slice_bits = 0;
    bool cabac_init = false;
    int num_ref_idx_l0 = 1; ///< the default count, not minus one
    int num_ref_idx_l1 = 1;
    bool slice_chroma_qp = false;
    bool weighted_pred = false;
    bool weighted_bipred = false;
    bool tiles = false;
    bool wavefronts = false; ///< entropy_coding_sync_enabled_flag
    bool filter_across_slices = false;
    bool deblocking_override = false;
    bool deblocking_off = false;
    bool lists_modification = false;
    bool slice_extension = false;
    bool extended = false;
};

/// Each takes a whole NAL unit, header first. Throw Error(input) when it is damaged or of another type.
Vps parse_vps(View nal);
Sps parse_sps(View nal);
Pps parse_pps(View nal);

/// The same parameter sets under other ids (0..15 for a VPS and an SPS; 0..63 for a PPS).
Bytes with_id(View vps, int id);
Bytes with_ids(View sps, int vps_id, int sps_id);
Bytes with_pps_ids(View pps, int sps_id, int pps_id);

/// The same SPS with its colours said outright; everything else in it stays as it is.
Bytes with_colour(View sps, const Colour& colour);

} // namespace longtake::av::hevc
