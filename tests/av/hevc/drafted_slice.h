#pragma once

#include "pipeline/av/bitstream/hevc/slice.h"
#include "tests/av/hevc/drafted_sets.h"

#include <string>

namespace longtake::av::hevc {

/// Draws one slice segment header element by element.
class SliceDraft {
public:
    SliceDraft(const Sets& sets, unsigned seed, unsigned pps_id, bool spliced)
        : dice_(seed), sps_(sets.sps), pps_(sets.pps), sets_(sets), type_(type_of_seed(dice_)),
          out_(header_of(spliced && type_ == NalType::cra ? NalType::bla_n_lp : type_))
    {
        const bool first = first_ = dice_.coin();
        const bool drops = dice_.coin();
        flag(first);
        if (is_entry(type_)) {
            flag(drops && !spliced);
        }
        out_.ue(pps_id);
        bool dependent = false;
        if (!first) {
            dependent = pps_.dependent_slices && dice_.up_to(3) == 0;
            if (pps_.dependent_slices) {
                flag(dependent);
            }
            out_.u(7, 1 + dice_.up_to(97)); // slice_segment_address of 99
        }
        if (!dependent) {
            independent();
        }
        if (pps_.tiles || pps_.wavefronts) {
            entry_points();
        }
        if (pps_.slice_extension) {
            const unsigned bytes = dice_.up_to(3);
            out_.ue(bytes);
            for (unsigned i = 0; i < bytes; ++i) {
                out_.u(8, dice_.up_to(255));
            }
        }
        out_.u(1, 1);
        while (out_.bits.size() % 8 != 0) {
            out_.u(1, 0);
        }
        data();
    }

    const Draft& draft() const { return out_; }
    NalType type() const { return type_; }
    bool first() const { return first_; } ///< of its picture

private:
    static NalType type_of_seed(Dice& dice)
    {
        constexpr std::array types{NalType::idr_w_radl, NalType::cra, NalType{0},
                                   NalType{1},          NalType{1},   NalType::rasl_r};
        return types[dice.up_to(types.size() - 1)];
    }

    void flag(bool value) { out_.u(1, value ? 1 : 0); }

    bool drawn_flag()
    {
        const bool value = dice_.coin();
        flag(value);
        return value;
    }

    void independent()
    {
        for (int i = 0; i < pps_.extra_slice_bits; ++i) {
            drawn_flag();
        }
        kind_ = is_entry(type_) ? 2 : dice_.up_to(2);
        out_.ue(kind_);
        if (pps_.output_flag) {
            drawn_flag();
        }
        if (!is_idr(type_)) {
            references();
        }
        bool filtered = false;
        if (sps_.sample_adaptive_offset) {
            filtered = drawn_flag();
            if (sps_.chroma_format != 0) {
                filtered = drawn_flag() || filtered;
            }
        }
        if (kind_ != 2) {
            prediction();
        }
        out_.se(dice_.around_zero(20));
        if (pps_.slice_chroma_qp) {
            out_.se(dice_.around_zero(6));
            out_.se(dice_.around_zero(6));
        }
        bool off = pps_.deblocking_off;
        if (pps_.deblocking_override && drawn_flag()) {
            off = drawn_flag();
            if (!off) {
                out_.se(dice_.around_zero(6));
                out_.se(dice_.around_zero(6));
            }
        }
        if (pps_.filter_across_slices && (filtered || !off)) {
            drawn_flag();
        }
    }

    void references()
    {
        out_.u(sps_.log2_max_poc_lsb, dice_.up_to((1U << sps_.log2_max_poc_lsb) - 1));
        if (drawn_flag()) {
            const auto sets = static_cast<int>(sets_.short_term.size());
            const unsigned index = dice_.up_to(static_cast<unsigned>(sets) - 1);
            if (sets > 1) {
                out_.u(width_of(sets), index);
            }
            const auto& used = sets_.short_term[index].used;
            pictures_ = static_cast<int>(std::count(used.begin(), used.end(), true));
        } else {
            flag(false); // inter_ref_pic_set_prediction_flag
            const DraftedSet own = write_own_set(out_, dice_);
            pictures_ = static_cast<int>(std::count(own.used.begin(), own.used.end(), true));
        }
        if (sps_.long_term) {
            long_term();
        }
        if (sps_.temporal_mvp) {
            temporal_mvp_ = drawn_flag();
        }
    }

