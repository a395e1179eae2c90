#pragma once

#include "pipeline/av/bitstream/hevc/parameter_sets.h"
#include "tests/support/drafts.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>
#include <vector>

namespace longtake::av::hevc {

using test::Dice;
using test::Draft;

constexpr int k_width = 176; ///< in blocks of 16: 11 x 9
constexpr int k_height = 144;

inline std::vector<Draft::Field> header_of(NalType type)
{
    return {{1, 0}, {6, static_cast<unsigned>(type)}, {6, 0}, {3, 1}};
}

inline int width_of(int count)
{
    return count > 1 ? static_cast<int>(std::bit_width(static_cast<unsigned>(count - 1))) : 0;
}

/// The pictures of a set, by their distance, and which of them the picture itself uses.
struct DraftedSet {
    std::vector<int> before;
    std::vector<int> after;
    std::vector<bool> used;
};

/// A choice of what no encoder at hand writes: sets of references told by others, long-term references, tiles,
/// dependent slices, lists in another order, extensions of slice headers.
struct Sets {
    Sets(unsigned number, Dice& dice)
    {
        sps.id = pps.id = pps.sps_id = static_cast<int>(number);
        constexpr std::array<int, 4> formats{1, 0, 2, 3};
        sps.chroma_format = formats[number % formats.size()];
        sps.coded = {k_width, k_height};
        sps.log2_max_poc_lsb = 6 + static_cast<int>(dice.up_to(10));
        sps.sample_adaptive_offset = dice.coin();
        sps.long_term = dice.coin();
        sps.long_term_used.resize(sps.long_term ? dice.up_to(5) : 0);
        sps.temporal_mvp = dice.coin();
        pps.dependent_slices = dice.coin();
        pps.output_flag = dice.coin();
        pps.extra_slice_bits = static_cast<int>(dice.up_to(2));
        pps.cabac_init = dice.coin();
        pps.num_ref_idx_l0 = 1 + static_cast<int>(dice.up_to(3));
        pps.num_ref_idx_l1 = 1 + static_cast<int>(dice.up_to(3));
        pps.slice_chroma_qp = dice.coin();
        pps.weighted_pred = dice.coin();
        pps.weighted_bipred = dice.coin();
        pps.tiles = dice.coin();
        pps.wavefronts = dice.coin();
        pps.filter_across_slices = dice.coin();
        pps.deblocking_override = dice.coin();
        pps.deblocking_off = dice.coin();
        pps.lists_modification = dice.coin();
        pps.slice_extension = dice.coin();
    }

