#include "pipeline/av/bitstream/hevc/rbsp.h"

#include "pipeline/base/error.h"

#include <algorithm>
#include <bit>
#include <string>

namespace longtake::av::hevc {
namespace {

constexpr int k_most_pictures = 16; ///< sps_max_dec_pic_buffering, A.4
constexpr int k_most_distance = 1 << 15;

using Pictures = std::vector<ShortTermSet::Picture>;

void read_pictures(BitReader& in, int count, int sign, Pictures& pictures)
{
    int distance = 0;
    for (int i = 0; i < count; ++i) {
        distance += sign * (1 + in.ue("delta_poc_minus1", k_most_distance - 1));
        pictures.push_back({distance, in.flag("used_by_curr_pic_flag")});
    }
}

ShortTermSet read_own_set(BitReader& in)
{
    ShortTermSet set;
    const int before = in.ue("num_negative_pics", k_most_pictures);
    const int after = in.ue("num_positive_pics", k_most_pictures - before);
    read_pictures(in, before, -1, set.before);
    read_pictures(in, after, 1, set.after);
    return set;
}

/// A set told by what differs from another: equations 7-61 and 7-62.
class PredictedSet {
public:
    PredictedSet(BitReader& in, const ShortTermSet& from, int shift) : from_(from), shift_(shift)
    {
        for (int i = 0; i <= from.size(); ++i) {
            const bool used = in.flag("used_by_curr_pic_flag");
            choices_.push_back({used, used || in.flag("use_delta_flag")});
        }
    }

    ShortTermSet set() const
    {
        ShortTermSet set;
        const auto before = std::ssize(from_.before);
        const auto after = std::ssize(from_.after);
        const auto both = from_.size();
        for (auto i = after; i-- > 0;) {
            add(set.before, -1, from_.after[i].distance + shift_, before + i);
        }
        add(set.before, -1, shift_, both);
        for (auto i = 0; i < before; ++i) {
            add(set.before, -1, from_.before[i].distance + shift_, i);
        }
        for (auto i = before; i-- > 0;) {
            add(set.after, 1, from_.before[i].distance + shift_, i);
        }
        add(set.after, 1, shift_, both);
        for (auto i = 0; i < after; ++i) {
            add(set.after, 1, from_.after[i].distance + shift_, before + i);
        }
        return set;
    }

private:
    struct Choice {
        bool used = false;
        bool kept = false;
    };

    void add(Pictures& pictures, int sign, int distance, std::ptrdiff_t choice) const
    {
        if (sign * distance > 0 && choices_[static_cast<std::size_t>(choice)].kept) {
            pictures.push_back({distance, choices_[static_cast<std::size_t>(choice)].used});
        }
    }

    const ShortTermSet& from_;
    int shift_;
    std::vector<Choice> choices_;
};

} // namespace

Rbsp::Rbsp(View nal, NalType type, const char* name)
{
    if (nal.size() < k_header_bytes || type_of(nal) != type || nal.front() >> 7U != 0) {
        throw Error(Errc::input, std::string("not a ") + name);
    }
    bytes = unescaped(nal);
    end = stop_bit(bytes);
}

BitWriter Rbsp::writer() const
{
    BitWriter out(bytes[0]);
    out.bits(bytes[1], 8);
    return out;
}

ShortTermSet read_short_term_set(BitReader& in, const std::vector<ShortTermSet>& known, bool in_slice)
{
    if (known.empty() || !in.flag("inter_ref_pic_set_prediction_flag")) {
        return read_own_set(in);
    }
    const int most_back = static_cast<int>(known.size());
    const int back = in_slice ? 1 + in.ue("delta_idx_minus1", most_back - 1) : 1;
    const bool negative = in.flag("delta_rps_sign");
    const int shift = 1 + in.ue("abs_delta_rps_minus1", k_most_distance - 1);
    const ShortTermSet& from = known[known.size() - static_cast<std::size_t>(back)];
    ShortTermSet set = PredictedSet(in, from, negative ? -shift : shift).set();
    if (set.size() > k_most_pictures) {
        throw Error(Errc::input, "st_ref_pic_set: more pictures than a decoder keeps");
    }
    return set;
}

Profile read_profile(BitReader& in, int sub_layers)
{
    Profile profile;
    for (std::uint8_t& byte : profile.bytes) {
        byte = static_cast<std::uint8_t>(in.bits(8, "profile_tier_level"));
    }
    std::vector<std::array<bool, 2>> present;
    for (int i = 0; i < sub_layers - 1; ++i) {
        const bool has_profile = in.flag("sub_layer_profile_present_flag");
        present.push_back({has_profile, in.flag("sub_layer_level_present_flag")});
    }
    if (sub_layers > 1) {
        in.bits(2 * (9 - sub_layers), "reserved_zero_2bits");
    }
    for (const auto& [has_profile, has_level] : present) {
        for (int i = 0; i < (has_profile ? 11 : 0) + (has_level ? 1 : 0); ++i) {
            in.bits(8, "sub_layer_profile");
        }
    }
    return profile;
}

void skip_scaling_lists(BitReader& in)
{
    for (int size = 0; size < 4; ++size) {
        for (int matrix = 0; matrix < 6; matrix += size == 3 ? 3 : 1) {
            if (!in.flag("scaling_list_pred_mode_flag")) {
                in.skip_ue("scaling_list_pred_matrix_id_delta");
                continue;
            }
            if (size > 1) {
                in.skip_se("scaling_list_dc_coef_minus8");
            }
            for (int i = 0; i < std::min(64, 1 << (4 + 2 * size)); ++i) {
                in.skip_se("scaling_list_delta_coef");
            }
        }
    }
}

int bits_for(int count) noexcept
{
    return count > 1 ? static_cast<int>(std::bit_width(static_cast<unsigned>(count - 1))) : 0;
}

} // namespace longtake::av::hevc
