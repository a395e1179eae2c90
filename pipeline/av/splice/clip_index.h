#pragma once

#include "pipeline/model/rate.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace longtake::av {

/// Consecutive packets of a clip, in decode order, that decode on their own to consecutive pictures. Those that are
/// shown before the first are left out.
struct PacketRun {
    std::int64_t packet = 0;  ///< the first, counted in decode order over the whole clip
    std::int64_t packets = 0; ///< as many as pictures
    std::int64_t first = 0;   ///< the first picture, counted in the order they are shown
    std::int64_t skipped = 0; ///< packets after the first that are left out, not counted in `packets`
};

/// A clip's video as joining without re-encoding needs to know it. Nothing is decoded to find out.
struct ClipIndex {
    std::string codec;        ///< libavcodec's name: "h264"
    std::string pixel_format; ///< libavutil's name; empty: not known
    Size size;
    Rate rate;               ///< constant, unless `copy_blocker` says otherwise
    std::int64_t frames = 0; ///< shown
    std::vector<std::int32_t>
        display_index; ///< by packet: its picture's place in the order of showing; -1: never shown
    std::vector<std::int32_t>
        sync_samples; ///< packets at which decoding may begin: IDR pictures, of HEVC CRA and BLA, of AV1 key frames
                      ///< that are shown when they are decoded; not just any keyframe
    std::vector<std::int32_t>
        leading;                     ///< by sync sample, none where it ends: packets after it that are shown before it
    int reorder = 0;                 ///< frames by which decoding leads showing at the most
    int references = 0;              ///< num_ref_frames; HEVC: pictures kept besides the one decoded
    int level = 0;                   ///< level_idc; HEVC: general_level_idc
    int profile = 0;                 ///< profile_idc: 66 Baseline, 77 Main, 100 High; HEVC: 1 Main, 2 Main 10
    std::vector<std::int32_t> bytes; ///< of each packet
    std::string parameters;          ///< names the parameter sets: equal for clips that share them byte for byte
    std::string copy_blocker;        ///< why nothing of it can be copied; empty: it can

    /// The longest run of packets whose pictures all lie in [first, end); empty if no entry does.
    /// It begins at one of `sync_samples` and ends where no picture after it in decode order is shown before its end.
    std::optional<PacketRun> run_within(std::int64_t first, std::int64_t end) const;

    /// Pictures from one of `sync_samples` to the next, at the most: 0 without any.
    std::int64_t longest_gop() const;
};

/// Reads every packet of a clip once. Throws Error(input) if it cannot be read; a clip that can be read and not be
/// copied has a `copy_blocker`.
ClipIndex index_clip(const std::filesystem::path& file);

void to_json(nlohmann::json& json, const ClipIndex& index);
void from_json(const nlohmann::json& json, ClipIndex& index);

} // namespace longtake::av