    Sps sps;
    Pps pps;
    std::vector<DraftedSet> short_term;
};

inline void write_profile(Draft& out)
{
    out.u(2, 0); // profile space
    out.u(1, 0); // tier
    out.u(5, 4); // format range extensions: all chroma formats
    for (int i = 0; i < 32; ++i) {
        out.u(1, i == 4 ? 1 : 0);
    }
    out.u(1, 1); // progressive source
    out.u(1, 0);
    out.u(1, 0);
    out.u(1, 1); // frames only
    for (int i = 0; i < 9; ++i) {
        out.u(1, 0); // constraints of that profile
    }
    out.u(24, 0); // reserved: 34 or 33 bits in two reads
    out.u(10, 0);
    out.u(1, 0);
    out.u(8, 93);
}

/// Pictures apart by 1 to 3 on either side, written one by one.
inline DraftedSet write_own_set(Draft& out, Dice& dice)
{
    DraftedSet set;
    const unsigned before = dice.up_to(3);
    const unsigned after = dice.up_to(2);
    out.ue(before);
    out.ue(after);
    for (const bool earlier : {true, false}) {
        int distance = 0;
        for (unsigned i = 0; i < (earlier ? before : after); ++i) {
            const unsigned step = dice.up_to(2);
            const bool used = dice.coin();
            out.ue(step);
            out.u(1, used ? 1 : 0);
            distance += static_cast<int>(step) + 1;
            (earlier ? set.before : set.after).push_back(earlier ? -distance : distance);
            set.used.push_back(used);
        }
    }
    return set;
}

inline Draft draft_vps()
{
    Draft out(header_of(NalType::vps));
    out.u(4, 0);
    out.u(1, 1);
    out.u(1, 1);
    out.u(6, 0);
    out.u(3, 0);
    out.u(1, 1);
    out.u(16, 0xffff);
    write_profile(out);
    out.u(1, 1);
    for (int i = 0; i < 3; ++i) {
        out.ue(i == 0 ? 8 : 0);
    }
    out.u(6, 0);
    out.ue(0);
    out.u(1, 0); // no timing
    out.u(1, 0); // no extension
    out.u(1, 1); // stop
    out.fill('0');
    return out;
}

/// Sets of references are ordered lists, here of pictures 1, 2, ... before, so that what others tell of them can be
/// told without doing what is tested.
inline void write_short_term(Draft& out, Sets& sets, Dice& dice)
{
    const unsigned count = 1 + dice.up_to(4);
    out.ue(count);
    for (unsigned i = 0; i < count; ++i) {
        if (i > 0) {
            out.u(1, dice.coin() && !sets.short_term.back().before.empty() ? 1 : 0);
        }
        if (i == 0 || out.values.back() == 0) {
            sets.short_term.push_back(write_own_set(out, dice));
            continue;
        }
        // Everything one picture further back, and the picture between: {-1} + {d - 1 for all d} but for what becomes
        // 0.
        const DraftedSet& from = sets.short_term.back();
        DraftedSet told;
        out.u(1, 1); // delta_rps_sign
        out.ue(0);   // abs_delta_rps_minus1
        const std::size_t all = from.before.size() + from.after.size();
        std::vector<bool> used;
        for (std::size_t j = 0; j <= all; ++j) {
            used.push_back(dice.coin());
            out.u(1, used.back() ? 1 : 0);
            if (!used.back()) {
                out.u(1, 1); // use_delta_flag: kept for later pictures
            }
        }
        std::vector<std::pair<int, bool>> pictures{{-1, used[all]}};
        for (std::size_t j = 0; j < all; ++j) {
            const int distance = j < from.before.size() ? from.before[j] : from.after[j - from.before.size()];
            if (distance != 1) {
                pictures.emplace_back(distance - 1, used[j]);
            }
        }
        std::sort(pictures.begin(), pictures.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
        for (const auto& [distance, is_used] : pictures) {
            (distance < 0 ? told.before : told.after).push_back(distance);
        }
        std::sort(told.after.begin(), told.after.end());
        for (const auto* side : {&told.before, &told.after}) {
            for (const int distance : *side) {
                told.used.push_back(std::find(pictures.begin(), pictures.end(), std::pair(distance, true)) !=
                                    pictures.end());
            }
        }
        sets.short_term.push_back(told);
    }
}

inline void write_long_term(Draft& out, const Sets& sets, Dice& dice)
{
    out.u(1, sets.sps.long_term ? 1 : 0);
    if (sets.sps.long_term) {
        out.ue(static_cast<unsigned>(sets.sps.long_term_used.size()));
        for (std::size_t i = 0; i < sets.sps.long_term_used.size(); ++i) {
            out.u(sets.sps.log2_max_poc_lsb, dice.up_to(63));
            out.u(1, i % 2 == 0 ? 1 : 0);
        }
    }
}

inline Draft draft_sps(Sets& sets, Dice& dice)
{
    const Sps& sps = sets.sps;
    Draft out(header_of(NalType::sps));
    out.u(4, 0);
    out.u(3, 0);
    out.u(1, 1);
    write_profile(out);
    out.ue(static_cast<unsigned>(sps.id));
    out.ue(static_cast<unsigned>(sps.chroma_format));
    if (sps.chroma_format == 3) {
        out.u(1, 0);
    }
    out.ue(k_width);
    out.ue(k_height);
    out.u(1, 0); // no cropping
    out.ue(0);
    out.ue(0);
    out.ue(static_cast<unsigned>(sps.log2_max_poc_lsb - 4));
    out.u(1, 1);
    out.ue(8); // sps_max_dec_pic_buffering_minus1
    out.ue(2);
    out.ue(0);
    out.ue(0); // blocks of 8
    out.ue(1); // to 16
    out.ue(0);
    out.ue(2);
    out.ue(0);
    out.ue(0);
    const bool lists = dice.up_to(3) == 0;
    out.u(1, lists ? 1 : 0);
    if (lists) {
        out.u(1, 0); // the default ones
    }
    out.u(1, 0);
    out.u(1, sps.sample_adaptive_offset ? 1 : 0);
    const bool pcm = dice.up_to(3) == 0;
    out.u(1, pcm ? 1 : 0);
    if (pcm) {
        out.u(4, 7);
        out.u(4, 7);
        out.ue(0);
        out.ue(1);
        out.u(1, 1);
    }
    sets.short_term.clear();
    write_short_term(out, sets, dice);
    write_long_term(out, sets, dice);
    out.u(1, sps.temporal_mvp ? 1 : 0);
    for (const unsigned flag : {0U, 0U, 0U, /*stop*/ 1U}) { // smoothing, VUI, extension
        out.u(1, flag);
    }
    out.fill('0');
    return out;
}

inline Draft draft_pps(const Pps& pps)
{
    Draft out(header_of(NalType::pps));
    const auto flag = [&](bool value) { out.u(1, value ? 1 : 0); };
    out.ue(static_cast<unsigned>(pps.id));
    out.ue(static_cast<unsigned>(pps.sps_id));
    flag(pps.dependent_slices);
    flag(pps.output_flag);
    out.u(3, static_cast<unsigned>(pps.extra_slice_bits));
    flag(true);
    flag(pps.cabac_init);
    out.ue(static_cast<unsigned>(pps.num_ref_idx_l0 - 1));
    out.ue(static_cast<unsigned>(pps.num_ref_idx_l1 - 1));
    out.se(-3);
    flag(false);
    flag(false);
    flag(true); // cu_qp_delta_enabled_flag
    out.ue(1);
    out.se(2);
    out.se(-2);
    flag(pps.slice_chroma_qp);
    flag(pps.weighted_pred);
    flag(pps.weighted_bipred);
    flag(false);
    flag(pps.tiles);
    flag(pps.wavefronts);
    if (pps.tiles) {
        out.ue(1);
        out.ue(2);
        flag(false); // of sizes of their own
        out.ue(3);
        out.ue(2);
        out.ue(1);
        flag(true);
    }
    flag(pps.filter_across_slices);
    flag(true); // deblocking_filter_control_present_flag
    flag(pps.deblocking_override);
    flag(pps.deblocking_off);
    if (!pps.deblocking_off) {
        out.se(1);
        out.se(-1);
    }
    flag(false);
    flag(pps.lists_modification);
    out.ue(0);
    flag(pps.slice_extension);
    flag(false);
    flag(true); // stop
    out.fill('0');
    return out;
}

} // namespace longtake::av::hevc
