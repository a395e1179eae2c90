#include "pipeline/av/bitstream/av1/sequence_header.h"

#include "pipeline/av/bitstream/bits.h"
#include "pipeline/base/error.h"

namespace longtake::av::av1 {
namespace {

constexpr int k_first_level_with_tiers = 8; ///< 4.0

/// Goes through the payload in the order of 5.5.1.
class SequenceReader {
public:
    explicit SequenceReader(View payload) : in_(payload, 8 * payload.size(), 0) {}

    SequenceHeader read()
    {
        out_.profile = bits(3, "seq_profile");
        out_.still = in_.flag("still_picture");
        out_.reduced = in_.flag("reduced_still_picture_header");
        if (out_.reduced) {
            out_.level_begin = in_.position();
            out_.level = bits(5, "seq_level_idx");
            out_.level_end = in_.position();
        } else {
            timing();
            operating_points();
        }
        sizes();
        tools();
        colours();
        out_.film_grain = in_.flag("film_grain_params_present");
        out_.end = in_.position();
        return out_;
    }

private:
    int bits(int count, const char* name) { return static_cast<int>(in_.bits(count, name)); }

    void timing()
    {
        if (!in_.flag("timing_info_present_flag")) {
            return;
        }
        in_.bits(32, "num_units_in_display_tick");
        in_.bits(32, "time_scale");
        if (in_.flag("equal_picture_interval")) {
            in_.skip_ue("num_ticks_per_picture_minus_1");
        }
        out_.buffer_model = in_.flag("decoder_model_info_present_flag");
        if (out_.buffer_model) {
            buffer_delay_bits_ = bits(5, "buffer_delay_length_minus_1") + 1;
            in_.bits(32, "num_units_in_decoding_tick");
            in_.bits(10, "buffer_removal_time_length_minus_1 and frame_presentation_time_length_minus_1");
        }
    }

    void operating_points()
    {
        const bool delays = in_.flag("initial_display_delay_present_flag");
        const int points = bits(5, "operating_points_cnt_minus_1") + 1;
        out_.layers = points > 1;
        for (int i = 0; i < points; ++i) {
            out_.layers = bits(12, "operating_point_idc") != 0 || out_.layers;
            const std::size_t begin = in_.position();
            const int level = bits(5, "seq_level_idx");
            const int tier = level >= k_first_level_with_tiers ? bits(1, "seq_tier") : 0;
            if (i == 0) {
                out_.level = level;
                out_.tier = tier;
                out_.level_begin = begin;
                out_.level_end = in_.position();
            }
            if (out_.buffer_model && in_.flag("decoder_model_present_for_this_op")) {
                in_.bits(buffer_delay_bits_, "decoder_buffer_delay");
                in_.bits(buffer_delay_bits_, "encoder_buffer_delay");
                in_.flag("low_delay_mode_flag");
            }
            if (delays && in_.flag("initial_display_delay_present_for_this_op")) {
                in_.bits(4, "initial_display_delay_minus_1");
            }
        }
    }

    void sizes()
    {
        out_.width_bits = bits(4, "frame_width_bits_minus_1") + 1;
        out_.height_bits = bits(4, "frame_height_bits_minus_1") + 1;
        out_.size.width = bits(out_.width_bits, "max_frame_width_minus_1") + 1;
        out_.size.height = bits(out_.height_bits, "max_frame_height_minus_1") + 1;
        if (!out_.reduced && in_.flag("frame_id_numbers_present_flag")) {
            out_.delta_frame_id_bits = bits(4, "delta_frame_id_length_minus_2") + 2;
            out_.frame_id_bits = out_.delta_frame_id_bits + bits(3, "additional_frame_id_length_minus_1") + 1;
        }
    }

    void tools()
    {
        in_.bits(3, "use_128x128_superblock, enable_filter_intra and enable_intra_edge_filter");
        if (!out_.reduced) {
            in_.bits(4, "enable_interintra_compound to enable_dual_filter");
            out_.order_hints = in_.flag("enable_order_hint");
            if (out_.order_hints) {
                in_.bits(2, "enable_jnt_comp and enable_ref_frame_mvs");
            }
            out_.screen_content_tools = chosen("seq_choose_screen_content_tools");
            if (out_.screen_content_tools > 0) {
                out_.integer_mv = chosen("seq_choose_integer_mv");
            }
            if (out_.order_hints) {
                out_.order_hint_bits = bits(3, "order_hint_bits_minus_1") + 1;
            }
        }
        out_.superres = in_.flag("enable_superres");
        in_.bits(2, "enable_cdef and enable_restoration");
    }

    int chosen(const char* name) { return in_.flag(name) ? k_said_by_frame : bits(1, name); }

    /// color_config, 5.5.2
    void colours()
    {
        const bool high = in_.flag("high_bitdepth");
        const bool twelve = out_.profile == 2 && high && in_.flag("twelve_bit");
        out_.bit_depth = twelve ? 12 : high ? 10 : 8;
        out_.monochrome = out_.profile != 1 && in_.flag("mono_chrome");
        out_.colour_begin = in_.position();
        if (in_.flag("color_description_present_flag")) {
            out_.colour.primaries = bits(8, "color_primaries");
            out_.colour.transfer = bits(8, "transfer_characteristics");
            out_.colour.matrix = bits(8, "matrix_coefficients");
        }
        const bool srgb = out_.colour == Colour{false, 1, 13, 0};
        out_.colour.full_range = (!out_.monochrome && srgb) || in_.flag("color_range");
        if (!out_.monochrome) {
            subsampling(srgb);
        }
        out_.colour_end = in_.position();
        if (!out_.monochrome) {
            in_.flag("separate_uv_delta_q");
        }
    }

    void subsampling(bool srgb)
    {
        if (srgb || out_.profile == 1) {
            out_.subsampled_x = out_.subsampled_y = false;
        } else if (out_.profile == 2) {
            out_.subsampled_x = out_.bit_depth < 12 || in_.flag("subsampling_x");
            out_.subsampled_y = out_.bit_depth == 12 && out_.subsampled_x && in_.flag("subsampling_y");
        }
        if (out_.subsampled_x && out_.subsampled_y) {
            out_.chroma_position = bits(2, "chroma_sample_position");
        }
    }

    BitReader in_;
    SequenceHeader out_;
    int buffer_delay_bits_ = 0;
};

} // namespace

SequenceHeader parse_sequence_header(View payload)
{
    return in_context("AV1 sequence header", [&] { return SequenceReader(payload).read(); });
}

Bytes with_common_words(View payload, const CommonWords& words)
{
    const SequenceHeader own = parse_sequence_header(payload);
    if (own.profile != 0 || own.monochrome || own.layers || own.reduced) {
        throw Error(Errc::input, "AV1 sequence header: of pictures that cannot be taken over; re-encode it");
    }
    BitWriter out;
    out.copy(payload, 0, own.level_begin);
    out.bits(in_range("seq_level_idx", words.level, 31), 5);
    if (words.level >= k_first_level_with_tiers) {
        out.bits(in_range("seq_tier", words.tier, 1), 1);
    }
    out.copy(payload, own.level_end, own.colour_begin);
    out.flag(true); // color_description_present_flag
    for (const int code_point : {k_bt709.primaries, k_bt709.transfer, k_bt709.matrix}) {
        out.bits(static_cast<std::uint32_t>(code_point), 8);
    }
    out.flag(k_bt709.full_range);
    out.bits(in_range("chroma_sample_position", words.chroma_position, 3), 2);
    out.copy(payload, own.colour_end, own.end);
    out.finish();
    return out.bytes();
}

} // namespace longtake::av::av1