    void long_term()
    {
        const auto named = static_cast<int>(sps_.long_term_used.size());
        const unsigned of_sps = named > 0 ? dice_.up_to(1) : 0;
        if (named > 0) {
            out_.ue(of_sps);
        }
        const unsigned own = dice_.up_to(2);
        out_.ue(own);
        for (unsigned i = 0; i < of_sps + own; ++i) {
            if (i < of_sps) {
                const unsigned index = dice_.up_to(static_cast<unsigned>(named) - 1);
                if (named > 1) {
                    out_.u(width_of(named), index);
                }
                pictures_ += index % 2 == 0 ? 1 : 0;
            } else {
                out_.u(sps_.log2_max_poc_lsb, dice_.up_to(63));
                pictures_ += drawn_flag() ? 1 : 0;
            }
            if (drawn_flag()) {
                out_.ue(dice_.up_to(3));
            }
        }
    }

    void prediction()
    {
        std::vector<unsigned> counts{static_cast<unsigned>(pps_.num_ref_idx_l0)};
        if (kind_ == 0) {
            counts.push_back(static_cast<unsigned>(pps_.num_ref_idx_l1));
        }
        if (drawn_flag()) {
            for (unsigned& count : counts) {
                count = 1 + dice_.up_to(6);
                out_.ue(count - 1);
            }
        }
        if (pps_.lists_modification && pictures_ > 1) {
            for (const unsigned count : counts) {
                if (drawn_flag()) {
                    for (unsigned i = 0; i < count; ++i) {
                        out_.u(width_of(pictures_), dice_.up_to(static_cast<unsigned>(pictures_) - 1));
                    }
                }
            }
        }
        if (kind_ == 0) {
            drawn_flag();
        }
        if (pps_.cabac_init) {
            drawn_flag();
        }
        if (temporal_mvp_) {
            const bool l0 = kind_ != 0 || drawn_flag();
            const unsigned most = counts[l0 ? 0 : 1] - 1;
            if (most > 0) {
                out_.ue(dice_.up_to(most));
            }
        }
        if ((kind_ == 1 && pps_.weighted_pred) || (kind_ == 0 && pps_.weighted_bipred)) {
            weights(counts);
        }
        out_.ue(dice_.up_to(4));
    }

    void weights(const std::vector<unsigned>& counts)
    {
        const bool chroma = sps_.chroma_format != 0;
        out_.ue(3);
        if (chroma) {
            out_.se(dice_.around_zero(2));
        }
        for (const unsigned count : counts) {
            std::vector<bool> luma;
            std::vector<bool> colour(count);
            for (unsigned i = 0; i < count; ++i) {
                luma.push_back(drawn_flag());
            }
            for (unsigned i = 0; chroma && i < count; ++i) {
                colour[i] = drawn_flag();
            }
            for (unsigned i = 0; i < count; ++i) {
                for (int n = (luma[i] ? 2 : 0) + (colour[i] ? 4 : 0); n > 0; --n) {
                    out_.se(dice_.around_zero(60));
                }
            }
        }
    }

    void entry_points()
    {
        const unsigned count = dice_.up_to(3);
        out_.ue(count);
        if (count > 0) {
            const unsigned bits = 1 + dice_.up_to(11);
            out_.ue(bits - 1);
            for (unsigned i = 0; i < count; ++i) {
                out_.u(static_cast<int>(bits), dice_.up_to((1U << bits) - 1));
            }
        }
    }

    /// Slice data of bytes that want emulation prevention more often than not, and its stop bit.
    void data()
    {
        for (unsigned count = 3 + dice_.up_to(60); count > 0; --count) {
            const unsigned byte = dice_.up_to(2) != 0 ? 0 : dice_.up_to(4);
            for (int i = 7; i >= 0; --i) {
                out_.bits += (byte >> i & 1U) != 0 ? '1' : '0';
            }
        }
        out_.bits += '1';
        out_.fill('0');
        out_.bits += std::string(16UL * dice_.up_to(2), '0'); // cabac_zero_words
    }

    Dice dice_;
    const Sps& sps_;
    const Pps& pps_;
    const Sets& sets_;
    NalType type_;
    Draft out_;
    bool first_ = false;
    unsigned kind_ = 2; ///< slice_type: B, P, I
    int pictures_ = 0;  ///< that the picture itself uses
    bool temporal_mvp_ = false;
};

} // namespace longtake::av::hevc
