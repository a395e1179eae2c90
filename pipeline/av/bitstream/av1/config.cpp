#include "pipeline/av/bitstream/av1/config.h"

#include "pipeline/av/bitstream/av1/obu.h"
#include "pipeline/av/bitstream/av1/sequence_header.h"
#include "pipeline/av/bitstream/bits.h"

namespace longtake::av::av1 {
namespace {

constexpr std::uint8_t k_version = 0x81; ///< marker and version 1; no OBU begins so, whose first bit is 0
constexpr std::size_t k_record_bytes = 4;

} // namespace

Bytes sequence_header_in(View obus)
{
    for (const Obu& obu : split_obus(obus)) {
        if (obu.type == ObuType::sequence_header) {
            return {obu.payload.begin(), obu.payload.end()};
        }
    }
    return {};
}

Bytes sequence_header_of(View extradata)
{
    const bool record = extradata.size() >= k_record_bytes && extradata.front() == k_version;
    return sequence_header_in(record ? extradata.subspan(k_record_bytes) : extradata);
}

Bytes build_config(View sequence_header)
{
    const SequenceHeader sequence = parse_sequence_header(sequence_header);
    BitWriter out;
    out.bits(k_version, 8);
    out.bits(static_cast<std::uint32_t>(sequence.profile), 3);
    out.bits(static_cast<std::uint32_t>(sequence.level), 5);
    out.bits(static_cast<std::uint32_t>(sequence.tier), 1);
    out.flag(sequence.bit_depth > 8);
    out.flag(sequence.bit_depth > 10);
    out.flag(sequence.monochrome);
    out.flag(sequence.subsampled_x);
    out.flag(sequence.subsampled_y);
    out.bits(static_cast<std::uint32_t>(sequence.chroma_position), 2);
    out.bits(0, 8); // no initial_presentation_delay
    Bytes record = out.bytes();
    append_obu(record, ObuType::sequence_header, sequence_header);
    return record;
}

} // namespace longtake::av::av1
