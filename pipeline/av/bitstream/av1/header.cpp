#include "pipeline/av/bitstream/av1/header.h"

#include "pipeline/av/bitstream/av1/config.h"
#include "pipeline/av/bitstream/av1/frame_header.h"
#include "pipeline/base/error.h"
#include "pipeline/base/hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

namespace longtake::av::av1 {
namespace {

constexpr int k_kept_frames = 8; ///< that any may refer to: NUM_REF_FRAMES

constexpr const char* k_layered = "it has several layers";

std::string sequence_blocker(const SequenceHeader& sequence)
{
    if (sequence.still || sequence.reduced) {
        return "it is a still picture";
    }
    if (sequence.profile != 0 || sequence.monochrome) {
        return "it is not 8-bit or 10-bit 4:2:0";
    }
    if (sequence.layers) {
        return k_layered;
    }
    if (sequence.buffer_model) {
        return "its buffer model would not hold in another stream";
    }
    return colour_blocker(sequence.colour, sequence.size);
}

bool has_frame_header(ObuType type)
{
    return type == ObuType::frame || type == ObuType::frame_header;
}

void block_copy(CodedPicture& seen, const std::string& blocker)
{
    if (seen.copy_blocker.empty()) {
        seen.copy_blocker = blocker;
    }
}

/// A number for a sequence header, the same for the same one.
int number_of(View payload)
{
    const std::string_view text(reinterpret_cast<const char*>(payload.data()), payload.size());
    return static_cast<int>(std::hash<std::string_view>()(text));
}

} // namespace

Header::Header(View extradata, View first) : payload_(sequence_header_in(first))
{
    if (payload_.empty()) {
        payload_ = sequence_header_of(extradata);
    }
    if (payload_.empty()) {
        throw Error(Errc::input, "it has no sequence header");
    }
    sequence_ = parse_sequence_header(payload_);
    copy_blocker_ = sequence_blocker(sequence_);
}

std::string Header::copy_blocker() const
{
    return copy_blocker_;
}

std::string Header::identity() const
{
    return sha256_of(std::string(payload_.begin(), payload_.end()));
}

std::string Header::pixel_format() const
{
    if (sequence_.monochrome || !sequence_.subsampled_x || !sequence_.subsampled_y) {
        return {};
    }
    return sequence_.bit_depth == 8 ? "yuv420p" : fmt::format("yuv420p{}le", sequence_.bit_depth);
}

int Header::references() const
{
    return k_kept_frames;
}

CodedPicture Header::look_at(View packet, bool /*key*/) const
{
    CodedPicture seen;
    seen.parameter_set = number_of(payload_);
    bool first = true;
    for (const Obu& obu : split_obus(packet)) {
        look_into(obu, seen);
        if (has_frame_header(obu.type)) {
            look_into_frame(obu, std::exchange(first, false), seen);
        }
    }
    return seen;
}

void Header::look_into(const Obu& obu, CodedPicture& seen) const
{
    if (obu.layered) {
        return block_copy(seen, k_layered);
    }
    if (obu.type == ObuType::tile_list) {
        return block_copy(seen, "it is made of lists of tiles");
    }
    if (obu.type == ObuType::sequence_header) {
        seen.parameter_set = number_of(obu.payload);
        if (!std::ranges::equal(obu.payload, payload_)) {
            block_copy(seen, "its sequence header changes on the way");
        }
    }
}

/// `first`: of its packet.
void Header::look_into_frame(const Obu& obu, bool first, CodedPicture& seen) const
{
    const FrameHead frame = parse_frame_head(obu.payload, sequence_);
    if (first) {
        seen.entry = seen.restart = frame.entry();
    }
    seen.pictures += frame.existing || frame.shown ? 1 : 0;
    if (!copy_blocker_.empty() || !seen.copy_blocker.empty()) {
        return;
    }
    try {
        block_copy(seen, size_blocker(obu.payload, sequence_));
    } catch (const Error& error) {
        block_copy(seen, error.what());
    }
}

Header::Rewritten Header::rewritten(View packet, const CommonWords& words) const
{
    Rewritten out;
    bool described = false;
    bool first = true;
    const auto describe = [&](View payload) {
        append_obu(out.unit, ObuType::sequence_header, with_common_words(payload, words));
        described = true;
    };
    for (const Obu& obu : split_obus(packet)) {
        if (obu.type == ObuType::sequence_header) {
            describe(obu.payload);
            continue;
        }
        if (is_left_out(obu.type)) {
            continue;
        }
        if (has_frame_header(obu.type) && std::exchange(first, false)) {
            out.entry = parse_frame_head(obu.payload, sequence_).entry();
            if (out.entry && !described) {
                describe(payload_);
            }
        }
        out.unit.insert(out.unit.end(), obu.whole.begin(), obu.whole.end());
    }
    return out;
}

bool Header::same_picture(View packet, bool /*begins*/, const StreamHeader& source, View original) const
{
    const auto& from = dynamic_cast<const Header&>(source);
    return std::ranges::equal(packet, from.rewritten(original, words()).unit);
}

} // namespace longtake::av::av1
