#include "pipeline/av/bitstream/av1/frame_header.h"

#include "pipeline/av/bitstream/bits.h"
#include "pipeline/base/error.h"

namespace longtake::av::av1 {
namespace {

constexpr int k_slots = 8;      ///< NUM_REF_FRAMES
constexpr int k_references = 7; ///< REFS_PER_FRAME, of a frame
constexpr unsigned k_all_slots = 0xff;

constexpr const char* k_changes = "its pictures change their size";
constexpr const char* k_scaled = "its pictures are to be shown at another size";

/// Goes through the header in the order of 5.9.2, as far as to the frame's size.
class FrameReader {
public:
    FrameReader(View payload, const SequenceHeader& sequence) : in_(payload, 8 * payload.size(), 0), sequence_(sequence)
    {
    }

    FrameHead head()
    {
        FrameHead head;
        if (sequence_.reduced) {
            head.shown = true;
            return head;
        }
        head.existing = in_.flag("show_existing_frame");
        if (!head.existing) {
            head.type = static_cast<FrameType>(in_.bits(2, "frame_type"));
            head.shown = in_.flag("show_frame");
        }
        return head;
    }

    std::string size_blocker()
    {
        const FrameHead frame = head();
        if (frame.existing) {
            return {};
        }
        const bool intra = frame.type == FrameType::key || frame.type == FrameType::intra_only;
        const bool resilient = resilience(frame);
        const bool sized = before_references(frame, intra, resilient);
        slots(frame, intra, resilient);
        if (!intra) {
            references();
        }
        if (!intra && sized && !resilient && size_of_a_reference()) {
            return {}; // which was looked at itself
        }
        return own_size(sized);
    }

private:
    bool resilience(const FrameHead& frame)
    {
        if (sequence_.reduced) {
            return true;
        }
        if (!frame.shown) {
            in_.flag("showable_frame");
        }
        return frame.type == FrameType::switching || frame.entry() || in_.flag("error_resilient_mode");
    }

    /// Whether the frame says its size.
    bool before_references(const FrameHead& frame, bool intra, bool resilient)
    {
        in_.flag("disable_cdf_update");
        const bool screen_content = sequence_.screen_content_tools == k_said_by_frame
                                        ? in_.flag("allow_screen_content_tools")
                                        : sequence_.screen_content_tools != 0;
        if (screen_content && sequence_.integer_mv == k_said_by_frame) {
            in_.flag("force_integer_mv");
        }
        in_.bits(sequence_.frame_id_bits, "current_frame_id");
        const bool sized =
            frame.type == FrameType::switching || (!sequence_.reduced && in_.flag("frame_size_override_flag"));
        in_.bits(sequence_.order_hint_bits, "order_hint");
        if (!intra && !resilient) {
            in_.bits(3, "primary_ref_frame");
        }
        return sized;
    }

    void slots(const FrameHead& frame, bool intra, bool resilient)
    {
        const bool all = frame.type == FrameType::switching || frame.entry();
        const unsigned refreshed = all ? k_all_slots : in_.bits(8, "refresh_frame_flags");
        if ((!intra || refreshed != k_all_slots) && resilient && sequence_.order_hints) {
            for (int i = 0; i < k_slots; ++i) {
                in_.bits(sequence_.order_hint_bits, "ref_order_hint");
            }
        }
    }

    void references()
    {
        const bool derived = sequence_.order_hints && in_.flag("frame_refs_short_signaling");
        if (derived) {
            in_.bits(6, "last_frame_idx and gold_frame_idx");
        }
        for (int i = 0; i < k_references; ++i) {
            if (!derived) {
                in_.bits(3, "ref_frame_idx");
            }
            in_.bits(sequence_.delta_frame_id_bits, "delta_frame_id_minus_1");
        }
    }

    bool size_of_a_reference()
    {
        for (int i = 0; i < k_references; ++i) {
            if (in_.flag("found_ref")) {
                return true;
            }
        }
        return false;
    }

    std::string own_size(bool sized)
    {
        Size size = sequence_.size;
        if (sized) {
            size.width = static_cast<int>(in_.bits(sequence_.width_bits, "frame_width_minus_1")) + 1;
            size.height = static_cast<int>(in_.bits(sequence_.height_bits, "frame_height_minus_1")) + 1;
        }
        if (sequence_.superres && in_.flag("use_superres")) {
            in_.bits(3, "coded_denom"); // decoders bring it back to its width
        }
        if (!(size == sequence_.size)) {
            return k_changes;
        }
        if (in_.flag("render_and_frame_size_different")) {
            const Size shown{static_cast<int>(in_.bits(16, "render_width_minus_1")) + 1,
                             static_cast<int>(in_.bits(16, "render_height_minus_1")) + 1};
            return shown == size ? "" : k_scaled;
        }
        return {};
    }

    BitReader in_;
    const SequenceHeader& sequence_;
};

} // namespace

FrameHead parse_frame_head(View payload, const SequenceHeader& sequence)
{
    return in_context("AV1 frame header", [&] { return FrameReader(payload, sequence).head(); });
}

std::string size_blocker(View payload, const SequenceHeader& sequence)
{
    return in_context("AV1 frame header", [&] { return FrameReader(payload, sequence).size_blocker(); });
}

} // namespace longtake::av::av1
