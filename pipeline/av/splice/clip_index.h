#pragma once

#include "pipeline/model/rate.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace longtake::av {

/// Consecutive packets of a clip, in decode order, that decode on their own to consecutive pictures.
struct PacketRun {
    std::int64_t packet = 0;  ///< the first, counted in decode order over the whole clip
    std::int64_t packets = 0; ///< as many as pictures
    std::int64_t first = 0;   ///< the first picture, counted in the order they are shown
};

/// A clip's video as joining without re-encoding needs to know it. Nothing is decoded to find out.
struct ClipIndex {
    std::string codec; ///< libavcodec's name: "h264"
    Size size;
    Rate rate;               ///< constant, unless `copy_blocker` says otherwise
    std::int64_t frames = 0; ///< shown
    std::vector<std::int32_t>
        display_index; ///< by packet: its picture's place in the order of showing; -1: never shown
    std::vector<std::int32_t>
        sync_samples;                ///< packets at which decoding may begin: IDR pictures, not just any keyframe
    int reorder = 0;                 ///< frames by which decoding leads showing at the most
    int references = 0;              ///< num_ref_frames
    int level = 0;                   ///< level_idc
    int profile = 0;                 ///< profile_idc: 66 Baseline, 77 Main, 100 High
    std::vector<std::int32_t> bytes; ///< of each packet
    std::string parameters;          ///< names the parameter sets: equal for clips that share them byte for byte
    std::string copy_blocker;        ///< why nothing of it can be copied; empty: it can

    /// The longest run of packets whose pictures all lie in [first, end); empty if no IDR does.
    /// It begins at an IDR picture and ends where no picture after it in decode order is shown before its end.
    std::optional<PacketRun> run_within(std::int64_t first, std::int64_t end) const;

    /// Pictures from an IDR picture to the next, at the most: 0 without any.
    std::int64_t longest_gop() const;
};

/// Reads every packet of a clip once. Throws Error(input) if it cannot be read; a clip that can be read and not be
/// copied has a `copy_blocker`.
ClipIndex index_clip(const std::filesystem::path& file);

void to_json(nlohmann::json& json, const ClipIndex& index);
void from_json(const nlohmann::json& json, ClipIndex& index);

} // namespace longtake::av
