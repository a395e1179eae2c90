#include "pipeline/av/bitstream/hevc/slice.h"

#include "pipeline/av/bitstream/hevc/slice_header.h"
#include "pipeline/base/error.h"

#include <algorithm>
#include <string>

namespace longtake::av::hevc {
namespace {

constexpr const char* k_slice = "HEVC slice";

/// What is read before the rest of a header: at most 2 flags, an address of 22 bits, 8 reserved ones and three
/// Exp-Golomb numbers of 63 bits, which are 30 bytes; at most every third byte is there to prevent emulation.
constexpr std::size_t k_head_bytes = 64;

/// Long enough for the headers there usually are: the rest is unescaped only where this does not suffice.
constexpr std::size_t k_usual_header = 2048;

void expect_slice(View nal)
{
    if (nal.size() <= k_header_bytes || nal.front() >> 7U != 0 || !is_slice(type_of(nal)) || layer_of(nal) != 0) {
        throw Error(Errc::input, "not a slice");
    }
}

Bytes beginning_of(View slice, std::size_t bytes)
{
    expect_slice(slice);
    return unescaped(slice.first(std::min(slice.size(), bytes)));
}

/// How many bytes of a NAL unit hold the first `size` bytes of its RBSP.
std::size_t escaped_size(View nal, std::size_t size)
{
    std::size_t at = 0;
    for (int zeros = 0; size > 0; ++at) {
        const std::uint8_t byte = nal[at];
        if (zeros >= 2 && byte == 3) {
            zeros = 0;
            continue;
        }
        zeros = byte == 0 ? zeros + 1 : 0;
        --size;
    }
    return at;
}

std::uint8_t other_type(std::uint8_t first_byte, NalType type)
{
    return static_cast<std::uint8_t>((first_byte & 0x81U) | static_cast<unsigned>(type) << 1U);
}

/// The first byte of the header of a slice that follows a splice.
std::uint8_t first_byte(std::uint8_t own, NalType type, bool spliced)
{
    return spliced && (type == NalType::cra || is_bla(type)) ? other_type(own, NalType::bla_n_lp) : own;
}

Bytes rewrite_from(View nal, const Bytes& rbsp, const Sps& sps, const Pps& pps, const SliceChange& change)
{
    SliceHeaderReader header(rbsp, sps, pps);
    header.head();
    header.rest();
    const std::size_t header_end = header.position();
    header.alignment();
    const std::size_t data = escaped_size(nal, header.position() / 8);
    if (data >= nal.size()) {
        throw Error(Errc::input, "slice_segment_data: missing");
    }

    const int pps_id = change.pps_id.value_or(header.slice.pps_id);
    if (pps_id < 0 || pps_id > k_most_pps_id) {
        throw Error(Errc::internal, "slice_pic_parameter_set_id: " + std::to_string(pps_id) + " is not in 0..63");
    }
    BitWriter out(first_byte(rbsp[0], header.slice.type, change.spliced));
    out.bits(rbsp[1], 8);
    out.flag(header.slice.first);
    if (is_entry(header.slice.type)) {
        out.flag(header.slice.drops_earlier && !change.spliced);
    }
    out.ue(static_cast<std::uint32_t>(pps_id));
    out.copy(rbsp, header.pps_end, header_end);
    out.finish(); // byte_alignment() is written like rbsp_trailing_bits: the last byte has its one in it
    Bytes result = out.nal();
    result.insert(result.end(), nal.begin() + static_cast<std::ptrdiff_t>(data), nal.end());
    return result;
}

Bytes rewrite(View nal, const Sps& sps, const Pps& pps, const SliceChange& change)
{
    if (sps.extended || pps.extended) {
        throw Error(Errc::input, "extensions cannot be taken over; re-encode it");
    }
    try {
        return rewrite_from(nal, beginning_of(nal, k_usual_header), sps, pps, change);
    } catch (const Error&) {
        if (nal.size() <= k_usual_header) {
            throw;
        }
        return rewrite_from(nal, beginning_of(nal, nal.size()), sps, pps, change);
    }
}

} // namespace

int pps_id_of(View slice)
{
    return in_context(k_slice, [&] {
        const Bytes head = beginning_of(slice, k_head_bytes);
        BitReader in(head, 8 * head.size(), k_header_bytes);
        in.flag("first_slice_segment_in_pic_flag");
        if (is_entry(type_of(slice))) {
            in.flag("no_output_of_prior_pics_flag");
        }
        return in.ue("slice_pic_parameter_set_id", k_most_pps_id);
    });
}

Slice parse_slice(View slice, const Sps& sps, const Pps& pps)
{
    return in_context(k_slice, [&] {
        const Bytes head = beginning_of(slice, k_head_bytes);
        SliceHeaderReader header(head, sps, pps);
        header.head();
        return header.slice;
    });
}

Bytes rewritten(View slice, const Sps& sps, const Pps& pps, const SliceChange& change)
{
    return in_context(k_slice, [&] { return rewrite(slice, sps, pps, change); });
}

} // namespace longtake::av::hevc
